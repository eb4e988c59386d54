"""Events of children again: each version's digest, and each school's year counted by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.outcomes.child_events.reports import Asked, school_measures
from services.outcomes.child_events.storage import CHILD_EVENT, digest_of
from services.outcomes.children import merged
from services.outcomes.children.enrolments import ENROLMENT
from services.outcomes.children.storage import CHILD
from services.outcomes.reference import storage as reference
from services.outcomes.reference.calendars import bank_holidays
from services.outcomes.verification import happened_statements as statements
from services.outcomes.verification import raw
from services.outcomes.verification.findings import Difference, Kind
from services.outcomes.verification.statements import SPOKEN

_EVENT = ("id", "version", "number", "kind", "urn", "first_day", "sessions", "status", "withdrawn")
_ROLL = ("urn", "number", "first_day", "version", "last_day")
_NAMES = ("spells", "sessions", "suspended", "excluded", "off roll", "children off roll")

Year = tuple[str, int]
"""A school and an academic year."""


def differences(connection: Connection, tenant: str) -> Iterator[Difference]:
    """Yield everything that differs in the events of one authority."""
    rows = connection.execute(
        select(CHILD_EVENT)
        .where(CHILD_EVENT.c.tenant == tenant)
        .order_by(CHILD_EVENT.c.id, CHILD_EVENT.c.version)
    )
    held = list(rows.mappings())
    yield from _versions(tenant, held)
    made = _recomputed(connection, tenant, held)
    known = reference.schools(connection, tenant, {urn for urn, _ in made})
    who = Principal.system(tenant)
    for (urn, year), theirs in sorted(made.items()):
        if urn not in known:
            continue
        asked = Asked(first=date(year, 8, 1), last=date(year + 1, 7, 31))
        report = school_measures(connection, who, urn, asked=asked)
        counted = (report.spells, report.sessions, report.suspended, report.excluded)
        ours = (*counted, report.sessions_off_roll, report.off_roll)
        for name, left, right in zip(_NAMES, ours, theirs, strict=True):
            if left != right:
                place = f"school {urn}, year {year}, {name}"
                yield Difference(tenant, Kind.EVENT_MEASURE, place, str(left), str(right))


def _versions(tenant: str, rows: Sequence[Any]) -> Iterator[Difference]:
    """Check that versions are numbered 1, 2, 3 and that each says what it said."""
    expected: dict[str, int] = {}
    for row in rows:
        name, version = row["id"], row["version"]
        place = f"event {name}, version {version}"
        expected[name] = expected.get(name, 0) + 1
        if version != expected[name]:
            wanted = f"version {expected[name]}"
            yield Difference(tenant, Kind.EVENT, place, f"version {version}", wanted)
        made, kept = digest_of(tenant, row), bytes(row["digest"])
        if made != kept:
            yield Difference(tenant, Kind.EVENT, place, kept.hex()[:16], made.hex()[:16])


def _recomputed(
    connection: Connection, tenant: str, rows: Sequence[Any]
) -> Mapping[Year, tuple[int, ...]]:
    duck = duckdb.connect()
    try:
        duck.execute("SET threads TO 1")
        duck.execute(statements.TABLES)
        _load(duck, connection, tenant, rows)
        duck.execute(SPOKEN)
        duck.execute(statements.KNOWN)
        found: dict[Year, tuple[int, ...]] = {}
        for urn, year, *counts in duck.execute(statements.BY_SCHOOL).fetchall():
            found[urn, year] = tuple(int(count) for count in counts)
        return found
    finally:
        duck.close()


def _load(duck: Any, connection: Connection, tenant: str, rows: Sequence[Any]) -> None:
    table = ENROLMENT.c
    rolls = connection.execute(
        select(*(table[name] for name in _ROLL)).where(table.tenant == tenant)
    ).all()
    born = connection.execute(
        select(CHILD.c.number, CHILD.c.reception_year).where(CHILD.c.tenant == tenant)
    ).all()
    urns = sorted({row["urn"] for row in rows if row["urn"]} | {roll[0] for roll in rolls})
    every = list(raw.spans(connection, tenant))
    spans = [
        (urn, bool(span[0]), *span[1:]) for urn in urns for span in every if span[0] in {"", urn}
    ]
    names = ("urn", "own", "number", "first_day", "last_day", "kind", "sessions")
    through = merged.survivors(connection, tenant)
    given = [{**row, "number": through.get(row["number"], row["number"])} for row in rows]
    _insert(duck, "event", _EVENT, [tuple(row[name] for name in _EVENT) for row in given])
    _insert(duck, "roll", _ROLL, [tuple(roll) for roll in rolls])
    _insert(duck, "child", ("number", "reception_year"), [tuple(child) for child in born])
    _insert(duck, "span", names, spans)
    _insert(duck, "bank_holiday", ("day",), [(day,) for day in sorted(bank_holidays())])


def _insert(duck: Any, table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        given = {name: pa.array(list(values)) for name, values in columns.items()}
        duck.register("given", pa.table(given))
        duck.execute(statements.INSERTS[table])
        duck.unregister("given")
