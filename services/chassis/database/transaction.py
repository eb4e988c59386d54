"""What a command sees of the batch that it is in, and what it leaves for the batch's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from services.chassis.database.together import Asked, Result, Step, together
from services.chassis.tables import Row

Key = tuple[str, str, str]
"""A command's idempotency key: authority, subject, request id."""


class Closing(Protocol):
    """What is done with rows of one kind just before the commit, for the whole batch at once."""

    def asks(self, dialect: str, rows: Sequence[Row]) -> Sequence[Asked]:
        """Return what must be known, and locked, before the rows can be written."""
        ...

    def writes(
        self, connection: Connection, rows: Sequence[Row], known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return what is to be written, from what was asked for."""
        ...


class StoredAnswers(Protocol):
    """Where the lane finds what was answered before."""

    def asks(self, keys: Sequence[Key]) -> Asked:
        """Return the one look-up for the commands of a batch."""
        ...

    def found(self, memory: dict[Any, Any], keys: Sequence[Key], result: Result) -> None:
        """Put what was found into the batch's memory."""
        ...


@dataclass(slots=True)
class Transaction:
    """What one command may touch inside the lane's transaction.

    Attributes:
        connection: The writer's connection; reads and guarded writes go straight to it.
        memory: Shared by the commands of the batch; what is not yet readable by SQL.
        found: Shared by the commands of the batch; what was read. Whoever changes what was read
            clears it.
        pending: Rows to write together before the commit, by what is done with them.
    """

    connection: Connection
    memory: dict[Any, Any]
    found: dict[Any, Any] = field(default_factory=dict)
    pending: dict[Closing, list[Row]] = field(default_factory=dict)

    def later(self, closing: Closing, row: Row) -> None:
        """Write `row` with the others of the batch, if this command is not refused."""
        self.pending.setdefault(closing, []).append(row)

    def rows(self, asked: Asked) -> list[Any]:
        """Return the rows of a look-up, which the batch makes once."""
        known: Result | None = self.found.get(asked)
        if known is None:
            known = self.found[asked] = together(self.connection, [asked])[0]
        return known.rows
