"""An evaluator's program, to be killed: `python -m tests.outcomes.feeds.receiver URL FEED FILE N`.

It reads with `localresponse.client` and keeps each page's lines and cursor in one transaction of
its own. The token comes on stdin, for arguments are seen by others; when stdin ends, it reads what
is left and leaves. An item that is kept already breaks the transaction: nothing is passed over.
"""

from __future__ import annotations

import select
import sqlite3
import sys

from localresponse.client import FeedReader

_AGAIN_S = 0.02


def store(file: str) -> sqlite3.Connection:
    """Open what was kept, made at the first start."""
    kept = sqlite3.connect(file, isolation_level=None)
    kept.execute("PRAGMA journal_mode=WAL")
    kept.execute("PRAGMA synchronous=FULL")
    kept.execute("CREATE TABLE IF NOT EXISTS item (feed_seq INTEGER PRIMARY KEY, line TEXT)")
    kept.execute("CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY, cursor TEXT)")
    return kept


def receive(reader: FeedReader, kept: sqlite3.Connection) -> None:
    """Keep everything after the cursor up to the present end."""
    row = kept.execute("SELECT cursor FROM place").fetchone()
    for page in reader.pages(row[0] if row else ""):
        rows = [(item.feed_seq, line) for item, line in zip(page.items, page.lines, strict=True)]
        kept.execute("BEGIN IMMEDIATE")
        kept.executemany("INSERT INTO item VALUES (?, ?)", rows)
        kept.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (page.cursor,))
        kept.execute("COMMIT")


def main(url: str, feed_id: str, file: str, page_size: str) -> None:
    """Receive so many items a page until stdin ends."""
    kept, token = store(file), sys.stdin.readline().strip()
    with FeedReader(url, token, feed_id=feed_id, page_size=int(page_size)) as reader:
        sys.stdout.write("receiving\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], _AGAIN_S)[0]:
            receive(reader, kept)
        receive(reader, kept)


if __name__ == "__main__":
    main(*sys.argv[1:5])
