"""Registers that a reader unpacked before and that have not changed since.

Windows of many episodes read the same registers again and again. A version of a block only ever
grows and a block is never removed, so a school whose blocks and versions add up to the same is
the same; each read still asks the database for those sums, and nothing out of date is used.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select

from services.outcomes.register import storage
from services.outcomes.register.domain.strips import Strip, strips
from services.outcomes.register.storage import REGISTER_BLOCK

BYTES_MAX = 64 << 20
"""Of marks, in each database's readers: the registers of some 90,000 children for a year."""

_IN_MAX = 500
_State = tuple[int, int]
"""How many blocks a school has, and the sum of their versions."""


class _Recent:
    """The registers of one database, forgotten all at once when they become too many."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[_State, list[Strip]]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, tenant: str, urn: str, state: _State) -> list[Strip] | None:
        """Return a school's register when it is in the state asked."""
        known, register = self._held.get((tenant, urn), (None, []))
        return register if known == state else None

    def keep(self, tenant: str, urn: str, state: _State, register: list[Strip]) -> None:
        """Keep a register, in place of an earlier one."""
        size = sum(strip.nbytes for strip in register)
        with self._lock:
            if self._bytes + size > BYTES_MAX:
                self._held, self._bytes = {}, 0
            _, before = self._held.get((tenant, urn), (None, []))
            self._bytes += size - sum(strip.nbytes for strip in before)
            self._held[tenant, urn] = (state, register)


_BY_DATABASE: WeakKeyDictionary[Engine, _Recent] = WeakKeyDictionary()


def registers(connection: Connection, tenant: str, urns: Sequence[str]) -> Iterator[Strip]:
    """Return the registers of schools as they are now, in order of school and week."""
    if not connection.get_execution_options().get("committed_only"):
        for _, register in _read(connection, tenant, urns):
            yield from register[1]
        return
    kept = _BY_DATABASE.setdefault(connection.engine, _Recent())
    states = _states(connection, tenant, urns)
    found = {urn: kept.get(tenant, urn, state) for urn, state in states.items()}
    changed = [urn for urn, register in found.items() if register is None]
    for urn, (state, fresh) in _read(connection, tenant, changed):
        found[urn] = fresh
        kept.keep(tenant, urn, state, fresh)
    for urn in sorted(found):
        yield from found[urn] or ()


def _read(
    connection: Connection, tenant: str, urns: Sequence[str]
) -> Iterator[tuple[str, tuple[_State, list[Strip]]]]:
    """Yield each school's register with the state that it was read in."""
    held = storage.blocks(connection, tenant, urns=urns)
    for urn, weeks in groupby(held, key=attrgetter("urn")):
        every = list(weeks)
        state = len(every), sum(one.version for one in every)
        yield urn, (state, list(strips((one.urn, one.week, one.block) for one in every)))


def _states(connection: Connection, tenant: str, urns: Sequence[str]) -> dict[str, _State]:
    table, found = REGISTER_BLOCK.c, {}
    for start in range(0, len(urns), _IN_MAX):
        query = (
            select(table.urn, func.count(), func.sum(table.version))
            .where(table.tenant == tenant, table.urn.in_(urns[start : start + _IN_MAX]))
            .group_by(table.urn)
        )
        for urn, count, versions in connection.execute(query).all():
            found[urn] = (int(count), int(versions))
    return found
