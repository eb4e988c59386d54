"""Roots of a log's complete subtrees of 256, 65,536 and more leaves, so that a proof is short work.

A proof needs the roots of O(log n) spans. Within 256 leaves they are made from the lines; above,
from the roots kept here, of which each 256 make one of the level above. So a proof reads at most
256 lines and 256 roots for each factor of 256 that the log has grown by. The lines are the truth:
a root can always be made again, and where one is not kept yet it is.
"""

from __future__ import annotations

from localresponse.client.tree import (
    Span,
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    node_hash,
    root_of,
    split,
)
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    func,
    insert,
    select,
)

from services.outcomes.agreements.storage import Agreement
from services.outcomes.errors import ProofOutOfRange
from services.outcomes.feeds import reading
from services.outcomes.storage.metadata import metadata

HEIGHT = 8
"""Levels of the tree between two that are kept."""

WIDTH = 1 << HEIGHT
_AT_ONCE = 40

FEED_NODE = Table(
    "feed_node",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("feed_id", String(36), primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)


def keep(connection: Connection, agreement: Agreement) -> bool:
    """Keep the roots of the next complete subtrees; False when there are none."""
    found = False
    level, items = HEIGHT, reading.size_of(connection, agreement)
    while items >= WIDTH:
        done = _kept(connection, agreement, level)
        until = min(items // WIDTH, done + _AT_ONCE)
        nodes = Nodes(connection, agreement)
        rows = [
            {
                "tenant": agreement.tenant,
                "feed_id": agreement.id,
                "level": level,
                "place": place,
                "hash": root_of(nodes.below(level, place)),
            }
            for place in range(done, until)
        ]
        if rows:
            connection.execute(insert(FEED_NODE), rows)
            found = True
        level, items = level + HEIGHT, until
    return found


class Nodes:
    """The tree of a feed's log, read as far as a proof needs it.

    Args:
        connection: A reader's.
        agreement: Whose feed.
    """

    def __init__(self, connection: Connection, agreement: Agreement) -> None:
        self._connection = connection
        self._agreement = agreement
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def root(self, span: Span) -> bytes:
        """Return the root over a span that a proof names; such spans begin at a subtree's first."""
        low, high = span
        count = high - low
        if count & (count - 1) == 0:
            return self._complete(count.bit_length() - 1, low)
        middle = low + split(count)
        return node_hash(self.root((low, middle)), self.root((middle, high)))

    def below(self, level: int, place: int) -> list[bytes]:
        """Return the 256 hashes, fewer at the log's end, that a kept root stands over."""
        if (level, place) not in self._read:
            self._read[level, place] = self._hashes(level - HEIGHT, place * WIDTH)
        return self._read[level, place]

    def _complete(self, level: int, first: int) -> bytes:
        kept = level - level % HEIGHT
        at, count = first >> kept, 1 << (level - kept)
        start = at % WIDTH
        return root_of(self.below(kept + HEIGHT, at // WIDTH)[start : start + count])

    def _hashes(self, level: int, first: int) -> list[bytes]:
        """Return hashes of a level that is kept, or of leaves, from `first` on."""
        if level == 0:
            size = reading.size_of(self._connection, self._agreement)
            until = min(first + WIDTH, size)
            texts = reading.texts(self._connection, self._agreement, until, after=first)
            return [leaf_hash(line.encode()) for text in texts for line in text.splitlines()]
        table = FEED_NODE.c
        query = (
            select(table.hash)
            .where(
                table.tenant == self._agreement.tenant,
                table.feed_id == self._agreement.id,
                table.level == level,
                table.place >= first,
                table.place < first + WIDTH,
            )
            .order_by(table.place)
        )
        held = [bytes(each) for each in self._connection.execute(query).scalars()]
        return held + self._not_kept(level, first + len(held), first + WIDTH)

    def _not_kept(self, level: int, first: int, until: int) -> list[bytes]:
        """Return the roots that are complete and were not kept yet."""
        size = reading.size_of(self._connection, self._agreement)
        return [root_of(self.below(level, at)) for at in range(first, min(until, size >> level))]


def proofs(
    connection: Connection, agreement: Agreement, size: int, *, feed_seq: int, earlier: int
) -> tuple[list[bytes], list[bytes]]:
    """Return the proofs of inclusion of an item, and of consistency with an earlier size.

    Raises:
        ProofOutOfRange: The log never had that size, or no such item at it.
    """
    if max(size, feed_seq, earlier) > min(size, reading.size_of(connection, agreement)):
        raise ProofOutOfRange(f"the log has no such item or size up to {size}", size=size)
    nodes = Nodes(connection, agreement)
    included = inclusion_spans(size, feed_seq - 1) if feed_seq else []
    grown = consistency_spans(size, earlier) if earlier else []
    return [nodes.root(span) for span in included], [nodes.root(span) for span in grown]


def _kept(connection: Connection, agreement: Agreement, level: int) -> int:
    table = FEED_NODE.c
    query = select(func.count()).where(
        table.tenant == agreement.tenant,
        table.feed_id == agreement.id,
        table.level == level,
    )
    return int(connection.execute(query).scalar_one())
