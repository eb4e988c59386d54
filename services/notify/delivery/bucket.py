"""A token bucket for each provider: more than it can bear waits, and nothing is dropped."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Bucket:
    """Tokens that come at a steady rate, with room for a short burst.

    Args:
        per_s: Tokens in a second; infinite for no limit.
        burst: Room for tokens; a third of a minute's worth at most, as GOV.UK Notify gives.
        now: A clock that only goes forwards, in seconds.
    """

    def __init__(
        self, per_s: float, burst: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s = per_s
        self._room = burst if burst is not None else max(1.0, min(per_s, 1000.0))
        self._tokens = self._room
        self._now = now
        self._at = now()

    def reserve(self) -> float:
        """Take a token and return the seconds to wait before it may be used."""
        if math.isinf(self._per_s):
            return 0.0
        now = self._now()
        self._tokens = min(self._room, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self._per_s)

    def give_back(self) -> None:
        """Return a token that was reserved and not used."""
        self._tokens = min(self._room, self._tokens + 1)
