"""What the rpcs of a measure, an instrument and a framework have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto
from services.outcomes.measures.catalogue import commands, queries
from services.outcomes.measures.catalogue.storage import Kept, Kind, T

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Form(Generic[T, M]):
    """How one kind of entry looks on the wire.

    Attributes:
        kind: Which.
        message: The type of a version.
        read: From a definition; its version number is 0.
        write: To a version.
    """

    kind: Kind[T]
    message: type[M]
    read: Callable[[Any], T]
    write: Callable[[Kept[T]], M]


class EntryRpcs(Generic[T, M]):
    """The four rpcs of one kind of entry; what they refuse, commands and queries say.

    Args:
        form: The kind, and its messages.
        writes: Runs commands once.
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(
        self, form: Form[T, M], *, writes: Commands, database: Database, tokens: PageTokens
    ) -> None:
        self._form: Form[T, M] = form
        self._writes = writes
        self._database = database
        self._tokens = tokens

    async def create(self, request: Any, definition: Message) -> M:
        """Keep version 1 of a new id."""
        form, entry = self._form, self._form.read(definition)
        return await self._writes.run(
            request,
            form.message,
            lambda work: form.write(commands.create(work, form.kind, entry)),
        )

    async def make_version(self, request: Any, definition: Message) -> M:
        """Keep the next version of a known id; the request names the newest that was seen."""
        form, entry = self._form, self._form.read(definition)
        seen = request.expected_version
        return await self._writes.run(
            request,
            form.message,
            lambda work: form.write(commands.make_version(work, form.kind, entry, expected=seen)),
        )

    async def find(self, entry_id: str, version: int) -> M:
        """Return one version, or the newest when it is 0."""
        form, tenant = self._form, caller().tenant
        found = await self._database.read(
            lambda connection: queries.find(
                connection, form.kind, tenant, entry_id, version=version
            )
        )
        return form.write(found)

    async def page(self, request: Any, entry_id: str) -> tuple[list[M], str]:
        """Return a page of an id's versions, or of every id's newest, and the next one's token."""
        form, tenant = self._form, caller().tenant
        page = self._tokens.page(request, tenant)
        on = date_from_proto(request.on_date, "on_date") if request.HasField("on_date") else None
        found = await self._database.read(
            lambda connection: queries.page(connection, form.kind, tenant, entry_id=entry_id, on=on)
        )
        start = (page.last_id, page.position.get("version", 0))
        rest = [kept for kept in found if (kept.entry.id, kept.entry.version) > start]
        shown, token = page.cut(rest, _position)
        return [form.write(kept) for kept in shown], token


def _position(kept: Kept[Any]) -> dict[str, Any]:
    return {"id": kept.entry.id, "version": kept.entry.version}
