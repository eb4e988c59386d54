"""Statements that go to the database together: one round trip for all of them.

A batch asks for what it needs to know before it decides, and once more before its commit; on
PostgreSQL each time is one pipeline, and the driver's own rows without what Core builds around
them. On SQLite, where nothing travels, they run one after another. Source: ADR-0055.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import ARRAY, ColumnElement, Connection, Executable, Select, Text, any_, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

_POSTGRESQL = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # of the library
_Processor = Callable[[Any], Any]


class Result(NamedTuple):
    """What a statement gave: its rows, and how many it returned or changed."""

    rows: list[Any]
    size: int


class Step(Protocol):
    """Something to run with others."""

    @property
    def reads(self) -> bool:
        """Whether there is nothing to undo after it."""
        ...

    def now(self, connection: Connection) -> Result:
        """Run it by itself."""
        ...

    def send(self, raw: Any) -> Any:
        """Send it over the driver's connection, in a pipeline, and return its cursor."""
        ...

    def received(self, cursor: Any) -> Result:
        """Read what came back."""
        ...


class Statement:
    """A statement that is built once, and compiled once for PostgreSQL.

    Args:
        build: The statement, or what returns it for a dialect's name. What changes is a
            `bindparam`, whose values are such as the driver takes: texts, numbers, days, aware
            moments. An `in_` has no place in it: see `one_of`.
    """

    __slots__ = ("_build", "_built", "_compiled")

    def __init__(self, build: Executable | Callable[[str], Executable]) -> None:
        self._build = build
        self._built: dict[str, Executable] = {}
        self._compiled: _Compiled | None = None

    def asked(self, **values: Any) -> Asked:
        """Return it with its values."""
        return Asked(self, tuple(values.items()))

    def built(self, dialect: str) -> Executable:
        """Return the statement as Core has it."""
        if isinstance(self._build, Executable):
            return self._build
        if dialect not in self._built:
            self._built[dialect] = self._build(dialect)
        return self._built[dialect]

    def compiled(self) -> _Compiled:
        """Return the statement as PostgreSQL's driver takes it."""
        if self._compiled is None:
            self._compiled = _Compiled.of(self.built("postgresql"))
        return self._compiled


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    constants: dict[str, Any]
    processors: tuple[_Processor | None, ...]

    @classmethod
    def of(cls, statement: Any) -> _Compiled:
        compiled = statement.compile(dialect=_POSTGRESQL)
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        processors = tuple(
            column.type.dialect_impl(_POSTGRESQL).result_processor(_POSTGRESQL, None)
            for column in columns
        )
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(str(compiled), constants, processors if any(processors) else ())


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement with its values; equal to another of the same statement and values."""

    statement: Statement
    values: tuple[tuple[str, Any], ...]

    @property
    def reads(self) -> bool:
        """Whether it is a query."""
        return isinstance(self.statement.built("postgresql"), Select)

    def now(self, connection: Connection) -> Result:
        """Run it by itself, through Core."""
        result = connection.execute(self.statement.built(connection.dialect.name), self._values())
        rows = list(result) if result.returns_rows else []
        return Result(rows, len(rows) if result.returns_rows else result.rowcount)

    def send(self, raw: Any) -> Any:
        """Send it over the driver's connection, in a pipeline."""
        compiled = self.statement.compiled()
        cursor = raw.cursor(row_factory=namedtuple_row)
        return cursor.execute(compiled.text, compiled.constants | self._values(), prepare=True)

    def received(self, cursor: Any) -> Result:
        """Read what came back."""
        if cursor.description is None:
            return Result([], cursor.rowcount)
        rows, processors = cursor.fetchall(), self.statement.compiled().processors
        if processors:
            rows = [_processed(row, processors) for row in rows]
        return Result(rows, len(rows))

    def _values(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v, tuple) else v for name, v in self.values}


def _processed(row: Any, processors: tuple[_Processor | None, ...]) -> Any:
    return row._make(
        value if process is None else process(value)
        for value, process in zip(row, processors, strict=True)
    )


def together(connection: Connection, steps: Sequence[Step]) -> list[Result]:
    """Run all steps in their order and return what each gave.

    Raises:
        DBAPIError: The database refused one of them; the transaction is lost.
    """
    if not steps:
        return []
    if connection.dialect.name != "postgresql":
        return [step.now(connection) for step in steps]
    if not all(step.reads for step in steps):
        note_write(connection)
    raw: Any = connection.connection.driver_connection
    with _told_as_core_does(connection):
        with raw.pipeline():
            cursors = [step.send(raw) for step in steps]
        return [step.received(cursor) for step, cursor in zip(steps, cursors, strict=True)]


def note_write(connection: Connection) -> None:
    """Let the lane know that there is something to undo."""
    connection.info["writes"] = connection.info.get("writes", 0) + 1


@contextlib.contextmanager
def _told_as_core_does(connection: Connection) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raw = connection.connection.driver_connection
        gone = connection.dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]
        told = DBAPIError.instance(
            None,
            None,
            error,
            psycopg.Error,
            connection_invalidated=gone,
            dialect=connection.dialect,
        )
        if gone:
            connection.invalidate(error)
        raise told from error


def one_of(dialect: str, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the condition that a text column is one of the values of a parameter.

    On PostgreSQL they are one array, so that the statement's text is the same for any number of
    them and is parsed and prepared once.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(Text)))
    return column.in_(bindparam(name, expanding=True))
