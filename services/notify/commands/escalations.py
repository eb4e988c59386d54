"""Following what waits, and telling the next person of the chain when nobody acts in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.auth import Principal
from services.chassis.clock import london_date
from services.chassis.database import Transaction
from services.chassis.events import Event
from services.chassis.ids import derived_id, new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands.intake import Intake
from services.notify.domain.audience import Audience, Deputies, Holders, Person
from services.notify.domain.hours import WorkingCalendar
from services.notify.domain.ladder import Step, due_steps, next_at
from services.notify.domain.message import Cause
from services.notify.rules import Notice, read
from services.notify.rules.beginnings import begins
from services.notify.rules.matters import MATTERS, Matter, Move
from services.notify.storage import escalations, recipients
from services.notify.storage.escalations import Escalation

BATCH = 100


@dataclass(frozen=True, slots=True)
class Escalations:
    """Ladders of matters that wait.

    Attributes:
        intake: Makes the messages of a step.
        calendar: Working days.
    """

    intake: Intake
    calendar: WorkingCalendar

    def follow(self, work: UnitOfWork, event: Event) -> None:
        """Open, pause, resume or close what an event moves."""
        for matter in MATTERS.get(event.type, ()):
            match matter.move:
                case Move.OPEN:
                    self._open(work, event, matter.ladder)
                case Move.PAUSE:
                    self._pause(work, matter, event)
                case Move.RESUME:
                    self._resume(work, matter, event)
                case Move.CLOSE:
                    self._close(work, matter, event)

    def climb(self, transaction: Transaction, now: datetime) -> int:
        """Take every step that is due; return how many matters were looked at."""
        found = escalations.due(transaction.connection, now, BATCH)
        for matter in found:
            work = UnitOfWork(transaction, Principal.system(matter.tenant), now, new_id())
            self._climb(work, matter)
        return len(found)

    def _open(self, work: UnitOfWork, event: Event, ladder: str) -> None:
        begun = begins(ladder, read(event), work.at, self.calendar)
        if begun is None:
            return
        tenant, resource = work.tenant, begun.resource
        if escalations.open_one(work.connection, tenant, ladder, resource):
            return
        added = Escalation(
            tenant=tenant,
            ladder=ladder,
            resource=resource,
            round=escalations.rounds(work.connection, tenant, ladder, resource) + 1,
            reference=begun.reference,
            requester=begun.requester,
            link=begun.link,
            anchor_at=begun.due,
            next_at=next_at(ladder, due=begun.due, taken=0, calendar=self.calendar),
        )
        found = _after_decision(work, self._past_reminders(added, work.at))
        if found is not None:
            escalations.add(work.connection, found)

    def _past_reminders(self, added: Escalation, now: datetime) -> Escalation:
        """Skip reminders whose moment had passed before the matter began to wait."""
        due = due_steps(added.ladder, due=added.anchor_at, taken=0, now=now, calendar=self.calendar)
        taken = sum(step.after_days < 0 for _, step in due)
        then = next_at(added.ladder, due=added.anchor_at, taken=taken, calendar=self.calendar)
        return replace(added, taken=taken, next_at=then)

    def _pause(self, work: UnitOfWork, matter: Matter, event: Event) -> None:
        found = _open_of(work, matter, event)
        if found is not None and found.paused_at is None:
            escalations.save(work.connection, replace(found, paused_at=work.at, next_at=None))

    def _resume(self, work: UnitOfWork, matter: Matter, event: Event) -> None:
        found = _open_of(work, matter, event)
        if found is None or found.paused_at is None:
            return
        due = found.anchor_at + (work.at - found.paused_at)
        then = next_at(found.ladder, due=due, taken=found.taken, calendar=self.calendar)
        running = replace(found, anchor_at=due, paused_at=None, next_at=then)
        escalations.save(work.connection, running)

    @staticmethod
    def _close(work: UnitOfWork, matter: Matter, event: Event) -> None:
        found = _open_of(work, matter, event)
        if found is not None:
            closed = replace(found, closed_at=work.at, next_at=None)
            escalations.save(work.connection, closed)

    def _climb(self, work: UnitOfWork, matter: Escalation) -> None:
        due = due_steps(
            matter.ladder,
            due=matter.anchor_at,
            taken=matter.taken,
            now=work.at,
            calendar=self.calendar,
        )
        for number, step in _last_of_each_audience(due):
            self._tell(work, matter, number, step)
        taken = matter.taken + len(due)
        then = next_at(matter.ladder, due=matter.anchor_at, taken=taken, calendar=self.calendar)
        escalations.save(work.connection, replace(matter, taken=taken, next_at=then))

    def _tell(self, work: UnitOfWork, matter: Escalation, number: int, step: Step) -> None:
        parts = (matter.ladder, matter.resource, str(matter.round), str(number))
        cause = Cause("notify", derived_id("escalation", *parts))
        values = values_of(matter)
        found = [
            Notice(step.template_id, audience, values, matter.link)
            for audience in _audience(work, matter, step.audience)
        ]
        self.intake.tell(work, cause, found)


def _after_decision(work: UnitOfWork, added: Escalation) -> Escalation | None:
    """Return a late decision with what is known of its request; None when it was decided.

    A request that was queried meanwhile is late too, but stands still until it is answered.
    """
    if added.ladder != "overdue":
        return added
    waiting = escalations.open_one(work.connection, work.tenant, "decision", added.resource)
    if waiting is None:
        return None
    if waiting.paused_at is not None:
        added = replace(added, paused_at=work.at, next_at=None)
    return replace(added, requester=waiting.requester)


def values_of(matter: Escalation) -> dict[str, str]:
    """Return what a step says: the request's reference, or the day that a source ends on."""
    if matter.ladder == "source_expiry":
        return {"on": london_date(matter.anchor_at).isoformat()}
    return {"reference": matter.reference}


def _open_of(work: UnitOfWork, matter: Matter, event: Event) -> Escalation | None:
    return escalations.open_one(work.connection, work.tenant, matter.ladder, event.resource)


def _last_of_each_audience(due: Sequence[tuple[int, Step]]) -> list[tuple[int, Step]]:
    """Return the steps to tell: after an outage nobody is reminded of what is overdue."""
    last = {step.audience: (number, step) for number, step in due}
    return sorted(last.values(), key=lambda each: each[0])


def _audience(work: UnitOfWork, matter: Escalation, name: str) -> list[Audience]:
    kind, _, role = name.partition(":")
    match kind:
        case "role":
            return [Holders(role)]
        case "deputy":
            return [Deputies(role)]
        case "requester":
            return [Person(matter.requester)]
        case _:
            person = recipients.load(work.connection, work.tenant, matter.requester)
            return [Person(person.deputy)] if person and person.deputy else []
