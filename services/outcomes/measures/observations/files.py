"""A CSV file of observations, read into answers; each wrong row is found and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from services.outcomes.incoming_rows import csv_files
from services.outcomes.incoming_rows.cell_values import is_formula, read_date
from services.outcomes.incoming_rows.findings import Findings, Rule
from services.outcomes.measures.catalogue.domain.values import MICRO, Informant
from services.outcomes.measures.observations.domain import NON_ANSWERS, Answer, Given, Method

COLUMNS = (
    "child",
    "measure",
    "date",
    "informant",
    "method",
    "answer",
    "value",
    "items_answered",
)
_OPTIONAL = frozenset({"method", "answer", "value", "items_answered"})
_ITEMS_MAX = 500
_VALUE_MAX = 10**6

Cells = Mapping[str, list[str]]


@dataclass(slots=True)
class ObservationFile:
    """What a file says.

    Attributes:
        children: Each row's identifier as it stands there.
        given: One for each row, its child not yet found; rows at fault hold what could be read.
        findings: What is wrong.
        sha256: Of the file.
    """

    children: list[str]
    given: list[Given]
    findings: Findings
    sha256: str


def read(content: bytes) -> ObservationFile:
    """Read a file of observations.

    Raises:
        FileUnreadable: It is not CSV in UTF-8.
        LineTooLong: A line is above 64 KiB.
        HeaderWrong: A column is missing.
        TooManyRows: It has too many rows.
    """
    sheet = csv_files.read(content, {name: name for name in COLUMNS}, optional=_OPTIONAL)
    filled, findings = sheet.filled()
    count = len(findings.refused)
    cells = dict.fromkeys(COLUMNS, [""] * count) | filled
    _refuse_cells(findings, cells)
    given = [_given(cells, row) for row in range(count)]
    return ObservationFile(cells["child"], given, findings, sha256(content).hexdigest())


def _refuse_cells(findings: Findings, cells: Cells) -> None:
    checks: tuple[tuple[str, Rule, Callable[[str], bool]], ...] = (
        *((name, Rule.FORMULA_CELL, _runs) for name in COLUMNS),
        *((name, Rule.EMPTY_CELL, _empty) for name in ("child", "measure")),
        ("date", Rule.BAD_DATE, lambda text: read_date(text) is None),
        ("informant", Rule.BAD_INFORMANT, lambda text: text.lower() not in set(Informant)),
        ("method", Rule.BAD_METHOD, lambda text: bool(text) and text.lower() not in set(Method)),
        ("answer", Rule.BAD_ANSWER, lambda text: bool(text) and _answer(text) is None),
        ("value", Rule.BAD_VALUE, lambda text: bool(text) and number(text) is None),
        ("items_answered", Rule.BAD_VALUE, lambda text: bool(text) and _items(text) is None),
    )
    for name, rule, wrong in checks:
        findings.refuse_cells(rule, name, cells[name], wrong, shown=name != "child")


def _given(cells: Cells, row: int) -> Given:
    informant, method = cells["informant"][row].lower(), cells["method"][row].lower()
    value = number(cells["value"][row])
    return Given(
        child_id="",
        measure=cells["measure"][row],
        answer=_answer(cells["answer"][row]) or Answer.VALUE,
        informant=Informant(informant) if informant in set(Informant) else Informant.CHILD,
        method=Method(method) if method in set(Method) else Method.QUESTIONNAIRE,
        observed_on=read_date(cells["date"][row]) or date.min,
        value=value,
        items_answered=_items(cells["items_answered"][row]) or 0,
    )


def _runs(text: str) -> bool:
    return is_formula(text) and not (text.startswith("-") and number(text) is not None)


def _empty(text: str) -> bool:
    return not text


def _answer(text: str) -> Answer | None:
    wanted = text.lower().replace(" ", "_")
    return next((each for each in (Answer.VALUE, *NON_ANSWERS) if each.value == wanted), None)


def _items(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= _ITEMS_MAX else None


def number(text: str) -> int | None:
    """Return a decimal number as millionths; None for what is none, or finer, or far too large."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact) > _VALUE_MAX:
        return None
    micro = exact * MICRO
    return int(micro) if micro == micro.to_integral_value() else None
