"""What status may follow what: forwards only, and nothing after a final one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.notify.domain.words import Status

_DROPPED = {Status.CANCELLED, Status.SUPPRESSED, Status.TECHNICAL_FAILURE}

NEXT: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.QUEUED: frozenset({Status.HELD, Status.SENDING, *_DROPPED}),
        Status.HELD: frozenset(
            {
                Status.SENDING,
                Status.SENT,
                Status.DELIVERED,
                Status.TEMPORARY_FAILURE,
                Status.PERMANENT_FAILURE,
                *_DROPPED,
            }
        ),
        Status.SENDING: frozenset(
            {
                Status.QUEUED,
                Status.SENDING,
                Status.SENT,
                Status.DELIVERED,
                Status.TEMPORARY_FAILURE,
                Status.PERMANENT_FAILURE,
                *_DROPPED,
            }
        ),
        Status.TEMPORARY_FAILURE: frozenset(
            {
                Status.SENDING,
                Status.DELIVERED,
                Status.PERMANENT_FAILURE,
                *_DROPPED,
            }
        ),
        Status.SENT: frozenset(
            {
                Status.DELIVERED,
                Status.TEMPORARY_FAILURE,
                Status.PERMANENT_FAILURE,
                Status.TECHNICAL_FAILURE,
            }
        ),
    }
)
"""`held` ends as its digest ends; `sending` goes back to `queued` only when its attempt was given
up before the provider was called; `temporary_failure` is followed while an attempt is planned."""

FINAL = frozenset(Status) - frozenset(NEXT)
"""Nothing follows these."""

WAITING = frozenset({Status.QUEUED, Status.HELD, Status.TEMPORARY_FAILURE})
"""A message in one of these can be cancelled, as long as an attempt is planned."""

FAILED = frozenset({Status.TEMPORARY_FAILURE, Status.PERMANENT_FAILURE, Status.TECHNICAL_FAILURE})
"""With no attempt planned, the board's failures."""


def may_follow(now: Status, then: Status) -> bool:
    """Return whether a message in `now` may come to stand at `then`."""
    return then in NEXT.get(now, frozenset())
