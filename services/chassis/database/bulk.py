"""Many rows of many tables in one go: what a batch of commands leaves for its commit.

On PostgreSQL all of it is one statement with one JSON text for each table: a round trip instead
of one for each table, and one value to bind instead of one for each cell. On SQLite, where a
statement costs no round trip, each table has its own. Source: ADR-0009.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Dialect, Table, Text, any_, literal
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from services.chassis.tables import Row

Part = tuple[Table, Sequence[Row]]
"""A table and rows for it; the first row names the columns of all."""

_POSTGRESQL: Dialect = PGDialect()  # type: ignore[no-untyped-call]  # of the library
_SQLITE: Dialect = SQLiteDialect()


class Inserter:
    """Inserts rows of one table; the lane puts the inserters of a batch together.

    Args:
        table: Without defaults that Python makes.
    """

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    def __call__(self, connection: Connection, rows: list[Row]) -> None:
        """Insert the rows now."""
        insert(connection, [(self.table, rows)])


@cache
def inserter(table: Table) -> Inserter:
    """Return the one inserter of a table."""
    return Inserter(table)


def insert(connection: Connection, parts: Iterable[Part]) -> None:
    """Insert all rows of all parts.

    Raises:
        DBAPIError: The database refused one of them; nothing of that statement is written.
    """
    known = [(table, rows) for table, rows in parts if rows]
    if not known:
        return
    if connection.dialect.name == "postgresql":
        statement = _statement(tuple((table, tuple(rows[0])) for table, rows in known))
        texts = tuple(_json(rows) for _, rows in known)
        connection.exec_driver_sql(statement, texts)
        return
    for table, rows in known:
        text, columns = _prepared(table, tuple(rows[0]))
        values = [
            tuple(row[name] if change is None else change(row[name]) for name, change in columns)
            for row in rows
        ]
        connection.exec_driver_sql(text, values)


def among(connection: Connection, column: ColumnElement[str], values: list[str]) -> Any:
    """Return the condition that a text column is one of the values.

    On PostgreSQL they are one array, so that the statement's text is the same for any number of
    them and is parsed and prepared once.
    """
    if connection.dialect.name == "postgresql":
        return column == any_(literal(values, ARRAY(Text)))
    return column.in_(values)


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
    return _ENCODE(rows)


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


_ENCODE = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=False,
    separators=(",", ":"),
    default=_plain,
).encode
