"""Reading a list page by page: one row more than asked tells whether there is another page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.fund.storage.paging import Cut

T = TypeVar("T")


class Pages:
    """Runs the reads of lists.

    Args:
        database: Where they read.
        tokens: Makes and reads page tokens.
    """

    def __init__(self, database: Database, tokens: PageTokens) -> None:
        self._database = database
        self._tokens = tokens

    async def read(
        self,
        request: Any,
        look: Callable[[Connection, Cut], list[T]],
        identity: Callable[[T], str],
    ) -> tuple[list[T], str]:
        """Return a page and the token of the next, empty on the last.

        Args:
            request: A list request of the contract.
            look: Reads a page of rows.
            identity: The id that a row is ordered by.

        Raises:
            PageTokenInvalid: The token was made for another list (INVALID_ARGUMENT).
        """
        page = self._tokens.page(request, caller().tenant)
        cut = Cut(page.last_id, page.limit)
        rows = await self._database.read(lambda connection: look(connection, cut))
        return page.cut(rows, lambda row: {"id": identity(row)})
