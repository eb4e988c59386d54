"""An import of marks: what goes into it, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntFlag

from services.outcomes.children.domain import Scheme
from services.outcomes.incoming_rows.findings import Finding, Findings
from services.outcomes.register.domain.checks import Labels
from services.outcomes.register.domain.marks import Marks


class Keeping(IntFlag):
    """What an import keeps when rows of it are wrong."""

    NOTHING = 0
    GOOD_ROWS = 1
    UNKNOWN_CHILDREN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where marks come from.

    Attributes:
        name: Of the file or the system.
        sha256: Of the file or the columns.
        scheme: Which identifier names the children.
        mapping: The columns of a file, by purpose.
        content: The file itself, for its rejected rows; empty for a stream.
    """

    name: str
    sha256: str
    scheme: Scheme
    mapping: dict[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Marks with what is known to be wrong with their input.

    Attributes:
        marks: Of the rows that can be read.
        findings: Over the marks.
        labels: The columns' names.
        source: Where they come from.
        keeping: What becomes of wrong rows.
    """

    marks: Marks
    findings: Findings
    labels: Labels
    source: Source
    keeping: Keeping = Keeping.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or would do.

    Attributes:
        id: Of the import; empty for a dry run.
        source: Name of the file or system.
        sha256: Of the content.
        recorded_at: When; None for a dry run.
        imported_by: Subject of the token.
        marks: Read.
        added: Where nothing stood before.
        changed: Where another code stood.
        children: With marks in the import.
        urns: Schools with marks in the import.
        first: First day with a mark; None when there is none.
        last: Last day with a mark.
        warnings: What is odd.
        errors: What is wrong, for a dry run.
        refused: How many rows are wrong, for a dry run or where the others were kept.
        held: How many rows wait for a person to say whose they are.
    """

    id: str
    source: str
    sha256: str
    recorded_at: datetime | None
    imported_by: str
    marks: int = 0
    added: int = 0
    changed: int = 0
    children: int = 0
    urns: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    warnings: tuple[Finding, ...] = ()
    errors: tuple[Finding, ...] = ()
    refused: int = 0
    held: int = 0
