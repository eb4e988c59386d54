"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The chassis's Clock, moved by hand; it starts on a school day in term."""

    def __init__(self, moment: datetime | None = None) -> None:
        self._moment = moment or datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        assert moment.tzinfo is not None, "a naive datetime is not a moment"
        self._moment = moment.astimezone(UTC)

    def advance(self, **elapsed: float) -> None:
        """Move on by `timedelta(**elapsed)`."""
        self._moment += timedelta(**elapsed)
