"""For those who receive data from localresponse: reading feeds, resuming, and checking them.

Installed as `localresponse.client`. It needs the public key of the feed, never a secret of the
council's, and it checks without the network.
"""

from __future__ import annotations

from localresponse.client.note import Checkpoint, NoteInvalid, PublicKey, checkpoints_in
from localresponse.client.reading import AsyncFeedReader, FeedReader, FeedRefused, Page
from localresponse.client.verifying import Finding, Report, verify_feed

__all__ = [
    "AsyncFeedReader",
    "Checkpoint",
    "FeedReader",
    "FeedRefused",
    "Finding",
    "NoteInvalid",
    "Page",
    "PublicKey",
    "Report",
    "checkpoints_in",
    "verify_feed",
]
