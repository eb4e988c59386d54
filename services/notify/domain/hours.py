"""Civil time in England: quiet hours, working days and digest mornings, over clock changes too.

Every rule is reckoned on the wall clock and turned into a moment at its end, so an hour that
comes twice in October or not at all in March neither loses nor doubles a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.chassis.clock import LONDON
from services.notify.domain.words import Digest

DIGEST_TIME = time(8, 0)
CLOSING_TIME = time(17, 0)
_DAYS_AHEAD = 30


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When people are left alone: from `start` to `end` each day, and all of a day off.

    Attributes:
        start: Local time at which the quiet begins.
        end: Local time at which it ends; before `start` when it spans midnight.
        days_off: Whether Saturdays, Sundays and bank holidays are quiet too.
    """

    start: time
    end: time
    days_off: bool = True

    @classmethod
    def parse(cls, text: str) -> QuietHours | None:
        """Read `19:00-07:30`, or `off` for none.

        Raises:
            ValueError: It is neither.
        """
        if text == "off":
            return None
        start, _, end = text.partition("-")
        return cls(time.fromisoformat(start), time.fromisoformat(end))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days: Monday to Friday less bank holidays.

    Attributes:
        holidays: Bank holidays of England and Wales.
    """

    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Return whether people work on `day`."""
        return day.weekday() < 5 and day not in self.holidays

    def next_working(self, day: date) -> date:
        """Return `day` if people work on it, else the next day on which they do."""
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """Return the moment `days` working days later (or earlier), at the same local time.

        Args:
            moment: Aware.
            days: 0 moves only from a day off to the next working day.
        """
        local = moment.astimezone(LONDON)
        day, step = self.next_working(local.date()), 1 if days >= 0 else -1
        for _ in range(abs(days)):
            day += timedelta(days=step)
            while not self.works(day):
                day += timedelta(days=step)
        return local_moment(day, local.time())

    def end_of_day(self, moment: datetime, days: int) -> datetime:
        """Return the close of business, 17:00, of the working day `days` after a moment's.

        A moment after closing, or on a day off, counts as the next working day's morning.
        """
        local = moment.astimezone(LONDON)
        day = self.next_working(local.date())
        if day == local.date() and local.time() >= CLOSING_TIME:
            day = self.next_working(day + timedelta(days=1))
        return self.add_working_days(local_moment(day, CLOSING_TIME), days)

    def quiet_until(self, moment: datetime, quiet: QuietHours) -> datetime | None:
        """Return when the quiet that holds at `moment` ends, or None when none holds."""
        local = moment.astimezone(LONDON)
        if not self._is_quiet(local.date(), local.time(), quiet):
            return None
        for ahead in range(_DAYS_AHEAD):
            day = local.date() + timedelta(days=ahead)
            end = local_moment(day, quiet.end)
            if end > moment and not (quiet.days_off and not self.works(day)):
                return end
        raise AssertionError("thirty days off in a row")

    def next_digest(self, moment: datetime, digest: Digest) -> datetime:
        """Return the first digest morning after `moment`.

        Daily: 08:00 on each working day. Weekly: 08:00 on the first working day of each week.
        """
        day = moment.astimezone(LONDON).date()
        for ahead in range(_DAYS_AHEAD):
            candidate = day + timedelta(days=ahead)
            if not self.works(candidate) or not self._is_digest_day(candidate, digest):
                continue
            morning = local_moment(candidate, DIGEST_TIME)
            if morning > moment:
                return morning
        raise AssertionError("no working day in thirty")

    def _is_digest_day(self, day: date, digest: Digest) -> bool:
        monday = day - timedelta(days=day.weekday())
        return digest is Digest.DAILY or self.next_working(monday) == day

    def _is_quiet(self, day: date, at: time, quiet: QuietHours) -> bool:
        if quiet.days_off and not self.works(day):
            return True
        if quiet.start > quiet.end:
            return at >= quiet.start or at < quiet.end
        return quiet.start <= at < quiet.end


def local_moment(day: date, at: time) -> datetime:
    """Return the moment in UTC of a local date and time.

    A time that the clocks skip in March is read with the offset before the change, which lands
    after it; one that comes twice in October is its first coming.
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), LONDON).astimezone(UTC)


def next_midnight(moment: datetime) -> datetime:
    """Return the start of the next local day."""
    return local_moment(moment.astimezone(LONDON).date() + timedelta(days=1), time(0, 0))


def midnight_before(moment: datetime) -> datetime:
    """Return the start of the local day that `moment` is in."""
    return local_moment(moment.astimezone(LONDON).date(), time(0, 0))
