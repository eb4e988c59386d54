"""The service navigation: which pages each role is offered, in one table."""

from __future__ import annotations

from typing import Any

from gateway.pages.visit import (
    ADMINISTERS,
    ASKERS,
    DECIDERS,
    SEES_AGREEMENTS,
    SEES_BUDGETS,
    SEES_RELEASES,
    SEES_RESULTS,
    Visit,
)

EVERYBODY: frozenset[str] = frozenset()

# Address, words, and the roles that are offered it; what a role may see is decided elsewhere.
ENTRIES = (
    ("/home", "Home", EVERYBODY),
    ("/purchases/new", "Ask for support", ASKERS),
    ("/purchases", "My requests", ASKERS),
    ("/queue", "Requests to decide", DECIDERS),
    ("/budgets", "Budgets", SEES_BUDGETS),
    ("/finance", "Finance", SEES_BUDGETS),
    ("/results", "Results", SEES_RESULTS),
    ("/releases", "Releases", SEES_RELEASES),
    ("/agreements", "Agreements", SEES_AGREEMENTS),
    ("/keys", "Service keys", ADMINISTERS),
    ("/messages", "Messages", EVERYBODY),
    ("/sign-out", "Sign out", EVERYBODY),
)


def menu(visit: Visit | None, here: str) -> list[dict[str, Any]]:
    """Return the entries for a role, the present one marked."""
    if visit is None:
        return []
    return [
        {"href": address, "text": text, "current": address == here}
        for address, text, roles in ENTRIES
        if not roles or visit.is_one_of(roles)
    ]
