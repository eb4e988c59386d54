"""Many rows of many tables in one go: what a batch of commands leaves for its commit.

On PostgreSQL all of it is one statement with one JSON text for each table: a round trip instead
of one for each table, and one value to bind instead of one for each cell. On SQLite, where a
statement costs no round trip, each table has its own. Source: ADR-0009.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from services.chassis.database.together import Asked, Result, Step
from services.chassis.tables import Row

Part = tuple[Table, Sequence[Row]]
"""A table and rows for it; the first row names the columns of all."""

_POSTGRESQL: Dialect = PGDialect()  # type: ignore[no-untyped-call]  # of the library
_SQLITE: Dialect = SQLiteDialect()


@dataclass(frozen=True, slots=True)
class Insert:
    """Inserts all rows of all parts, in their order."""

    parts: tuple[Part, ...]
    reads = False

    def now(self, connection: Connection) -> Result:
        """Insert table by table, as SQLite does it."""
        for table, rows in self.parts:
            text, columns = _prepared(table, tuple(rows[0]))
            values = [
                tuple(row[name] if bind is None else bind(row[name]) for name, bind in columns)
                for row in rows
            ]
            connection.exec_driver_sql(text, values)
        return Result([], sum(len(rows) for _, rows in self.parts))

    def send(self, raw: Any) -> Any:
        """Send all of it as one statement."""
        statement = _statement(tuple((table, tuple(rows[0])) for table, rows in self.parts))
        return raw.execute(statement, tuple(_json(rows) for _, rows in self.parts), prepare=True)

    def received(self, cursor: Any) -> Result:
        """Return how many rows the last table got."""
        return Result([], cursor.rowcount)


def inserting(*parts: Part) -> list[Step]:
    """Return the step that inserts the rows of the parts; none where there are no rows."""
    known = tuple(part for part in parts if part[1])
    return [Insert(known)] if known else []


def merged(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with all that is inserted in one of them, at the end."""
    inserts = [step for step in steps if isinstance(step, Insert)]
    others = [step for step in steps if not isinstance(step, Insert)]
    return [*others, *inserting(*(part for step in inserts for part in step.parts))]


class Inserter:
    """Inserts rows of one table; the lane puts the inserters of a batch together.

    Args:
        table: Without defaults that Python makes.
    """

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    def asks(self, _dialect: str, _rows: Sequence[Row]) -> Sequence[Asked]:
        """Return nothing: there is nothing to know."""
        return ()

    def writes(
        self, _connection: Connection, rows: Sequence[Row], _known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return the step that inserts the rows."""
        return inserting((self.table, rows))


@cache
def inserter(table: Table) -> Inserter:
    """Return the one inserter of a table."""
    return Inserter(table)


@cache
def _statement(shapes: tuple[tuple[Table, tuple[str, ...]], ...]) -> str:
    """Return one statement that inserts into every table; each is bound to one JSON array."""
    quote = _POSTGRESQL.identifier_preparer.quote
    inserts = []
    for table, names in shapes:
        columns = ", ".join(map(quote, names))
        inserts.append(
            f"INSERT INTO {quote(table.name)} ({columns}) SELECT {columns} "  # noqa: S608 (ours)
            f"FROM json_populate_recordset(NULL::{quote(table.name)}, %s::json)"
        )
    *others, last = inserts
    if not others:
        return last
    parts = ", ".join(f"part_{number} AS ({each})" for number, each in enumerate(others))
    return f"WITH {parts} {last}"


@cache
def _prepared(
    table: Table, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]]:
    """Return SQLite's statement, and how the value of each column is bound."""
    dialect = _SQLITE
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    places = ", ".join("?" * len(names))
    text = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})"  # noqa: S608 (ours)
    binders = tuple(
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    )
    return text, binders


def _json(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows, _plain, orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: object) -> str:
    """Return a value that JSON has no form for, as PostgreSQL reads it."""
    match value:
        case bytes():
            return f"\\x{value.hex()}"
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a naive datetime is not a moment")
            return value.isoformat()
        case date():
            return value.isoformat()
        case _:
            raise TypeError(f"a row cannot hold {type(value).__name__}")
