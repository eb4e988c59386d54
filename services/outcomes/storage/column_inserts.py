"""Inserting many rows that are mostly the same.

Core's own `executemany` converts and checks every value of every row; for a roll of fifty thousand
children that costs more than the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Table, insert


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
