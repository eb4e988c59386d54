"""When another try is worth it, and how long to wait before: as the service asks, else longer."""

from __future__ import annotations

import random

import httpx

TRIES = 6
WAIT_MAX_S = 60.0
_FIRST_S = 0.5
_AGAIN = {429, 502, 503, 504}


def worth_another(answer: httpx.Response) -> bool:
    """Return whether the same request may be answered later: busy or away, not refused."""
    return answer.status_code in _AGAIN


def pause_s(attempt: int, answer: httpx.Response | None) -> float:
    """Return the seconds to wait after a failed attempt, 1 for the first.

    `Retry-After` in seconds is kept to, up to a minute; without one the wait doubles, with jitter
    so that many readers do not come back together.
    """
    asked = answer.headers.get("Retry-After", "") if answer is not None else ""
    if asked.isdecimal():
        return min(float(asked), WAIT_MAX_S)
    longest: float = min(_FIRST_S * 2.0 ** (attempt - 1), WAIT_MAX_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (jitter is no secret)
