"""Reading a list page by page: one row more than asked tells whether there is another page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, query_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a list to read.

    Attributes:
        last: The id at which the last page ended; empty for the first.
        limit: The most rows.
    """

    last: str
    limit: int


class Pages:
    """Runs the reads of lists.

    Args:
        database: Where they read.
        tokens: Makes and reads page tokens.
    """

    def __init__(self, database: Database, tokens: PageTokens) -> None:
        self.database = database
        self._tokens = tokens

    async def read(
        self,
        request: Any,
        look: Callable[[Connection, Cut], Sequence[T]],
        identity: Callable[[T], str],
    ) -> tuple[Sequence[T], str]:
        """Return a page and the token of the next, empty on the last.

        Raises:
            PageTokenInvalid: The token was made for another list (INVALID_ARGUMENT).
        """
        query = f"{query_of(request, caller().tenant)}:{caller().subject}"
        page = self._tokens.page_of(request, query)
        cut = Cut(page.last_id, page.limit)
        rows = await self.database.read(lambda connection: look(connection, cut))
        return page.cut(list(rows), lambda row: {"id": identity(row)})
