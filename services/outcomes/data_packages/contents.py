"""What is put in a package: sheets with the meaning of each column, the licence and notes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from services.chassis.spreadsheets import safe

LICENCE = (
    "For the evaluation named in the data-sharing agreement only. Pseudonymous data of children "
    "is personal data. To re-identify a child is an offence: Data Protection Act 2018, "
    "section 171.\n"
)
OPEN_LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0.\n"
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/\n"
)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Role(StrEnum):
    """What a column of a controlled table is, for whoever attacks it."""

    NONE = ""
    DIMENSION = "dimension"
    COUNT = "count"
    AMOUNT = "amount"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column.

    Attributes:
        name: In the header.
        kind: Its Frictionless type.
        description: What it means.
        role: In a controlled table.
        rounded_to: Its figures are multiples of this, in its unit; 0 when they are not rounded.
        suppressed_to: Counts up to this are suppressed.
    """

    name: str
    kind: str
    description: str
    role: str = Role.NONE
    rounded_to: int = 0
    suppressed_to: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file of a package; `population` says who is divided in a controlled table."""

    name: str
    title: str
    variables: tuple[Variable, ...]
    content: bytes
    population: str = ""

    @property
    def sha256(self) -> str:
        """The digest of its bytes, hexadecimal."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Notes:
    """What a package says of itself."""

    name: str
    title: str
    version: str
    licence: str
    method: str


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV (RFC 4180); text that a spreadsheet would run gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return safe(value)
    return "" if value is None else value
