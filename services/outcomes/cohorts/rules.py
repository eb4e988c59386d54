"""Rules from the wire, checked field by field, and back; nothing of a rule is ever run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localresponse.outcomes.v1 import child_events_service_pb2 as events_pb
from localresponse.outcomes.v1 import cohorts_types_pb2 as pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb

from services.chassis.wire import date_from_proto, date_to_proto
from services.outcomes.children.characteristics.kinds import BY_COLUMN
from services.outcomes.cohorts.domain.rule import (
    CONDITIONS_MAX,
    DEPTH_MAX,
    MINIMUM_POSSIBLE_SESSIONS,
    Absent,
    AllOf,
    AnyOf,
    AtSchool,
    Funded,
    Happened,
    InPhase,
    InYear,
    Known,
    Not,
    Rule,
    Span,
    size_of,
)
from services.outcomes.errors.cohorts import CohortRuleInvalid
from services.outcomes.reference.domain import Phase

_KIND = "CHILD_EVENT_KIND_"


def rule_in(message: pb.CohortCondition, *, field: str) -> Rule:
    """Read a rule.

    Raises:
        CohortRuleInvalid: The field says which condition cannot be (COHORT_RULE_INVALID).
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    rule = _condition(message, field, 1)
    conditions, _ = size_of(rule)
    if conditions > CONDITIONS_MAX:
        raise CohortRuleInvalid(
            f"a rule has at most {CONDITIONS_MAX} conditions, not {conditions}",
            field=field,
            conditions=conditions,
        )
    return rule


def _condition(message: pb.CohortCondition, field: str, depth: int) -> Rule:
    which = message.WhichOneof("condition")
    if depth > DEPTH_MAX:
        raise CohortRuleInvalid(f"conditions lie at most {DEPTH_MAX} deep", field=field)
    if which is None:
        raise CohortRuleInvalid("a condition says something", field=field)
    inner, here = getattr(message, which), f"{field}.{which}"
    if which == "not":
        return Not(_condition(inner, here, depth + 1))
    if which in {"all", "any"}:
        parts = tuple(
            _condition(each, f"{here}.conditions[{place}]", depth + 1)
            for place, each in enumerate(inner.conditions)
        )
        return AllOf(parts) if which == "all" else AnyOf(parts)
    return _LEAVES[which](inner, here)


def _school(message: pb.SchoolCondition, field: str) -> AtSchool:
    if not message.urns and not message.clusters:
        raise CohortRuleInvalid("name a school or a cluster", field=field)
    return AtSchool(tuple(sorted(message.urns)), tuple(sorted(message.clusters)))


def _phase(message: pb.PhaseCondition, _field: str) -> InPhase:
    return InPhase(tuple(sorted(Phase(number).name.lower() for number in message.phases)))


def _year_group(message: pb.YearGroupCondition, _field: str) -> InYear:
    return InYear(tuple(sorted(message.years)))


def _absence(message: pb.AbsenceCondition, field: str) -> Absent:
    if message.below_percent and message.below_percent <= message.from_percent:
        raise CohortRuleInvalid(
            "the upper end is above the lower one",
            field=f"{field}.below_percent",
            from_percent=message.from_percent,
            below_percent=message.below_percent,
        )
    if not message.below_percent and not message.from_percent:
        raise CohortRuleInvalid("give an end: every child misses 0 % or more", field=field)
    span = Span(school_days=message.school_days, year_to_date=message.year_to_date)
    if message.WhichOneof("span") == "dates":
        span = Span(**_dates(message.dates, f"{field}.dates"))
    return Absent(
        span=span,
        from_percent=message.from_percent,
        below_percent=message.below_percent,
        minimum_possible=message.minimum_possible_sessions or MINIMUM_POSSIBLE_SESSIONS,
    )


def _funded(message: pb.FundedCondition, field: str) -> Funded:
    days = _dates(message.approved, f"{field}.approved") if message.HasField("approved") else {}
    return Funded(categories=tuple(sorted(message.categories)), **days)


