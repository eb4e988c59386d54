"""One authority's figures, made again by DuckDB from the raw marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.outcomes.reference.calendars import bank_holidays
from services.outcomes.reference.codes import CODES
from services.outcomes.verification import raw, statements
from services.outcomes.verification.findings import Difference, Kind
from services.outcomes.verification.raw import Key, Overlays, StoredBlock

_SCHOOLS_AT_ONCE = 16
_WIDTH = 14

Counters = dict[tuple[int, int, int], tuple[int, ...]]
"""Child, academic year, half-term -> eight counters."""


class Recompute:
    """What the raw marks of an authority come to.

    Args:
        connection: To read the facts with.
        tenant: The authority.

    Attributes:
        found: What is wrong with blocks and overlays.
        damaged: Schools whose figures cannot be compared until that is mended.
    """

    def __init__(self, connection: Connection, tenant: str) -> None:
        self._connection = connection
        self._tenant = tenant
        self._duck = duckdb.connect()
        self._duck.execute("SET threads TO 1")
        self._duck.execute(statements.TABLES)
        self.found: list[Difference] = []
        self.damaged: set[str] = set()
        self.urns = raw.schools(connection, tenant)

    def run(self) -> None:
        """Fold and count every school, some at a time so that memory stays flat."""
        self._load_codes()
        self._load_terms()
        for start in range(0, len(self.urns), _SCHOOLS_AT_ONCE):
            self._some(self.urns[start : start + _SCHOOLS_AT_ONCE])

    def close(self) -> None:
        """Forget everything."""
        self._duck.close()

    def _load_codes(self) -> None:
        classes = {letters: name for name, every in statements.CLASSES.items() for letters in every}
        rows = [(code.index, code.code, classes[code.code]) for code in CODES]
        self._duck.executemany("INSERT INTO code_class VALUES (?, ?, ?)", rows)

    def _load_terms(self) -> None:
        every = list(raw.spans(self._connection, self._tenant))
        rows = [
            (urn, bool(span[0]), *span[1:])
            for urn in self.urns
            for span in every
            if span[0] in {"", urn}
        ]
        if rows:
            columns = list(zip(*rows, strict=True))
            names = ("urn", "own", "number", "first_day", "last_day", "kind", "sessions")
            self._insert("span", pa.table(dict(zip(names, columns, strict=True))))
            self._insert("bank_holiday", pa.table({"day": sorted(bank_holidays())}))
            self._duck.execute(statements.SPOKEN)
            self._duck.execute(statements.TERMS)

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._duck.register("given", rows)
        self._duck.execute(statements.INSERTS[table])
        self._duck.unregister("given")

    def _some(self, urns: Sequence[str]) -> None:
        history = raw.overlays(self._connection, self._tenant, urns)
        self._duck.execute(statements.EMPTIED)
        for table, parts in (("overlay_mark", history.marks), ("overlay_child", history.children)):
            if parts:
                self._insert(table, pa.concat_tables(parts))
        self._duck.execute(statements.FOLD)
        stored = raw.blocks(self._connection, self._tenant, urns)
        found = [*history.found, *self._blocks(stored, history)]
        self.found += found
        self.damaged.update(one.place.split(",")[0].removeprefix("school ") for one in found)
        self._duck.execute(statements.COUNT)
        self._duck.execute(statements.COUNT_YEARS)

    def _blocks(self, stored: Mapping[Key, StoredBlock], history: Overlays) -> list[Difference]:
        """Compare each block with the fold of its overlays, byte for byte."""
        found = []
        folded = self._folded()
        for key in sorted({*stored, *history.versions}):
            place = f"school {key[0]}, week {key[1]}"
            block, versions = stored.get(key), history.versions.get(key, 0)
            if block is None:
                found.append(
                    Difference(self._tenant, Kind.BLOCK, place, "no block", f"{versions} changes")
                )
                continue
            if block.version != versions:
                found.append(
                    Difference(
                        self._tenant,
                        Kind.HISTORY,
                        place,
                        f"version {block.version}",
                        f"{versions} changes",
                    )
                )
            children, codes = folded.get(key, (b"", b""))
            for name, ours, theirs in (
                ("children", block.children, children),
                ("codes", block.codes, codes),
            ):
                if ours != theirs:
                    found.append(self._bytes(f"{place}, {name}", ours, theirs))
        return found

    def _bytes(self, place: str, ours: bytes, theirs: bytes) -> Difference:
        pairs = enumerate(zip(ours, theirs, strict=False))
        first = next((at for at, pair in pairs if pair[0] != pair[1]), min(len(ours), len(theirs)))
        return Difference(
            self._tenant,
            Kind.BLOCK,
            f"{place}, byte {first}",
            f"{ours[first : first + 1].hex() or 'the end'} of {len(ours)}",
            f"{theirs[first : first + 1].hex() or 'the end'} of {len(theirs)}",
        )

    def _folded(self) -> dict[Key, tuple[bytes, bytes]]:
        """Return the bytes that each block should hold."""
        children = self._columns("SELECT DISTINCT urn, week, child FROM overlay_child ORDER BY ALL")
        marks = self._columns("SELECT urn, week, child, position, code FROM mark ORDER BY ALL")
        starts = _starts(children)
        held = dict(zip(_keys(marks, _starts(marks)), _slices(marks), strict=True))
        found = {}
        for key, here in zip(_keys(children, starts), _slices(children), strict=True):
            numbers = children["child"][here]
            codes = np.zeros((len(numbers), _WIDTH), np.uint8)
            if key in held:
                mine = held[key]
                rows = np.searchsorted(numbers, marks["child"][mine])
                codes[rows, marks["position"][mine]] = marks["code"][mine]
            found[key] = (numbers.astype("<i4").tobytes(), codes.tobytes())
        return found

    def _columns(self, query: str) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = self._duck.execute(query).fetchnumpy()
        return found

    def by_child(self) -> Counters:
        """Return the counters of every child and half-term in schools that are whole."""
        urns = sorted(self.damaged)
        self._duck.execute("DELETE FROM counter WHERE list_contains($urns, urn)", {"urns": urns})
        rows = self._duck.execute(statements.BY_CHILD).fetchall()
        return {tuple(row[:3]): tuple(row[3:]) for row in rows if any(row[3:])}

    def levels(self, year: int) -> dict[int, int]:
        """Return the level of absence of each child above a line in an academic year."""
        rows = self._duck.execute(statements.LEVELS, {"year": year}).fetchall()
        return {child: level for child, level in rows if level}

    def of_school(self, urn: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of one of the statements that take a school."""
        rows: list[tuple[Any, ...]] = self._duck.execute(query, {"urn": urn}).fetchall()
        return rows


def _starts(columns: Mapping[str, NDArray[Any]]) -> NDArray[np.intp]:
    urn, week = columns["urn"], columns["week"]
    if not len(urn):
        return np.zeros(0, np.intp)
    changes = (urn[1:] != urn[:-1]) | (week[1:] != week[:-1])
    return np.concatenate([[0], np.flatnonzero(changes) + 1]).astype(np.intp)


def _slices(columns: Mapping[str, NDArray[Any]]) -> list[slice]:
    starts = [*_starts(columns).tolist(), len(columns["urn"])]
    return [slice(first, last) for first, last in pairwise(starts)]


def _keys(columns: Mapping[str, NDArray[Any]], starts: NDArray[np.intp]) -> list[Key]:
    urns, weeks = columns["urn"][starts], columns["week"][starts]
    return [(str(urn), int(week)) for urn, week in zip(urns, weeks, strict=True)]
