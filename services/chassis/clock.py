"""Time is passed in, so that rules about days and deadlines can be tested to the second."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Where a service asks what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock; the one place that reads it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class SharedClock:
    """A clock that the processes of a demonstration share, and can move, by a small file.

    It goes on at the machine's pace from the moment that it was moved to; where there is no
    file it is the machine's own.

    Args:
        file: Holds the moment and when it was set.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._machine = SystemClock()
        self._read_at = 0
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the demonstration's present moment, aware, in UTC."""
        try:
            changed = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return self._machine.now()
        if changed != self._read_at:
            setting = json.loads(self._file.read_text(encoding="utf-8"))
            moment, set_at = (datetime.fromisoformat(setting[key]) for key in ("moment", "set_at"))
            self._ahead = moment - set_at
            self._read_at = changed
        return self._machine.now() + self._ahead

    def move(self, moment: datetime) -> None:
        """Make `moment` the present one, for every process that shares the file."""
        setting = {
            "moment": moment.astimezone(UTC).isoformat(),
            "set_at": self._machine.now().isoformat(),
        }
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(setting), encoding="utf-8")
        part.replace(self._file)


def london_date(moment: datetime) -> date:
    """Return the civil date in England of an aware moment.

    School days and financial periods are chosen by it, never by the UTC date: 31 March 23:30
    UTC is already 1 April in London.
    """
    return moment.astimezone(LONDON).date()
