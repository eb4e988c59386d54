"""Leaving, moving, and putting right what was said of a roll; the register follows each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from localresponse.outcomes.v1 import outcomes_events_pb2 as events

from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes import access
from services.outcomes.children import enrolments, queries, storage
from services.outcomes.children.domain import (
    Child,
    Enrolment,
    EnrolmentStatus,
    first_overlap,
)
from services.outcomes.children.placing import enrolment_id
from services.outcomes.errors import AlreadyOnRoll, EnrolmentDatesInvalid, NotOnRoll
from services.outcomes.register import withdrawals


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an enrolment should say.

    Attributes:
        urn: The school.
        first: First day on roll as it is known now; with the school it names the enrolment.
        corrected_first: First day as it should read; None to leave it.
        last: Last day as it should read; None while on roll.
        status: As it should read; None to leave it.
        never: The child was never on that roll; the rest is ignored.
    """

    urn: str
    first: date
    corrected_first: date | None = None
    last: date | None = None
    status: EnrolmentStatus | None = None
    never: bool = False

    def of(self, known: Enrolment) -> Enrolment | None:
        """Return how the enrolment should read; None for never."""
        if self.never:
            return None
        return Enrolment(
            urn=known.urn,
            first=self.corrected_first or known.first,
            last=self.last,
            status=self.status or known.status,
        )


def end_enrolment(work: UnitOfWork, child_id: str, *, urn: str, last: date) -> Child:
    """Take a child off a roll; marks after the last day are withdrawn.

    Raises:
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        PermissionDenied: It is another's school.
        NotOnRoll: The child is not on this roll (NOT_ON_ROLL).
        EnrolmentDatesInvalid: The last day is before the first.
    """
    child = _child(work, child_id, urn)
    open_now = [one for one in child.enrolments if one.urn == urn and one.last is None]
    if not open_now:
        raise _not_on_roll(child_id, urn)
    before = open_now[-1]
    _write(work, child, before, replace(before, last=last))
    return queries.known_child(work.connection, work.tenant, child_id)


def correct_enrolment(work: UnitOfWork, child_id: str, correction: Correction) -> Child:
    """Put an enrolment right; what was said before stays, and is what `as_of` then answers.

    Marks on days that are no longer on roll are withdrawn, and those that an earlier leaving date
    withdrew come back where the child was on roll after all.

    Raises:
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        PermissionDenied: It is another's school.
        NotOnRoll: There is no such enrolment (NOT_ON_ROLL).
        EnrolmentDatesInvalid: The last day is before the first.
        AlreadyOnRoll: It would overlap another time on the same roll.
    """
    child = _child(work, child_id, correction.urn)
    key = (correction.urn, correction.first)
    known = [one for one in child.enrolments if (one.urn, one.first) == key]
    if not known:
        raise _not_on_roll(child_id, correction.urn)
    others = [one for one in child.enrolments if one != known[0]]
    should = correction.of(known[0])
    if should is not None and first_overlap(others, should) is not None:
        raise AlreadyOnRoll(
            f"the child is on the roll of {correction.urn} in that time already",
            field="corrected_first_date",
            urn=correction.urn,
        )
    _write(work, child, known[0], should)
    return queries.known_child(work.connection, work.tenant, child_id)


def correct_last_days(
    work: UnitOfWork, corrections: Iterable[tuple[int, Enrolment, Enrolment]]
) -> None:
    """Put right the last days that an input gives of enrolments that are known.

    The caller has checked rights and overlaps.
    """
    given = list(corrections)
    known = storage.children(work.connection, work.tenant, {number for number, _, _ in given})
    for number, before, after in given:
        _write(work, known[number], before, after)


def end_others(work: UnitOfWork, number: int, joined: Enrolment) -> None:
    """End every other open roll of a child who moved, the day before the new one begins.

    Raises:
        PermissionDenied: One of them is another's school.
        EnrolmentDatesInvalid: One of them began on that day or later.
    """
    child = storage.children(work.connection, work.tenant, [number])[number]
    last = joined.first - timedelta(days=1)
    for one in child.enrolments:
        subsidiary = one.status is EnrolmentStatus.SUBSIDIARY
        if one.urn == joined.urn or subsidiary or (one.last is not None and one.last <= last):
            continue
        access.require_school(work.caller, "child.edit", one.urn)
        _write(work, child, one, replace(one, last=last))


def _child(work: UnitOfWork, child_id: str, urn: str) -> Child:
    child = queries.known_child(work.connection, work.tenant, child_id)
    access.require_any_school(work.caller, "child.edit", child.urns())
    access.require_school(work.caller, "child.edit", urn)
    return child


def _not_on_roll(child_id: str, urn: str) -> NotOnRoll:
    return NotOnRoll(
        f"child {child_id} is not on the roll of {urn}", field="urn", child_id=child_id, urn=urn
    )


def _write(work: UnitOfWork, child: Child, before: Enrolment, after: Enrolment | None) -> None:
    """Add the versions that say so, let the register follow, and announce it."""
    if after is not None and after.last is not None and after.last < after.first:
        raise EnrolmentDatesInvalid(
            f"the enrolment began on {after.first}; it cannot end on {after.last}",
            field="last_date",
            first_date=after.first.isoformat(),
            last_date=after.last.isoformat(),
        )
    rows = _versions(work, child.number, before, after)
    storage.add(work.connection, enrolments.ENROLMENT, rows, tenant=work.tenant, at=work.at)
    now = enrolments.enrolments(work.connection, work.tenant, [child.number])
    withdrawals.follow_roll(
        work,
        before.urn,
        child.number,
        enrolled=now.get(child.number, ()),
        since=_since(before, after),
    )
    _announce(work, child, before, after)


def _since(before: Enrolment, after: Enrolment | None) -> date:
    """Return the first day about which a correction changes anything."""
    if after is None or after.first != before.first:
        return min(before.first, after.first if after else before.first)
    return min(one.last or date.max for one in (before, after))


def _versions(
    work: UnitOfWork, number: int, before: Enrolment, after: Enrolment | None
) -> list[Row]:
    rows = []
    if after is None or after.first != before.first:
        version = enrolments.enrolment_version(work.connection, work.tenant, number, before) + 1
        rows.append(enrolments.never_row(work.tenant, number, before, version=version, at=work.at))
    if after is not None:
        version = enrolments.enrolment_version(work.connection, work.tenant, number, after) + 1
        rows.append(
            enrolments.enrolment_row(work.tenant, number, after, version=version, at=work.at)
        )
    return rows


def _announce(work: UnitOfWork, child: Child, before: Enrolment, after: Enrolment | None) -> None:
    known_as = enrolment_id(work.tenant, child.id, before)
    following = storage.take_sequences(work.connection, work.tenant, {child.number: 1})
    left = after is not None and before.last is None and after == replace(before, last=after.last)
    message: events.ChildLeft | events.EnrolmentCorrected
    if after is not None and after.last is not None and left:
        message = events.ChildLeft(
            child_id=child.id,
            enrolment_id=known_as,
            school_urn=before.urn,
            end_date=date_to_proto(after.last),
        )
    else:
        message = events.EnrolmentCorrected(
            child_id=child.id, enrolment_id=known_as, school_urn=before.urn
        )
    work.emit(message, resource=child.id, sequence=following[child.number])
