"""What is wrong, or odd, in the rows of a file: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from services.outcomes.errors import RowsRefused

SHOWN_MAX = 200
_VALUE_MAX = 60


class Rule(StrEnum):
    """Which rule a row breaks."""

    WRONG_CELL_COUNT = "WRONG_CELL_COUNT"
    FORMULA_CELL = "FORMULA_CELL"
    EMPTY_CELL = "EMPTY_CELL"
    BAD_DATE = "BAD_DATE"
    BAD_SESSION = "BAD_SESSION"
    BAD_URN = "BAD_URN"
    BAD_UPN = "BAD_UPN"
    BAD_STATUS = "BAD_STATUS"
    BAD_DATES = "BAD_DATES"
    BAD_CHARACTERISTIC = "BAD_CHARACTERISTIC"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    UNKNOWN_SCHOOL = "UNKNOWN_SCHOOL"
    UNKNOWN_CHILD = "UNKNOWN_CHILD"
    UNNAMED_CHILD = "UNNAMED_CHILD"
    IDENTIFIERS_DISAGREE = "IDENTIFIERS_DISAGREE"
    NOT_ON_ROLL = "NOT_ON_ROLL"
    ALREADY_ON_ROLL = "ALREADY_ON_ROLL"
    NO_CALENDAR = "NO_CALENDAR"
    NOT_A_SCHOOL_DAY = "NOT_A_SCHOOL_DAY"
    DUPLICATE_ROW = "DUPLICATE_ROW"
    CODE_NOT_IN_FORCE = "CODE_NOT_IN_FORCE"
    UNKNOWN_KIND = "UNKNOWN_KIND"
    BAD_NUMBER = "BAD_NUMBER"
    BAD_DETAILS = "BAD_DETAILS"
    BAD_REASON = "BAD_REASON"
    OVERLAPS = "OVERLAPS"
    UNKNOWN_MEASURE = "UNKNOWN_MEASURE"
    BAD_INFORMANT = "BAD_INFORMANT"
    BAD_METHOD = "BAD_METHOD"
    BAD_ANSWER = "BAD_ANSWER"
    BAD_VALUE = "BAD_VALUE"
    ALREADY_OBSERVED = "ALREADY_OBSERVED"


REMEDIES = {
    Rule.WRONG_CELL_COUNT: "Give the row as many cells as the header has; quote a cell with a "
    "comma in it.",
    Rule.FORMULA_CELL: "Remove the leading = + - or @: a spreadsheet would run the cell.",
    Rule.EMPTY_CELL: "Fill the cell, or leave the row out.",
    Rule.BAD_DATE: "Write the date as YYYY-MM-DD or DD/MM/YYYY, from 2000 to 2099.",
    Rule.BAD_SESSION: "Write AM or PM.",
    Rule.BAD_URN: "Write the school's unique reference number, six digits.",
    Rule.BAD_UPN: "Check the unique pupil number: its first letter does not fit the rest.",
    Rule.BAD_STATUS: "Write sole, main or subsidiary.",
    Rule.BAD_DATES: "Let the last day be the first day or later.",
    Rule.BAD_CHARACTERISTIC: "Use a code of that day; the list is at /api/v1/characteristic-kinds.",
    Rule.UNKNOWN_CODE: "Use a code of the 2024 regulations; the list is at /api/v1/register-codes.",
    Rule.UNKNOWN_SCHOOL: "Import the school first, or correct its URN.",
    Rule.UNKNOWN_CHILD: "Import the child first, or correct the identifier.",
    Rule.UNNAMED_CHILD: "Give at least one identifier: upn, authority_child_id or mis_id.",
    Rule.IDENTIFIERS_DISAGREE: "The identifiers belong to two children: a person must decide.",
    Rule.NOT_ON_ROLL: "Correct the date, or the child's enrolment at this school.",
    Rule.ALREADY_ON_ROLL: "The child is on this roll in that time: end that enrolment first.",
    Rule.NO_CALENDAR: "Set the school's calendar for this day first.",
    Rule.NOT_A_SCHOOL_DAY: "The calendar holds no session then: correct the date or the calendar.",
    Rule.DUPLICATE_ROW: "Keep one row for each child, date and session.",
    Rule.UNKNOWN_KIND: "Write a kind of event, such as suspension or permanent_exclusion.",
    Rule.BAD_NUMBER: "Write a whole number in range: 1 to 90 sessions, year group 0 to 14.",
    Rule.BAD_DETAILS: "This kind of event needs this cell, or must leave it empty.",
    Rule.BAD_REASON: "Use up to three different reasons that were in force on the first day.",
    Rule.OVERLAPS: "The child has one of this kind in that time: correct the days, or keep one.",
    Rule.CODE_NOT_IN_FORCE: "The code was counted as it was meant; use today's codes from now on.",
    Rule.UNKNOWN_MEASURE: "Write a measure's id, or id@version; they are at /api/v1/measures.",
    Rule.BAD_INFORMANT: "Write child, parent, teacher or practitioner: one whom the measure asks.",
    Rule.BAD_METHOD: "Write questionnaire, interview, conversation, seen or records.",
    Rule.BAD_ANSWER: "Write value, not_asked, refused or not_applicable; only value has a value.",
    Rule.BAD_VALUE: "Write a number on the measure's scale; a part of the questions only where "
    "the instrument is prorated.",
    Rule.ALREADY_OBSERVED: "Another answer of that measure, informant and day is there: correct "
    "that one.",
}

_PERSONAL = {
    Rule.UNKNOWN_CHILD,
    Rule.BAD_UPN,
    Rule.BAD_CHARACTERISTIC,
    Rule.IDENTIFIERS_DISAGREE,
    Rule.UNNAMED_CHILD,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that is wrong or odd.

    Attributes:
        row: Line of the file, the header being 1; index of the mark from 1 in a stream.
        column: As the file names it; empty for the whole row.
        value: As it stands there, cut to 60 characters. May be personal.
        rule: What is wrong.
    """

    row: int
    column: str
    value: str
    rule: Rule

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.rule]


