"""Reads of cohorts: what a rule would say, who is in, and who was; for rpcs and for analyses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.children import storage as children
from services.outcomes.cohorts import storage
from services.outcomes.cohorts.baselines import baselines
from services.outcomes.cohorts.commands import Draft, Evaluated
from services.outcomes.cohorts.counting import MEMBERS
from services.outcomes.cohorts.domain.judging import judged
from services.outcomes.cohorts.domain.membership import Change, members
from services.outcomes.cohorts.domain.rule import plain
from services.outcomes.cohorts.facts import StoredFacts
from services.outcomes.cohorts.population import Moment, population_of
from services.outcomes.cohorts.storage import Cohort, Freeze, RuleVersion
from services.outcomes.errors import CohortNotFound
from services.outcomes.feeds import facts

FORMAT = "localresponse-cohort/1"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would say.

    Attributes:
        children: Whom it holds for.
        unknown: Of how many it cannot say.
        asked: Of how many it was asked.
    """

    children: int
    unknown: int
    asked: int


@dataclass(frozen=True, slots=True)
class Known:
    """A cohort with its rules, its freezes and how many are in.

    Attributes:
        rules: Every version, oldest first.
        freezes: Every one, oldest first; none of a draft.
        size: Children who are in now.
    """

    cohort: Cohort
    rules: tuple[RuleVersion, ...]
    freezes: tuple[Freeze, ...]
    size: int


def preview(connection: Connection, who: Principal, draft: Draft, moment: Moment) -> Preview:
    """Return what a rule would say of the children whom the caller may count."""
    urns = access.schools_seen(who, "cohort.preview")
    population = population_of(connection, who.tenant, moment, urns=urns)
    verdict = judged(draft.rule, StoredFacts(connection, who.tenant, population))
    return Preview(
        int(np.count_nonzero(verdict.yes)),
        int(np.count_nonzero(verdict.unknown)),
        len(population.children),
    )


def evaluated(
    connection: Connection, who: Principal, cohort_id: str, *, version: int, moment: Moment
) -> Evaluated:
    """Return what a version of a cohort's rule says, with what was known of whom it names.

    Raises:
        PermissionDenied: The caller may not edit cohorts (ACTION_NOT_ALLOWED).
        CohortNotFound: No such cohort, or no such version of its rule (COHORT_NOT_FOUND).
    """
    access.require_school(who, "cohort.edit", None)
    rule = rule_version(connection, who.tenant, cohort_id, version=version)
    asked = Moment(on=moment.on, as_of=moment.as_of, off_roll=rule.off_roll)
    population = population_of(connection, who.tenant, asked)
    verdict = judged(rule.rule, StoredFacts(connection, who.tenant, population))
    named = [population.children[place].id for place in np.flatnonzero(verdict.yes).tolist()]
    return Evaluated(
        version=rule.version,
        on=asked.on,
        as_of=asked.as_of,
        named=baselines(connection, who.tenant, named, on=asked.on, as_of=asked.as_of),
        unknown=int(np.count_nonzero(verdict.unknown)),
    )


def rule_version(
    connection: Connection, tenant: str, cohort_id: str, *, version: int
) -> RuleVersion:
    """Return one version of a cohort's rule, or the newest when it is 0.

    Raises:
        CohortNotFound: No such cohort, or no such version of its rule (COHORT_NOT_FOUND).
    """
    held = storage.rules(connection, tenant, cohort_id)
    found = next((each for each in reversed(held) if version in {0, each.version}), None)
    if found is None:
        raise CohortNotFound(cohort_id, field="cohort_id")
    return found


def narrowed(who: Principal) -> bool:
    """Return whether a preview asks only of children at the caller's own schools."""
    return access.schools_seen(who, "cohort.preview") is not None


def get(connection: Connection, tenant: str, cohort_id: str) -> Known:
    """Return a cohort.

    Raises:
        CohortNotFound: No such cohort (COHORT_NOT_FOUND).
    """
    cohort = storage.find(connection, tenant, cohort_id)
    if cohort is None:
        raise CohortNotFound(cohort_id, field="cohort_id")
    return known(connection, tenant, cohort)


def known(connection: Connection, tenant: str, cohort: Cohort) -> Known:
    """Return a cohort with all that belongs to it."""
    gone = facts.erased(connection, tenant)
    inside = members(storage.changes(connection, tenant, cohort.id))
    return Known(
        cohort,
        tuple(storage.rules(connection, tenant, cohort.id)),
        tuple(storage.freezes(connection, tenant, cohort.id)),
        len(inside.keys() - gone),
    )


def list_changes(
    connection: Connection,
    who: Principal,
    cohort_id: str,
    *,
    as_of: datetime | None,
    current: bool,
) -> list[Change]:
    """Return everybody's way in and out, or how those who are in came in, in order.

    Only of children at the caller's schools, and of none that is erased.

    Raises:
        CohortNotFound: No such cohort (COHORT_NOT_FOUND).
    """
    get(connection, who.tenant, cohort_id)
    every = storage.changes(connection, who.tenant, cohort_id, as_of=as_of)
    held = sorted(members(every).values(), key=lambda one: one.number) if current else every
    seen = visible(connection, who, {each.child_id for each in held})
    return [each for each in held if each.child_id in seen]


def visible(connection: Connection, who: Principal, child_ids: Iterable[str]) -> frozenset[str]:
    """Return the children whom the caller may see: at its schools, and not erased."""
    wanted = frozenset(child_ids) - facts.erased(connection, who.tenant)
    if access.schools_seen(who, MEMBERS) is None:
        return wanted
    numbers = children.by_id(connection, who.tenant, wanted)
    known = children.children(connection, who.tenant, numbers.values()).values()
    return frozenset(
        child.id
        for child in known
        if any(access.allowed_at(who, MEMBERS, urn) for urn in child.urns())
    )


def members_at(
    connection: Connection, tenant: str, cohort_id: str, *, as_of: datetime
) -> frozenset[str]:
    """Return who was in a cohort as it was written down by a moment, by child id.

    Raises:
        CohortNotFound: No such cohort, or it was not frozen by then (COHORT_NOT_FOUND).
    """
    frozen = storage.freezes(connection, tenant, cohort_id)
    if not any(each.frozen_at <= as_of for each in frozen):
        raise CohortNotFound(cohort_id)
    return frozenset(members(storage.changes(connection, tenant, cohort_id, as_of=as_of)))


def definition(found: Known) -> str:
    """Return what a cohort is, without anybody in it, as canonical JSON."""
    body = {
        "format": FORMAT,
        "id": found.cohort.id,
        "name": found.cohort.name,
        "purpose": found.cohort.purpose,
        "created": found.cohort.created_at.isoformat(),
        "rules": [
            {
                "version": each.version,
                "rule": plain(each.rule),
                "include_off_roll": each.off_roll,
                "note": each.note,
                "sha256": each.sha256,
                "created": each.created_at.isoformat(),
            }
            for each in found.rules
        ],
        "freezes": [
            {
                "number": each.number,
                "rule_version": each.rule_version,
                "on": each.on.isoformat(),
                "as_of": each.as_of.isoformat(),
            }
            for each in found.freezes
        ],
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
