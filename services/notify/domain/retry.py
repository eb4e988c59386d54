"""When to try again: by class of channel, with jitter, and never for longer than three days."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from services.notify.domain.words import Channel

GIVE_UP_AFTER = timedelta(hours=72)
"""From the first attempt."""

_FIRST_S = 30.0
_LONGEST_S = 4 * 3600.0
_HOUR_S = 3600.0
WEBHOOK_SCHEDULE_S = (
    5.0,
    300.0,
    1800.0,
    2 * _HOUR_S,
    5 * _HOUR_S,
    10 * _HOUR_S,
    14 * _HOUR_S,
    20 * _HOUR_S,
    24 * _HOUR_S,
)
"""Seconds from one attempt to the next; the Standard Webhooks specification's example."""


def next_attempt(
    channel: Channel, *, attempts: int, first_at: datetime, now: datetime, after_s: float = 0
) -> datetime | None:
    """Return when to try again, or None when it is time to give up.

    Args:
        channel: Webhooks keep their own schedule; the others back off by doubling from 30 s to
            4 h, each time between half and the whole of it by chance, so that a relay that comes
            back is not met by everybody at once.
        attempts: Made so far, 1 or more.
        first_at: When the first was made.
        now: When the last one failed.
        after_s: The least that the provider asked to wait.
    """
    if channel is Channel.WEBHOOK:
        if attempts > len(WEBHOOK_SCHEDULE_S):
            return None
        delay = WEBHOOK_SCHEDULE_S[attempts - 1] * random.uniform(1.0, 1.1)  # noqa: S311  (jitter guards nothing)
        return now + timedelta(seconds=max(delay, after_s))
    whole = min(_FIRST_S * 2 ** (attempts - 1), _LONGEST_S)
    delay = max(whole * random.uniform(0.5, 1.0), after_s)  # noqa: S311  (jitter guards nothing)
    then = now + timedelta(seconds=delay)
    return then if then <= first_at + GIVE_UP_AFTER else None
