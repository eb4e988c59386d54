"""What a report is: a name, columns, and rows that are read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is asked for; an id that is empty limits nothing.

    Attributes:
        today: Europe/London.
    """

    tenant: str
    today: date
    source_id: str = ""
    purchase_id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        columns: Their names; one named `text` is a document, line by line.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Connection, Asked], Iterator[Row]]


def read(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """Yield the rows of a query without holding all of them."""
    yield from connection.execution_options(yield_per=500).execute(query)
