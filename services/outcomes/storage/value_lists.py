"""Looking many keys up at once.

Core's own `in_` makes a parameter of every key; for a roll of fifty thousand children that costs
more than the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
)


def one_of(
    connection: Connection, column: ColumnElement[Any], values: Iterable[int | str | bytes]
) -> ColumnElement[bool]:
    """Return the condition that a column of numbers, text or bytes is one of many values.

    All of them are one parameter, so that the statement is the same for any number of them; bytes,
    which JSON does not know, are an array on PostgreSQL and a parameter each on SQLite.
    """
    wanted = list(values)
    on_postgresql = connection.dialect.name == "postgresql"
    if wanted and isinstance(wanted[0], bytes):
        every = literal(wanted, ARRAY(column.type))
        return column == any_(every) if on_postgresql else column.in_(wanted)
    if on_postgresql:
        # One text: psycopg would look at each value of an array by itself.
        array = cast(literal(json.dumps(wanted), Text), JSON)
        listed = func.json_array_elements_text(array).table_valued("value")
        return column.in_(select(cast(listed.c.value, column.type)))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))
