"""What this service does with the fund's events."""

from __future__ import annotations

from services.chassis.consumers import Consumer
from services.outcomes.episodes.derivation import record_fact
from services.outcomes.episodes.facts import PURCHASE_EVENTS

CONSUMER = "outcomes-fund"


def fund_purchases() -> Consumer:
    """Return the consumer that turns every event of a purchase into episodes and costs."""
    return Consumer(
        name=CONSUMER,
        subjects=("lr.*.fund.purchase.*",),
        handlers=dict.fromkeys(PURCHASE_EVENTS, record_fact),
    )