def _characteristic(message: pb.CharacteristicCondition, field: str) -> Known:
    kind = BY_COLUMN.get(message.name)
    if kind is None or kind.sealed:
        raise CohortRuleInvalid(
            f"no rule may ask for {message.name}", field=f"{field}.name", name=message.name
        )
    for place, value in enumerate(message.values):
        if kind.find(value) is None:
            raise CohortRuleInvalid(
                f"{message.name} has no code {value}",
                field=f"{field}.values[{place}]",
                value=value,
            )
    return Known(message.name, tuple(sorted(each.strip().upper() for each in message.values)))


def _event(message: pb.EventCondition, _field: str) -> Happened:
    names = (events_pb.ChildEventKind.Name(each) for each in message.kinds)
    return Happened(
        kinds=tuple(sorted(name.removeprefix(_KIND).lower() for name in names)),
        within_days=message.within_days,
        at_least=message.at_least or 1,
    )


def _dates(message: pb.CohortDates, field: str) -> dict[str, Any]:
    first = date_from_proto(message.first_date, f"{field}.first_date")
    last = date_from_proto(message.last_date, f"{field}.last_date")
    if last < first:
        raise CohortRuleInvalid("it ends before it begins", field=f"{field}.last_date")
    return {"first": first, "last": last}


_LEAVES: dict[str, Callable[[Any, str], Rule]] = {
    "school": _school,
    "phase": _phase,
    "year_group": _year_group,
    "absence": _absence,
    "funded": _funded,
    "characteristic": _characteristic,
    "event": _event,
}


def rule_out(rule: Rule) -> pb.CohortCondition:
    """Write a rule."""
    name, message = _WRITERS[type(rule)](rule)
    return pb.CohortCondition(**{name: message})


def _group_out(rule: AllOf | AnyOf) -> pb.CohortConditions:
    return pb.CohortConditions(conditions=[rule_out(each) for each in rule.parts])


def _absence_out(rule: Absent) -> pb.AbsenceCondition:
    message = pb.AbsenceCondition(
        from_percent=rule.from_percent,
        below_percent=rule.below_percent,
        minimum_possible_sessions=rule.minimum_possible,
    )
    if rule.span.school_days:
        message.school_days = rule.span.school_days
    elif rule.span.year_to_date:
        message.year_to_date = True
    else:
        message.dates.CopyFrom(_dates_out(rule.span))
    return message


def _funded_out(rule: Funded) -> pb.FundedCondition:
    approved = _dates_out(rule) if rule.first else None
    return pb.FundedCondition(categories=rule.categories, approved=approved)


def _dates_out(one: Span | Funded) -> pb.CohortDates:
    if one.first is None or one.last is None:
        raise ValueError("a span of dates has both")
    return pb.CohortDates(first_date=date_to_proto(one.first), last_date=date_to_proto(one.last))


def _event_out(rule: Happened) -> pb.EventCondition:
    kinds = [events_pb.ChildEventKind.Value(_KIND + each.upper()) for each in rule.kinds]
    return pb.EventCondition(kinds=kinds, within_days=rule.within_days, at_least=rule.at_least)


_WRITERS: dict[type[Rule], Callable[[Any], tuple[str, Any]]] = {
    AllOf: lambda rule: ("all", _group_out(rule)),
    AnyOf: lambda rule: ("any", _group_out(rule)),
    Not: lambda rule: ("not", rule_out(rule.part)),
    AtSchool: lambda rule: (
        "school",
        pb.SchoolCondition(urns=rule.urns, clusters=rule.clusters),
    ),
    InPhase: lambda rule: (
        "phase",
        pb.PhaseCondition(
            phases=[schools_pb.Phase.ValueType(Phase[each.upper()]) for each in rule.phases]
        ),
    ),
    InYear: lambda rule: ("year_group", pb.YearGroupCondition(years=rule.years)),
    Absent: lambda rule: ("absence", _absence_out(rule)),
    Funded: lambda rule: ("funded", _funded_out(rule)),
    Known: lambda rule: (
        "characteristic",
        pb.CharacteristicCondition(name=rule.name, values=rule.values),
    ),
    Happened: lambda rule: ("event", _event_out(rule)),
}
