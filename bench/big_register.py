"""A year of an authority's registers, laid straight into the store: what P4 and P5 read."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from bench.report import Result
from bench.submitting import database as empty_database
from services.chassis import migrations
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.ids import new_ids
from services.outcomes.children import enrolments
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Enrolment
from services.outcomes.reference import storage as reference
from services.outcomes.reference.calendars import DayKind, Days, Span, lay_out
from services.outcomes.reference.domain import Phase, School
from services.outcomes.register import storage as register
from services.outcomes.register.domain.blocks import Block, Merged
from services.outcomes.storage.column_inserts import insert_columns
from tests.support import providers

TENANT = "E99000001"
CHILDREN = 50_000
SIZES = (CHILDREN // 16, CHILDREN // 4, CHILDREN)
SCHOOL = 1_000
DAYS = 190
_AT = datetime(2026, 7, 20, 8, tzinfo=UTC)
_FIRST = date(2025, 9, 1)
_TERMS = (
    (_FIRST, date(2025, 10, 24)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 3, 27)),
    (date(2026, 4, 13), date(2026, 5, 22)),
    (date(2026, 6, 1), date(2026, 7, 17)),
)
_SPANS = [Span(first, last, DayKind.OPEN) for first, last in _TERMS]
_SHARES = {1: 0.90, 3: 0.03, 8: 0.01, 17: 0.04, 21: 0.012, 20: 0.004, 34: 0.004}
"""Code index -> share of sessions: present, late, elsewhere, ill, unauthorised, unknown, closed."""


@dataclass(frozen=True, slots=True)
class Year:
    """A year of marks as a plain matrix, for the references.

    Attributes:
        numbers: int32[children].
        days: int32[190], `date.toordinal()`.
        codes: uint8[children, 380], code indexes in order of session.
    """

    numbers: NDArray[np.int32]
    days: NDArray[np.int32]
    codes: NDArray[np.uint8]

    def school_of(self, row: int) -> str:
        """Return the URN of a child's school."""
        return f"{100_000 + row // SCHOOL}"


def calendar() -> Days:
    """Return the calendar that every school follows."""
    return lay_out(_SPANS)


def drawn(count: int) -> Year:
    """Draw a year of so many children."""
    laid = calendar()
    every = np.arange(laid.start, laid.start + len(laid.kinds), dtype=np.int32)
    days = every[laid.kinds[:, 0] == DayKind.OPEN][:DAYS]
    random = np.random.default_rng(4)
    shape = (count, 2 * len(days))
    kinds, shares = np.array(list(_SHARES), np.uint8), np.cumsum(list(_SHARES.values()))
    place = np.searchsorted(shares / shares[-1], random.random(shape, np.float32))
    return Year(np.arange(1, count + 1, dtype=np.int32), days, kinds[place])


@contextmanager
def laid(year: Year, url: str) -> Iterator[Database]:
    """Lay a year into a new database and open it."""
    migrations.upgrade(url, "services.outcomes")
    engine = writer_engine(url)
    with engine.connect() as connection, connection.begin():
        _roll(connection, year)
        _blocks(connection, year)
    engine.dispose()
    database = Database(url, readers=1)
    database.start()
    try:
        yield database
    finally:
        database.close()


def sqlite_url(folder: str, count: int) -> str:
    """Return the URL of a database file in a folder."""
    return f"sqlite:///{Path(folder) / f'{count}.sqlite3'}"


def _roll(connection: Connection, year: Year) -> None:
    count = len(year.numbers)
    urns = [year.school_of(row) for row in range(count)]
    schools = [
        School(urn=urn, name=f"School {urn}", phase=Phase.SECONDARY) for urn in sorted(set(urns))
    ]
    reference.add_schools(connection, TENANT, schools, at=_AT)
    reference.add_spans(connection, TENANT, reference.AUTHORITY, _SPANS, at=_AT)
    numbers = year.numbers.tolist()
    insert_columns(
        connection,
        children.CHILD,
        count,
        constant={"tenant": TENANT, "recorded_at": _AT, "reception_year": 2018, "sequence": 0},
        columns={"number": numbers, "id": new_ids(count)},
    )
    row = enrolments.enrolment_row(TENANT, 0, Enrolment(urn="", first=_FIRST), version=1, at=_AT)
    columns = {"number": numbers, "urn": urns}
    constant = {name: value for name, value in row.items() if name not in columns}
    insert_columns(connection, enrolments.ENROLMENT, count, constant=constant, columns=columns)


def _blocks(connection: Connection, year: Year) -> None:
    weeks = (year.days - 1) // 7
    for start in range(0, len(year.numbers), SCHOOL):
        here, written = slice(start, start + SCHOOL), []
        for week in np.unique(weeks).tolist():
            columns = np.flatnonzero(weeks == week)
            codes = np.zeros((len(year.numbers[here]), 14), np.uint8)
            for column in columns.tolist():
                place = 2 * ((int(year.days[column]) - 1) % 7)
                codes[:, place : place + 2] = year.codes[here, 2 * column : 2 * column + 2]
            block = Block(year.numbers[here], codes)
            merged = Merged(block, block, block.count(), 0)
            written.append(register.Written(year.school_of(start), week, None, merged))
        register.write_blocks(connection, TENANT, written, import_id="bench", at=_AT)


async def over_sizes(
    measured: Callable[[str, Year, Database], Awaitable[Result]],
) -> AsyncIterator[Result]:
    """Yield a measurement on each database at one, four and sixteen times the children."""
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        for count in SIZES:
            year = drawn(count)
            with laid(year, sqlite_url(folder, count)) as database:
                yield await measured("sqlite", year, database)
    postgres = providers.postgres()
    try:
        for count in SIZES:
            year = drawn(count)
            with laid(year, empty_database(postgres.url, f"outcomes_{count}")) as database:
                yield await measured("postgresql", year, database)
    finally:
        postgres.stop()