@dataclass(slots=True)
class Findings:
    """Collects findings over the rows of one input.

    Attributes:
        line_of: Names a row for a person, by its index.
        refused: bool[rows], the rows that are wrong.
        errors: The first that are wrong.
        warnings: The first that are odd but taken.
        unread: Rows found wrong before these.
        shown_max: How many findings are kept of each sort.
    """

    line_of: Callable[[int], int]
    refused: NDArray[np.bool_]
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    unread: int = 0
    shown_max: int = SHOWN_MAX

    @property
    def count(self) -> int:
        """How many rows are wrong."""
        return int(np.count_nonzero(self.refused)) + self.unread

    def copy(self) -> Findings:
        """Return the same findings to add to; a command may run again and starts from here."""
        errors, warnings = list(self.errors), list(self.warnings)
        copied = Findings(self.line_of, self.refused.copy(), errors, warnings, self.unread)
        copied.shown_max = self.shown_max
        return copied

    def onwards(self, line_of: Callable[[int], int], rows: int) -> Findings:
        """Return findings over what was made of the good rows, added to the same lists."""
        refused = np.zeros(rows, np.bool_)
        continued = Findings(line_of, refused, self.errors, self.warnings, self.count)
        continued.shown_max = self.shown_max
        return continued

    def refuse(
        self, rule: Rule, column: str, wrong: NDArray[np.bool_], value: Callable[[int], str]
    ) -> None:
        """Mark rows as wrong; a row already marked is not shown twice."""
        if not wrong.any():
            return
        fresh = np.flatnonzero(wrong & ~self.refused)
        self.refused |= wrong
        room = self.shown_max - len(self.errors)
        self.errors.extend(self._shown(fresh[:room], rule, column, value))

    def refuse_cells(
        self,
        rule: Rule,
        column: str,
        cells: Sequence[str],
        wrong: Callable[[str], bool],
        *,
        shown: bool = True,
    ) -> None:
        """Mark the rows whose cell is wrong; each distinct text is judged once.

        Args:
            rule: Which they break.
            column: As the file names it.
            cells: One of each row.
            wrong: Judges a text.
            shown: Whether the findings hold the text.
        """
        at_fault = {text for text in set(cells) if wrong(text)}
        if at_fault:
            rows = np.fromiter((text in at_fault for text in cells), np.bool_, len(cells))
            self.refuse(rule, column, rows, lambda row: cells[row] if shown else "")

    def warn(
        self, rule: Rule, column: str, odd: NDArray[np.bool_], value: Callable[[int], str]
    ) -> None:
        """Note rows as odd; they are taken."""
        fresh = np.flatnonzero(odd & ~self.refused)
        room = self.shown_max - len(self.warnings)
        self.warnings.extend(self._shown(fresh[:room], rule, column, value))

    def unreadable(self, line: int) -> None:
        """Count a line that is no row at all."""
        self.unread += 1
        if len(self.errors) < self.shown_max:
            self.errors.append(Finding(line, "", "", Rule.WRONG_CELL_COUNT))

    def _shown(
        self,
        rows: NDArray[np.intp],
        rule: Rule,
        column: str,
        value: Callable[[int], str],
    ) -> list[Finding]:
        return [
            Finding(self.line_of(row), column, value(row)[:_VALUE_MAX], rule)
            for row in rows.tolist()
        ]

    def raise_if_any(self) -> None:
        """Refuse the whole input if a row is wrong.

        Raises:
            RowsRefused: With the first wrong row in the message; identifiers are left out of it.
        """
        if not self.count:
            return
        first = min(self.errors, key=lambda finding: finding.row)
        value = "" if first.rule in _PERSONAL or not first.value else f" {first.value!r}"
        where = f"column {first.column}" if first.column else "the row"
        raise RowsRefused(
            f"{self.count} rows are wrong and nothing was kept; row {first.row}, "
            f"{where}{value}: {first.remedy}",
            field="content",
            rows_refused=self.count,
            row=first.row,
            column=first.column,
            rule=first.rule,
            remedy=first.remedy,
        )
