"""A long list cut into pages by its address, so that a page can be shared and gone back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

PER_PAGE = 50

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Item]):
    """One page of a list, and the links to the others as the pagination macro takes them."""

    items: Sequence[Item]
    total: int
    links: dict[str, Any] | None


def paged(items: Sequence[Item], request: Request) -> Paged[Item]:
    """Return the page that the address asks for; one that is not there is the nearest."""
    pages = max(1, -(-len(items) // PER_PAGE))
    asked = request.query_params.get("page", "")
    number = min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), pages)
    shown = items[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Paged(shown, len(items), _links(request, number, pages) if pages > 1 else None)


def _links(request: Request, number: int, pages: int) -> dict[str, Any]:
    def address(page: int) -> str:
        kept = [(name, value) for name, value in request.query_params.items() if name != "page"]
        return f"{request.url.path}?{urlencode([*kept, ('page', page)])}"

    links: dict[str, Any] = {
        "items": [
            {"number": page, "href": address(page), "current": page == number}
            for page in range(1, pages + 1)
        ]
    }
    if number > 1:
        links["previous"] = {"href": address(number - 1)}
    if number < pages:
        links["next"] = {"href": address(number + 1)}
    return links
