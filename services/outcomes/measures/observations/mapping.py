"""Messages of observations to domain values and back."""

from __future__ import annotations

from datetime import datetime

from localresponse.outcomes.v1 import observations_service_pb2 as pb

from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    timestamp_from_proto,
    timestamp_to_proto,
)
from services.outcomes.children.queries import Named
from services.outcomes.errors.measures import ObservationInvalid
from services.outcomes.measures.catalogue.domain.entries import Measure
from services.outcomes.measures.catalogue.domain.values import MICRO, Scale
from services.outcomes.measures.catalogue.mapping import informant_in, informant_out, micro
from services.outcomes.measures.observations.commands import Correction
from services.outcomes.measures.observations.domain import Answer, Given, Method, Observation
from services.outcomes.measures.observations.files import ObservationFile
from services.outcomes.measures.observations.storage import Wanted
from services.outcomes.measures.summaries import Asked, Summary
from services.outcomes.register.mapping import scheme_in

_ANSWERS = tuple(Answer)
_METHODS = tuple(Method)
"""The numbers of the proto's enums are places in these, from 1."""


def given_in(message: pb.GivenAnswer, *, field: str) -> Given:
    """Read an answer.

    Raises:
        DateInvalid: The date does not exist (DATE_INVALID).
        ObservationInvalid: The value is finer than a millionth (OBSERVATION_INVALID).
    """
    value = micro(message.value) if message.HasField("value") else None
    if message.HasField("value") and value is None:
        raise ObservationInvalid("it is finer than a millionth", field=f"{field}.value")
    return Given(
        child_id=message.child_id,
        measure=message.measure,
        answer=_ANSWERS[message.answer - 1],
        informant=informant_in(message.informant),
        method=_METHODS[message.method - 1],
        observed_on=date_from_proto(message.observed_date, f"{field}.observed_date"),
        value=value,
        items_answered=message.items_answered,
    )


def correction_in(request: pb.CorrectObservationRequest) -> Correction:
    """Read a correction.

    Raises:
        DateInvalid: The date does not exist (DATE_INVALID).
        ObservationInvalid: The value is finer than a millionth (OBSERVATION_INVALID).
    """
    if request.WhichOneof("correction") == "recorded_in_error":
        return Correction(None, request.reason)
    return Correction(given_in(request.observation, field="observation"), request.reason)


def wanted_in(request: pb.ListObservationsRequest) -> Wanted:
    """Read which observations are asked for.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    days = {
        name: date_from_proto(getattr(request, f"{name}_date"), f"{name}_date")
        for name in ("first", "last")
        if request.HasField(f"{name}_date")  # type: ignore[arg-type]  # both are its fields
    }
    return Wanted(
        child_ids=frozenset({request.child_id}) if request.child_id else None,
        measure_id=request.measure_id,
        informant=informant_in(request.informant) if request.informant else None,
        first=days.get("first"),
        last=days.get("last"),
        as_of=timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None,
        every=request.include_superseded,
    )


def named_in(request: pb.ImportObservationsRequest, file: ObservationFile) -> Named:
    """Read whom the rows of a file name."""
    scheme = scheme_in(request.identifier)
    return Named(scheme, file.children, [request.urn] * len(file.children))


def observation_out(one: Observation) -> pb.Observation:
    """Write an observation."""
    return pb.Observation(
        id=one.id,
        child_id=one.child_id,
        measure=str(one.measure),
        answer=pb.AnswerKind.ValueType(_ANSWERS.index(one.answer) + 1),
        informant=informant_out(one.informant),
        method=pb.ObservationMethod.ValueType(_METHODS.index(one.method) + 1),
        observed_date=date_to_proto(one.observed_on),
        value=_shown(one.value),
        given_value=_shown(one.given),
        items_answered=one.items_answered,
        instrument=str(one.instrument) if one.instrument else "",
        source=one.source,
        supersedes=one.supersedes,
        correction_reason=one.reason,
        record_time=timestamp_to_proto(one.recorded_at),
        recorded_by=one.recorded_by,
    )


def _shown(value: int | None) -> float | None:
    return None if value is None else value / MICRO


def asked_in(
    request: pb.GetMeasureSummaryRequest, measure: Measure, scale: Scale | None, now: datetime
) -> Asked:
    """Read what is summed up.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
        ObservationInvalid: The span ends before it begins (OBSERVATION_INVALID).
    """
    first = date_from_proto(request.first_date, "first_date")
    last = date_from_proto(request.last_date, "last_date")
    if last < first:
        raise ObservationInvalid("it ends before it begins", field="last_date")
    as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else now
    return Asked(
        measure=measure,
        scale=scale,
        informant=informant_in(request.informant) if request.informant else None,
        first=first,
        last=last,
        as_of=as_of,
        cohort_id=request.cohort_id,
    )


def summary_out(measure: Measure, found: Summary) -> pb.MeasureSummary:
    """Write a summary."""
    return pb.MeasureSummary(
        measure=str(measure.ref),
        children=found.children,
        measured=found.measured,
        non_answers=[
            pb.NonAnswers(
                answer=pb.AnswerKind.ValueType(_ANSWERS.index(each) + 1), children=children
            )
            for each, children in sorted(found.answers.items())
        ],
        insufficient=found.insufficient,
        figure=found.figure,
        mapped=found.mapped,
        unmapped=found.unmapped,
        unreadable=found.unreadable,
        other_versions=found.other_versions,
    )
