"""Facts about purchases for tests, with only what a test cares about named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.outcomes.episodes.domain.calendar import SchoolDays
from services.outcomes.episodes.domain.purchase import Fact, SourceCost

MONDAY = date(2026, 3, 2)
COUNCIL, TRUST = "source-council", "source-trust"


def weekdays(first: date, count: int) -> list[int]:
    days = (first.toordinal() + step for step in range(2 * count + 7))
    return [day for day in days if (day - 1) % 7 < 5][:count]


CALENDAR = SchoolDays(weekdays(date(2025, 9, 1), 300))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def make_fact(purchase_id: str = "p1", sequence: int = 1, **changed: Any) -> Fact:
    values: dict[str, Any] = {
        "purchase_id": purchase_id,
        "sequence": sequence,
        "school_urn": "100001",
        "child_ids": ("ann",),
        "category": "travel",
        "supplier_id": "bus-company",
        "submitted_at": noon(MONDAY),
        **changed,
    }
    return Fact(**values)


def bought(purchase_id: str, delivered: date, **changed: Any) -> list[Fact]:
    """Return the facts of a purchase from request to invoice."""
    pence = changed.pop("pence", 1_000)
    asked = noon(delivered - timedelta(days=10))
    common = {"submitted_at": asked, **changed}
    approved = {**common, "approved_at": asked + timedelta(days=1)}
    cost = (SourceCost(COUNCIL, "council", pence),)
    return [
        make_fact(purchase_id, 1, **common),
        make_fact(purchase_id, 2, **approved),
        make_fact(purchase_id, 3, **approved, delivered_on=(delivered,), costs=cost),
        make_fact(purchase_id, 4, **approved, delivered_on=(delivered,), costs=cost),
    ]
