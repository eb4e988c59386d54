"""School days between two dates: the unit in which support is near or far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from datetime import date


class SchoolDays:
    """One child's school days.

    Args:
        open_days: `date.toordinal()` of days that the child's school held, any order.
        bank_holidays: The same of days that no school holds.

    Outside what the calendar covers every weekday counts that is not a bank holiday.
    """

    def __init__(self, open_days: Collection[int], bank_holidays: Collection[int] = ()) -> None:
        self._open = sorted(open_days)
        self._closed = frozenset(bank_holidays)

    def between(self, earlier: date, later: date) -> int:
        """Return the school days after `earlier`, up to and with `later`; 0 when none is."""
        first, last = earlier.toordinal(), later.toordinal()
        if not self._open:
            return self._weekdays(first, last)
        inside = bisect_right(self._open, last) - bisect_right(self._open, first)
        before = self._weekdays(first, min(last, self._open[0] - 1))
        after = self._weekdays(max(first, self._open[-1]), last)
        return before + max(inside, 0) + after

    def _weekdays(self, earlier: int, later: int) -> int:
        days = range(earlier + 1, later + 1)
        return sum(1 for day in days if (day - 1) % 7 < 5 and day not in self._closed)
