"""Tables of children: sealed facts and blind indexes, all only added to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children import merged
from services.outcomes.children.domain import Child
from services.outcomes.children.enrolments import enrolments
from services.outcomes.storage.column_inserts import insert_columns
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

IN_MAX = 5_000
_BLIND_MAX = 2_000

CHILD_COUNTER = Table(
    "child_counter",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("last", Integer, nullable=False),
)
CHILD = Table(
    "child",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("reception_year", SmallInteger),
    Column("sequence", BigInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
CHILD_SEALED = Table(
    "child_sealed",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)
CHILD_IDENTIFIER = Table(
    "child_identifier",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("blind", LargeBinary(16), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("child_identifier_number", "tenant", "number"),
)


def take_numbers(connection: Connection, tenant: str, count: int) -> range:
    """Return numbers that nobody else in the authority has or will have."""
    table = CHILD_COUNTER
    raised = connection.execute(
        update(table)
        .where(table.c.tenant == tenant)
        .values(last=table.c.last + count)
        .returning(table.c.last)
    ).scalar_one_or_none()
    if raised is None:
        connection.execute(insert(table).values(tenant=tenant, last=count))
        raised = count
    return range(raised - count + 1, raised + 1)


def add(
    connection: Connection, table: Table, rows: Sequence[Row], *, tenant: str, at: datetime
) -> None:
    """Insert rows, if there are any, with their authority and the moment they were recorded."""
    if rows:
        constant = {"tenant": tenant, "recorded_at": at}
        names = [name for name in rows[0] if name not in constant]
        columns = {name: [row[name] for row in rows] for name in names}
        insert_columns(connection, table, len(rows), constant=constant, columns=columns)


def by_blind(connection: Connection, tenant: str, blinds: Iterable[bytes]) -> dict[bytes, int]:
    """Return the numbers of the children that blind indexes find."""
    wanted, found = list(dict.fromkeys(blinds)), {}
    table = CHILD_IDENTIFIER.c
    for start in range(0, len(wanted), _BLIND_MAX):
        query = select(table.blind, table.number).where(
            table.tenant == tenant,
            one_of(connection, table.blind, wanted[start : start + _BLIND_MAX]),
        )
        found.update({bytes(blind): number for blind, number in connection.execute(query).all()})
    return found


def by_id(
    connection: Connection, tenant: str, ids: Iterable[str], *, as_of: datetime | None = None
) -> dict[str, int]:
    """Return the numbers of children by id; another authority's are unknown.

    A child that was merged into another has that one's number, as of a moment or now.
    """
    wanted, found = list(dict.fromkeys(ids)), dict[str, int]()
    table = CHILD.c
    for start in range(0, len(wanted), IN_MAX):
        # Ids are unique in the world. With the tenant in the condition SQLite would rather read
        # every child of the authority than look the ids up.
        query = select(table.id, table.number, table.tenant).where(
            one_of(connection, table.id, wanted[start : start + IN_MAX])
        )
        rows = connection.execute(query).all()
        found.update((child_id, number) for child_id, number, owner in rows if owner == tenant)
    return merged.read_through(connection, tenant, found, as_of=as_of)


def children_by_id(
    connection: Connection,
    tenant: str,
    ids: Iterable[str],
    *,
    as_of: datetime | None = None,
) -> dict[str, Child]:
    """Return children by id, without personal facts and with the enrolments then known."""
    wanted, found = list(dict.fromkeys(ids)), dict[str, Child]()
    table = CHILD.c
    for start in range(0, len(wanted), IN_MAX):
        query = select(table.number, table.id, table.reception_year, table.tenant).where(
            one_of(connection, table.id, wanted[start : start + IN_MAX])
        )
        held = connection.execute(query).all()
        rows = [(number, id_, year) for number, id_, year, owner in held if owner == tenant]
        known = _with_enrolments(connection, tenant, rows, as_of=as_of)
        found.update((child.id, child) for child in known)
    return found


def children(
    connection: Connection,
    tenant: str,
    numbers: Iterable[int],
    *,
    as_of: datetime | None = None,
) -> dict[int, Child]:
    """Return children by number, without personal facts and with the enrolments then known."""
    wanted, found = sorted(set(numbers)), dict[int, Child]()
    table = CHILD.c
    for start in range(0, len(wanted), IN_MAX):
        part = wanted[start : start + IN_MAX]
        query = select(table.number, table.id, table.reception_year).where(
            table.tenant == tenant, one_of(connection, table.number, part)
        )
        rows = connection.execute(query).all()
        known = _with_enrolments(connection, tenant, rows, as_of=as_of)
        found.update((child.number, child) for child in known)
    return found


def _with_enrolments(
    connection: Connection,
    tenant: str,
    rows: Sequence[Sequence[Any]],
    *,
    as_of: datetime | None,
) -> Iterator[Child]:
    """Yield a child for each row of number, id and reception year."""
    enrolled = enrolments(connection, tenant, [row[0] for row in rows], as_of=as_of)
    for number, child_id, reception_year in rows:
        yield Child(
            number=number,
            id=child_id,
            reception_year=reception_year,
            enrolments=tuple(enrolled.get(number, ())),
        )


def sealed(
    connection: Connection, tenant: str, numbers: Iterable[int]
) -> dict[int, tuple[int, bytes]]:
    """Return the newest version and the sealed facts of each child asked."""
    wanted, found = sorted(set(numbers)), {}
    table = CHILD_SEALED.c
    for start in range(0, len(wanted), IN_MAX):
        query = (
            select(table.number, table.version, table.sealed)
            .where(
                table.tenant == tenant,
                one_of(connection, table.number, wanted[start : start + IN_MAX]),
            )
            .order_by(table.number, table.version)
        )
        for number, version, content in connection.execute(query):
            found[number] = (version, bytes(content))
    return found


def take_sequences(connection: Connection, tenant: str, counts: dict[int, int]) -> dict[int, int]:
    """Return for each child the first sequence number of its next events, and use them up."""
    if not counts:
        return {}
    table = CHILD.c
    connection.execute(
        update(CHILD)
        .where(table.tenant == tenant, table.number == bindparam("child"))
        .values(sequence=table.sequence + bindparam("more")),
        [{"child": number, "more": more} for number, more in counts.items()],
    )
    wanted, found = list(counts), {}
    for start in range(0, len(wanted), IN_MAX):
        query = select(table.number, table.sequence).where(
            table.tenant == tenant, one_of(connection, table.number, wanted[start : start + IN_MAX])
        )
        for number, sequence in connection.execute(query):
            found[number] = sequence - counts[number] + 1
    return found


def ids(connection: Connection, tenant: str, numbers: Iterable[int]) -> dict[int, str]:
    """Return the random ids of children by number."""
    wanted, found = list(numbers), dict[int, str]()
    table = CHILD.c
    for start in range(0, len(wanted), IN_MAX):
        query = select(table.number, table.id).where(
            table.tenant == tenant,
            one_of(connection, table.number, wanted[start : start + IN_MAX]),
        )
        found.update((row.number, row.id) for row in connection.execute(query))
    return found


def set_reception_year(
    connection: Connection, tenant: str, number: int, *, year: int | None
) -> None:
    """Record the age group of a child whose date of birth was not known before."""
    connection.execute(
        update(CHILD)
        .where(CHILD.c.tenant == tenant, CHILD.c.number == number)
        .values(reception_year=year)
    )
