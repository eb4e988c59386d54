"""Reading a list latest first, from where the page before it ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select


def latest_first(
    query: Select[Any], key: ColumnElement[str], *, before: str, limit: int
) -> Select[Any]:
    """Return a query for the rows below `before`, or for the first ones when it is empty.

    Args:
        query: What is listed.
        key: Its ids, which ascend with time.
        before: The id at which the page before ended.
        limit: The most rows.
    """
    if before:
        query = query.where(key < before)
    return query.order_by(key.desc()).limit(limit)
