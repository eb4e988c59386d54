"""Writes of cohorts: made, versioned, frozen, and put right by people who say why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.access import ACTIONS
from services.outcomes.children import queries as children
from services.outcomes.cohorts import storage
from services.outcomes.cohorts.baselines import baselines
from services.outcomes.cohorts.domain.membership import Cause, Change, latest, moves
from services.outcomes.cohorts.domain.rule import Rule
from services.outcomes.cohorts.storage import Cohort, Freeze, RuleVersion
from services.outcomes.errors import ChildNotFound, CohortNotFound
from services.outcomes.errors.cohorts import CohortRuleInvalid, CohortStateWrong, MemberUnchanged
from services.outcomes.errors.measures import VersionStale
from services.outcomes.feeds import facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as it is asked for.

    Attributes:
        rule: None where people pick the children.
        off_roll: Whether children on no roll are asked too.
        note: Why it is made.
    """

    rule: Rule | None
    off_roll: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a rule said, read before the write so that nobody waits for it.

    Attributes:
        version: Of the rule.
        named: Whom it holds for, with what their attendance was.
        unknown: Of how many children it could not say.
    """

    version: int
    on: date
    as_of: datetime
    named: Mapping[str, str]
    unknown: int


def create(work: UnitOfWork, name: str, purpose: str, *, draft: Draft) -> Cohort:
    """Keep a cohort with version 1 of its rule.

    Raises:
        PermissionDenied: The caller may not edit cohorts (ACTION_NOT_ALLOWED).
    """
    require(ACTIONS, work.caller, "cohort.edit", Resource(work.tenant))
    cohort = Cohort(
        id=new_id(),
        name=name,
        purpose=purpose,
        created_at=work.at,
        created_by=work.caller.subject,
    )
    storage.add_cohort(work.connection, work.tenant, cohort)
    _keep_rule(work, cohort.id, draft, version=1)
    return cohort


def make_version(work: UnitOfWork, cohort_id: str, draft: Draft, *, expected: int) -> Cohort:
    """Keep the next version of a cohort's rule; who is in changes only when it is frozen by it.

    Raises:
        CohortNotFound: No such cohort (COHORT_NOT_FOUND).
        VersionStale: Somebody made a version first (VERSION_STALE).
    """
    cohort = _locked(work, cohort_id)
    newest = storage.rules(work.connection, work.tenant, cohort_id)[-1].version
    if newest != expected:
        raise VersionStale(
            f"the newest version is {newest}, not {expected}",
            field="expected_version",
            expected_version=expected,
            version=newest,
        )
    _keep_rule(work, cohort_id, draft, version=newest + 1)
    return cohort


def freeze(work: UnitOfWork, cohort_id: str, evaluated: Evaluated) -> Freeze:
    """Write down who is in by a version of the rule, and everybody who goes in or out by it.

    What a person decided of a child stays as it was decided.

    Raises:
        CohortNotFound: No such cohort (COHORT_NOT_FOUND).
        CohortStateWrong: It was frozen for a later day already (COHORT_STATE_WRONG).
    """
    _locked(work, cohort_id)
    earlier = storage.freezes(work.connection, work.tenant, cohort_id)
    if earlier and earlier[-1].on > evaluated.on:
        raise CohortStateWrong(
            f"it is frozen as of {earlier[-1].on}; membership is not written before that day",
            field="on_date",
            cohort_id=cohort_id,
            state="frozen",
        )
    known = latest(storage.changes(work.connection, work.tenant, cohort_id))
    moved = moves(known, evaluated.named.keys())
    made = _by_rule(work, evaluated, moved.joining, moved.leaving, after=_last(known))
    storage.add_changes(work.connection, work.tenant, cohort_id, made)
    done = Freeze(
        number=len(earlier) + 1,
        rule_version=evaluated.version,
        on=evaluated.on,
        as_of=evaluated.as_of,
        joined=len(moved.joining),
        left=len(moved.leaving),
        unknown=evaluated.unknown,
        frozen_at=work.at,
        frozen_by=work.caller.subject,
    )
    storage.add_freeze(work.connection, work.tenant, cohort_id, done)
    return done


def move_child(
    work: UnitOfWork, cohort_id: str, child_id: str, *, joining: bool, day: tuple[date, str]
) -> Change:
    """Let a person put a child in or take it out, since a day and for a reason.

    Raises:
        CohortNotFound: No such cohort (COHORT_NOT_FOUND).
        CohortStateWrong: It is not frozen yet (COHORT_STATE_WRONG).
        ChildNotFound: No such child, or an erased one (CHILD_NOT_FOUND).
        MemberUnchanged: It is in, or out, already (MEMBER_UNCHANGED).
        CohortRuleInvalid: The day has not come (COHORT_RULE_INVALID).
    """
    on, reason = day
    _locked(work, cohort_id)
    if not storage.freezes(work.connection, work.tenant, cohort_id):
        raise CohortStateWrong("freeze it first", cohort_id=cohort_id, state="draft")
    if on > london_date(work.at):
        raise CohortRuleInvalid(f"{on} has not come yet", field="on_date")
    child = children.known_child(work.connection, work.tenant, child_id)
    if child_id in facts.erased(work.connection, work.tenant):
        raise ChildNotFound(child_id)
    known = latest(storage.changes(work.connection, work.tenant, cohort_id))
    inside = child_id in known and known[child_id].joined
    if inside is joining:
        state = "in the cohort" if inside else "not in the cohort"
        raise MemberUnchanged(f"the child is {state} already", field="child_id", child_id=child_id)
    held = (
        baselines(work.connection, work.tenant, [child.id], on=on, as_of=work.at) if joining else {}
    )
    change = Change(
        number=_last(known) + 1,
        child_id=child_id,
        joined=joining,
        on=on,
        cause=Cause.PERSON,
        reason=reason,
        rule_version=0,
        baseline=held.get(child_id, ""),
        recorded_at=work.at,
        recorded_by=work.caller.subject,
    )
    storage.add_changes(work.connection, work.tenant, cohort_id, [change])
    return change


def _by_rule(
    work: UnitOfWork,
    evaluated: Evaluated,
    joining: Sequence[str],
    leaving: Sequence[str],
    *,
    after: int,
) -> list[Change]:
    version, on = evaluated.version, evaluated.on
    every = [(child_id, True) for child_id in joining] + [(each, False) for each in leaving]
    return [
        Change(
            number=number,
            child_id=child_id,
            joined=joined,
            on=on,
            cause=Cause.RULE,
            reason=f"rule version {version} {'holds' if joined else 'no longer holds'} on {on}",
            rule_version=version,
            baseline=evaluated.named[child_id] if joined else "",
            recorded_at=work.at,
            recorded_by=work.caller.subject,
        )
        for number, (child_id, joined) in enumerate(every, start=after + 1)
    ]


def _keep_rule(work: UnitOfWork, cohort_id: str, draft: Draft, *, version: int) -> None:
    made = RuleVersion(
        version=version,
        rule=draft.rule,
        off_roll=draft.off_roll,
        note=draft.note,
        created_at=work.at,
        created_by=work.caller.subject,
    )
    storage.add_rule(work.connection, work.tenant, cohort_id, made)


def _locked(work: UnitOfWork, cohort_id: str) -> Cohort:
    require(ACTIONS, work.caller, "cohort.edit", Resource(work.tenant))
    found = storage.find(work.connection, work.tenant, cohort_id, lock=True)
    if found is None:
        raise CohortNotFound(cohort_id, field="cohort_id")
    return found


def _last(known: Mapping[str, Change]) -> int:
    return max((each.number for each in known.values()), default=0)
