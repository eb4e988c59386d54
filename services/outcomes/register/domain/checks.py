"""Each rule that a mark must keep, applied to whole columns at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.outcomes.incoming_rows.findings import Findings, Rule
from services.outcomes.reference.calendars import DayKind, Days
from services.outcomes.reference.codes import CLASS_OF, CodeClass, find, in_force
from services.outcomes.register.domain.marks import Distinct, Marks, Places, distinct

_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Labels:
    """How the input names its columns, for findings.

    Attributes:
        child: Column of the identifier.
        date: Column of the date.
        urn: Column of the school.
        codes: Columns of codes.
        part: int[n], which of `codes` each mark came from.
    """

    child: str
    date: str
    urn: str
    codes: tuple[str, ...]
    part: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Roll:
    """Enrolments at the schools of an import, sorted by key and then by first day.

    Attributes:
        key: int64, the school's place in `Marks.schools` << 32 | the child's number.
        first: int32, first day on roll.
        last: int32, last day on roll.
    """

    key: NDArray[np.int64]
    first: NDArray[np.int32]
    last: NDArray[np.int32]


def pair_keys(places: Places, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each pair of school and child the key that a roll is sorted by."""
    return (places.school.astype(np.int64) << 32) | numbers


class Checker:
    """Checks one input.

    Args:
        marks: At least one; its schools and dates can be read.
        findings: Over the marks.
        labels: For the findings.
    """

    def __init__(self, marks: Marks, findings: Findings, labels: Labels) -> None:
        self._marks = marks
        self._findings = findings
        self._labels = labels
        low = int(marks.day.min())
        self.days: Distinct = distinct(marks.day - low, below=int(marks.day.max()) - low + 1)
        self.ordinals: NDArray[np.int32] = (self.days.values + low).astype(np.int32)

    def codes(self) -> NDArray[np.uint8]:
        """Return uint8[n], each mark's code index; an unknown code is refused.

        A code that was not in force on its day is taken, with a warning.
        """
        marks = self._marks
        known = [find(text) for text in marks.codes]
        table = np.fromiter((code.index if code else 0 for code in known), np.uint8, len(known))
        indexes: NDArray[np.uint8] = table[marks.code]
        self._each_part(self._findings.refuse, Rule.UNKNOWN_CODE, indexes == 0)
        stale = np.zeros((len(known), len(self.ordinals)), np.bool_)
        for place, code in enumerate(known):
            for column, ordinal in enumerate(self.ordinals.tolist()):
                day = date.fromordinal(ordinal)
                stale[place, column] = code is not None and not in_force(code, day)
        if stale.any():
            odd = stale[marks.code, self.days.index]
            self._each_part(self._findings.warn, Rule.CODE_NOT_IN_FORCE, odd)
        return indexes

    def _each_part(self, note: Callable[..., None], rule: Rule, chosen: NDArray[np.bool_]) -> None:
        if not chosen.any():
            return
        marks = self._marks
        for part, column in enumerate(self._labels.codes):
            here = chosen & (self._labels.part == part)
            note(rule, column, here, lambda row: marks.codes[int(marks.code[row])])

    def schools(self, known: NDArray[np.bool_]) -> None:
        """Refuse marks of schools that are not known."""
        marks = self._marks
        if not known.all():
            wrong = ~known[marks.school]
            self._findings.refuse(Rule.UNKNOWN_SCHOOL, self._labels.urn, wrong, self._urn)

    def children(self, places: Places, numbers: NDArray[np.int64]) -> None:
        """Refuse marks of children who are not known; number 0 says so."""
        if not numbers.all():
            wrong = (numbers == 0)[places.of_mark]
            self._findings.refuse(Rule.UNKNOWN_CHILD, self._labels.child, wrong, self._child)

    def roll(self, places: Places, numbers: NDArray[np.int64], roll: Roll) -> None:
        """Refuse marks of children who were not on the school's roll that day."""
        key = pair_keys(places, numbers)
        low = np.searchsorted(roll.key, key, "left")
        high = np.searchsorted(roll.key, key, "right")
        on_roll = np.zeros(len(self._marks), np.bool_)
        for place in range(int((high - low).max(initial=0))):
            exists = low + place < high
            here = np.where(exists, low + place, 0)
            first = np.where(exists, roll.first[here], _NEVER)[places.of_mark]
            last = np.where(exists, roll.last[here], 0)[places.of_mark]
            on_roll |= (self._marks.day >= first) & (self._marks.day <= last)
        self._findings.refuse(Rule.NOT_ON_ROLL, self._labels.date, ~on_roll, self._date)

    def calendar(self, calendars: Mapping[str, Days], indexes: NDArray[np.uint8]) -> None:
        """Refuse marks on days without a calendar, and attendance where no session was held.

        A code that is not a possible session (such as `#`) may stand on any calendar day.
        """
        marks = self._marks
        laid = {id(one): one.at(self.ordinals) for one in calendars.values()}
        kinds = np.stack([laid[id(calendars[urn])] for urn in marks.schools])
        kind = kinds[marks.school, self.days.index, marks.session]
        column = self._labels.date
        self._findings.refuse(Rule.NO_CALENDAR, column, kind == DayKind.UNKNOWN, self._date)
        closed = kind > DayKind.OPEN
        if closed.any():
            closed &= CLASS_OF[indexes] != CodeClass.NOT_POSSIBLE
            self._findings.refuse(Rule.NOT_A_SCHOOL_DAY, column, closed, self._date)

    def twice(self, flat: NDArray[np.intp]) -> None:
        """Refuse the second and later of marks that claim one session of one child."""
        order = np.argsort(flat, kind="stable")
        again = np.zeros(len(flat), np.bool_)
        again[order[1:]] = flat[order[1:]] == flat[order[:-1]]
        self._findings.refuse(Rule.DUPLICATE_ROW, self._labels.date, again, self._date)

    def _date(self, row: int) -> str:
        return date.fromordinal(int(self._marks.day[row])).isoformat()

    def _child(self, row: int) -> str:
        return self._marks.children[int(self._marks.child[row])]

    def _urn(self, row: int) -> str:
        return self._marks.schools[int(self._marks.school[row])]
