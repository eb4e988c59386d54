"""A difference between the ledger and its recompute, and the metrics that count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from prometheus_client import Counter, Gauge

from services.chassis.telemetry import REGISTRY


class Kind(StrEnum):
    """What differs."""

    OVERLAY = "overlay"
    HISTORY = "history"
    BLOCK = "block"
    COUNTER = "counter"
    RATE = "rate"
    THRESHOLD = "threshold"
    HALF_TERMS = "half_terms"
    EVENT = "event"
    EVENT_MEASURE = "event_measure"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        tenant: The authority.
        kind: What differs.
        place: Where: ids and numbers only, such as `school 100001, week 105600`.
        ledger: What the ledger holds or a query answers.
        recomputed: What the raw marks say.
    """

    tenant: str
    kind: Kind
    place: str
    ledger: str
    recomputed: str

    def line(self) -> str:
        """Return it as a line for people."""
        return (
            f"outcomes {self.tenant} {self.kind}: {self.place}: "
            f"the ledger says {self.ledger}, the raw marks {self.recomputed}"
        )


_DIFFERENCES = Counter(
    "lrf_outcome_recompute_differences",
    "Figures that differ from their independent recompute.",
    ["authority", "kind"],
    registry=REGISTRY,
)
_LAST = Gauge(
    "lrf_outcome_recompute_last_timestamp_seconds",
    "When an authority was last recomputed.",
    ["authority"],
    registry=REGISTRY,
)


def count(tenant: str, found: Sequence[Difference], *, at: datetime) -> None:
    """Count the differences of one authority; a kind without any is shown as nothing added."""
    for kind in Kind:
        here = sum(one.kind is kind for one in found)
        _DIFFERENCES.labels(tenant, kind.value).inc(here)
    _LAST.labels(tenant).set(at.timestamp())
