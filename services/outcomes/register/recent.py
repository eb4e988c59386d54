"""Blocks that a reader unpacked before and that have not changed since.

Windows of many episodes read the same registers again and again, and a block that has the same
version is the same block. Each read still asks the database for every version, so nothing that
is out of date is ever used.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from services.outcomes.register import storage
from services.outcomes.register.domain.blocks import Block
from services.outcomes.register.storage import REGISTER_BLOCK, Held

BYTES_MAX = 64 << 20
"""Of marks, in each database's readers: the registers of some 90,000 children for a year."""

_IN_MAX = 500
_Key = tuple[str, str, int]


class _Recent:
    """The blocks of one database, forgotten all at once when they become too many."""

    def __init__(self) -> None:
        self._held: dict[_Key, Held] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: _Key, version: int) -> Held | None:
        """Return a block when its version is the one asked."""
        held = self._held.get(key)
        return held if held is not None and held.version == version else None

    def keep(self, tenant: str, held: Held) -> None:
        """Keep a block, in place of an earlier version."""
        size = held.block.codes.nbytes + held.block.numbers.nbytes
        with self._lock:
            if self._bytes + size > BYTES_MAX:
                self._held, self._bytes = {}, 0
            if (tenant, held.urn, held.week) not in self._held:
                self._bytes += size
            self._held[tenant, held.urn, held.week] = held


_BY_DATABASE: WeakKeyDictionary[Engine, _Recent] = WeakKeyDictionary()


def blocks(connection: Connection, tenant: str, urns: Sequence[str]) -> Iterable[Held]:
    """Return the blocks of schools as they are now, in order of school and week."""
    if not connection.get_execution_options().get("committed_only"):
        return storage.blocks(connection, tenant, urns=urns)
    kept = _BY_DATABASE.setdefault(connection.engine, _Recent())
    versions = _versions(connection, tenant, urns)
    found = {key: kept.get((tenant, *key), version) for key, version in versions}
    changed = sorted({key[0] for key, held in found.items() if held is None})
    for held in _sharing(storage.blocks(connection, tenant, urns=changed)):
        found[held.urn, held.week] = held
        kept.keep(tenant, held)
    return [held for held in found.values() if held is not None]


def _versions(
    connection: Connection, tenant: str, urns: Sequence[str]
) -> list[tuple[tuple[str, int], int]]:
    table, found = REGISTER_BLOCK.c, []
    for start in range(0, len(urns), _IN_MAX):
        query = (
            select(table.urn, table.week, table.version)
            .where(table.tenant == tenant, table.urn.in_(urns[start : start + _IN_MAX]))
            .order_by(table.urn, table.week)
        )
        rows = connection.execute(query).all()
        found += [((urn, week), version) for urn, week, version in rows]
    return found


def _sharing(every: Iterable[Held]) -> Iterable[Held]:
    """Let the weeks of a school with the same children share one array of them."""
    before: Held | None = None
    for held in every:
        numbers = held.block.numbers
        if before is not None and before.block.numbers.tobytes() == numbers.tobytes():
            block = Block(before.block.numbers, held.block.codes)
            before = Held(held.urn, held.week, block, held.version, held.changed_at)
        else:
            before = held
        yield before
