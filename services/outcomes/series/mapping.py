"""Published weeks and analyses between the wire and the domain."""

from __future__ import annotations

from localresponse.outcomes.v1 import series_service_pb2 as pb

from services.chassis.errors import InvalidArgument
from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.reference.domain import Phase
from services.outcomes.series.domain import Change, Point, Rule, Week, explanation
from services.outcomes.series.storage import Analysis


def week_in(given: pb.PublishedWeek, place: int) -> Week:
    """Return a week from the wire.

    Raises:
        InvalidArgument: A day is not one, or more is missed than could be attended.
    """
    field = f"weeks[{place}]"
    monday = date_from_proto(given.monday, f"{field}.monday")
    if monday.weekday():
        raise InvalidArgument(f"{field}.monday: {monday} is not a Monday", field=f"{field}.monday")
    if given.absent_sessions > given.possible_sessions:
        raise InvalidArgument(
            f"{field}.absent_sessions: more than the possible sessions",
            field=f"{field}.absent_sessions",
        )
    return Week(
        authority=given.authority,
        phase=Phase(given.phase),
        monday=monday,
        published_on=date_from_proto(given.publish_date, f"{field}.publish_date"),
        possible=given.possible_sessions,
        absent=given.absent_sessions,
    )


def rule_in(given: pb.SeriesRule) -> Rule:
    """Return a rule from the wire.

    Raises:
        InvalidArgument: A day is not one, or the start is not a Monday.
    """
    start = date_from_proto(given.start_date, "rule.start_date")
    if start.weekday():
        raise InvalidArgument(f"rule.start_date: {start} is not a Monday", field="rule.start_date")
    ends = {
        name: date_from_proto(getattr(given, f"{name}_date"), f"rule.{name}_date")
        for name in ("first", "last")
        if given.HasField(f"{name}_date")  # type: ignore[arg-type]  # one of two literals
    }
    return Rule(name=given.name, phase=Phase(given.phase), start=start, **ends)


def analysis_out(held: Analysis, *, weeks: bool = True) -> pb.SeriesAnalysis:
    """Return an analysis for the wire, with the weeks behind it."""
    found, after = held.figures, sum(point.after for point in held.figures.points)
    return pb.SeriesAnalysis(
        id=held.id,
        rule=_rule(held.rule),
        method_version=held.method_version,
        as_of_time=timestamp_to_proto(held.as_of),
        create_time=timestamp_to_proto(held.created_at),
        step=_change(found.step),
        slope=_change(found.slope),
        weeks_before=len(found.points) - after,
        weeks_after=after,
        lags=found.lags,
        neighbours=found.neighbours,
        neighbours_edition=held.edition,
        explanation=explanation(held.rule, held.edition),
        inputs_sha256=found.inputs_sha256,
        results_sha256=held.results_sha256,
        weeks=[_point(point) for point in found.points] if weeks else [],
    )


def _rule(rule: Rule) -> pb.SeriesRule:
    return pb.SeriesRule(
        name=rule.name,
        phase=int(rule.phase),  # type: ignore[arg-type]  # the same numbers
        start_date=date_to_proto(rule.start),
        first_date=date_to_proto(rule.first) if rule.first else None,
        last_date=date_to_proto(rule.last) if rule.last else None,
    )


def _change(held: Change) -> pb.SeriesChange:
    return pb.SeriesChange(
        estimate_pp=held.estimate_pp,
        lower_pp=held.lower_pp,
        upper_pp=held.upper_pp,
        error_pp=held.error_pp,
        distinguishable=held.distinguishable,
    )


def _point(point: Point) -> pb.SeriesWeek:
    return pb.SeriesWeek(
        monday=date_to_proto(point.week.monday),
        attendance_percent=point.week.percent,
        neighbours_percent=point.neighbours_percent,
        half_term=point.half_term,
        after=point.after,
        possible_sessions=point.week.possible,
        absent_sessions=point.week.absent,
        publish_date=date_to_proto(point.week.published_on),
    )
