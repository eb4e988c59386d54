"""Writes of published weeks and of analyses; an analysis is computed before it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.access import ACTIONS
from services.outcomes.errors import AsOfInFuture
from services.outcomes.errors.analyses import PublishedWeekDiffers
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import lay_out
from services.outcomes.reference.neighbours import neighbours
from services.outcomes.series import storage
from services.outcomes.series.domain import (
    METHOD_VERSION,
    Figures,
    Rule,
    Week,
    figures_of,
    latest,
)
from services.outcomes.series.storage import Analysis


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did: weeks that were new, and weeks that were there."""

    added: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Computed:
    """Figures that are not stored yet, with what makes them again."""

    figures: Figures
    rule: Rule
    as_of: datetime
    edition: str


def record_weeks(work: UnitOfWork, given: Sequence[Week], *, source: str) -> Recorded:
    """Record published weeks, all of them or none.

    Raises:
        PermissionDenied: The caller may not record them (ACTION_NOT_ALLOWED).
        PublishedWeekDiffers: A publication says two things of a week (PUBLISHED_WEEK_DIFFERS).
    """
    require(ACTIONS, work.caller, "published.record", Resource(work.tenant))
    known: dict[tuple[object, ...], Week] = {}
    for phase in sorted({week.phase for week in given}):
        codes = sorted({week.authority for week in given if week.phase is phase})
        for week in storage.weeks(work.connection, work.tenant, codes, phase):
            known[_key(week)] = week
    new: dict[tuple[object, ...], Week] = {}
    for week in given:
        before = known.get(_key(week)) or new.get(_key(week))
        if before is not None and before != week:
            raise PublishedWeekDiffers(week.authority, week.monday, week.published_on)
        if before is None:
            new[_key(week)] = week
    storage.add_weeks(work.connection, work.tenant, new.values(), source=source, at=work.at)
    kinds = Counter(_key(week) in new for week in given)
    return Recorded(len(new), kinds[True] - len(new) + kinds[False])


def computed(
    connection: Connection, who: Principal, rule: Rule, *, as_of: datetime | None, now: datetime
) -> Computed:
    """Compute an analysis, on a reader: the fit takes longer than a write may.

    Raises:
        PermissionDenied: The caller may not run analyses (ACTION_NOT_ALLOWED).
        AsOfInFuture: The moment has not come (AS_OF_IN_FUTURE).
        AuthorityNotFound: The authority has no statistical neighbours (AUTHORITY_NOT_FOUND).
        SeriesTooShort, SeriesNeighboursTooFew, SeriesCalendarMissing: See `figures_of`.
    """
    require(ACTIONS, who, "analysis.run", Resource(who.tenant))
    if as_of is not None and as_of > now:
        raise AsOfInFuture(
            f"as_of_time: {as_of.isoformat()} has not come yet",
            field="as_of_time",
            as_of_time=as_of.isoformat(),
        )
    moment = as_of or now
    like = neighbours(who.tenant, london_date(moment))
    codes = like.ons_codes()
    held = storage.weeks(connection, who.tenant, [who.tenant, *codes], rule.phase, as_of=moment)
    calendar = lay_out(reference.authority_spans(connection, who.tenant))
    figures = figures_of(
        latest(held),
        rule,
        authority=who.tenant,
        neighbours=codes,
        half_terms=calendar.half_terms(),
    )
    return Computed(figures, rule, moment, like.edition.name)


def keep(work: UnitOfWork, found: Computed) -> Analysis:
    """Store an analysis and return it."""
    analysis = Analysis(
        id=new_id(),
        rule=found.rule,
        method_version=METHOD_VERSION,
        as_of=found.as_of,
        created_at=work.at,
        edition=found.edition,
        figures=found.figures,
        results_sha256=storage.sha256_of(found.figures),
    )
    storage.add(work.connection, work.tenant, analysis, by=work.caller.subject)
    return analysis


def _key(week: Week) -> tuple[object, ...]:
    return week.authority, week.phase, week.monday, week.published_on
