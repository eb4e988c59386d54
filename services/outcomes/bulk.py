"""Many rows at once: inserting rows that are mostly the same, and looking many keys up.

Core's own `executemany` converts and checks every value of every row, and its `in_` makes a
parameter of every key; for a roll of fifty thousand children either costs more than the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    Table,
    Text,
    any_,
    cast,
    func,
    insert,
    literal,
    select,
)


def insert_columns(
    connection: Connection,
    table: Table,
    count: int,
    *,
    constant: Mapping[str, Any],
    columns: Mapping[str, Sequence[Any]],
) -> None:
    """Insert `count` rows.

    Args:
        connection: To write with.
        table: The table.
        count: Rows.
        constant: Values that every row has, converted as their column says.
        columns: Values of each row, already as the driver wants them: int, str or bytes.
    """
    if not count:
        return
    dialect = connection.dialect
    compiled = insert(table).compile(
        dialect=dialect, column_keys=[*constant, *columns], for_executemany=True
    )
    values: dict[str, Any] = {}
    for name, value in constant.items():
        convert = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        values[name] = repeat(convert(value) if convert else value, count)
    values.update(columns)
    if compiled.positional:
        names = compiled.positiontup or []
        rows = list(zip(*(values[name] for name in names), strict=True))
        connection.exec_driver_sql(str(compiled), rows)
    else:
        named = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
        connection.exec_driver_sql(str(compiled), named)


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
