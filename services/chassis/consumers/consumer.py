"""What a service declares about the events that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.bus import Reader
from services.chassis.inbox import EventHandler

MAX_DELIVERIES = 6
"""After so many deliveries an event that still fails is put aside."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a consumer waits before it looks at an event again, in seconds.

    Attributes:
        failed_s: After the first, second … failure; the last holds for all further ones.
        early_s: The same while a predecessor is missing.
        look_every_s: How often it looks for events put aside whose turn has come.
    """

    failed_s: tuple[float, ...] = (1, 5, 30, 120, 600)
    early_s: tuple[float, ...] = (0.05, 0.2, 1, 3, 10)
    look_every_s: float = 2

    def after_failure(self, number: int) -> float:
        """Return the pause after the delivery of this number failed."""
        return self.failed_s[min(number, len(self.failed_s)) - 1]

    def while_early(self, number: int) -> float:
        """Return the pause after the delivery of this number came too early."""
        return self.early_s[min(number, len(self.early_s)) - 1]


_PATIENCE = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """What a service reads of another.

    Attributes:
        name: The durable consumer, reader first, such as `outcomes-fund`.
        subjects: All the events of the resources that it follows (`lr.*.fund.>`), since an event
            that is left out is a gap in its resource's sequence.
        handlers: By event type; other types only count.
        patience: How long it waits before it looks at an event again.
    """

    name: str
    subjects: tuple[str, ...]
    handlers: Mapping[str, EventHandler]
    patience: Patience = _PATIENCE

    @property
    def reader(self) -> Reader:
        """What the keeper must know of it."""
        return Reader(self.name, self.subjects)
