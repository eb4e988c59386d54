"""Who is told, and when, that something waits: a chain of steps around a due moment.

Requester, then approver, then deputy: each step names its audience, and the chain stops as soon
as somebody acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.domain.hours import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        after_days: Working days from the due moment; negative for a reminder before it.
        template_id: What is said.
        audience: `requester`, `requester_deputy`, `role:<name>` or `deputy:<name>`.
    """

    after_days: int
    template_id: str
    audience: str


LADDERS: dict[str, Sequence[Step]] = {
    "decision": (Step(-1, "decision_due", "role:finance_officer"),),
    "overdue": (
        Step(0, "decision_overdue", "role:finance_officer"),
        Step(1, "decision_escalated", "deputy:finance_officer"),
        Step(1, "decision_escalated", "role:programme_manager"),
        Step(1, "decision_late", "requester"),
    ),
    "answer": (
        Step(-1, "answer_due", "requester"),
        Step(0, "answer_overdue", "requester"),
        Step(1, "answer_overdue", "requester_deputy"),
    ),
    "source_expiry": (
        Step(-10, "source_expiring", "role:programme_manager"),
        Step(-5, "source_expiring", "role:finance_officer"),
        Step(-5, "source_expiring", "deputy:programme_manager"),
    ),
}
"""`decision` and `answer` are reckoned here; `overdue` and `source_expiry` begin when the fund says
so, with the moment that it says."""


def due_steps(
    ladder: str, *, due: datetime, taken: int, now: datetime, calendar: WorkingCalendar
) -> Sequence[tuple[int, Step]]:
    """Return the steps that are due and not taken, with their numbers from 0."""
    return [
        (number, step)
        for number, step in enumerate(LADDERS[ladder])
        if number >= taken and calendar.add_working_days(due, step.after_days) <= now
    ]


def next_at(
    ladder: str, *, due: datetime, taken: int, calendar: WorkingCalendar
) -> datetime | None:
    """Return when the next step is due, or None when all were taken."""
    steps = LADDERS[ladder]
    if taken >= len(steps):
        return None
    return calendar.add_working_days(due, steps[taken].after_days)
