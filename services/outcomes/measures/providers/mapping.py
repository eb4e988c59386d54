"""Messages of providers' figures to domain values and back."""

from __future__ import annotations

from datetime import datetime

from localresponse.outcomes.v1 import measures_types_pb2 as types
from localresponse.outcomes.v1 import provider_measures_service_pb2 as pb

from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.errors.measures import MappingInvalid
from services.outcomes.measures.catalogue.domain.values import MICRO, Ref
from services.outcomes.measures.catalogue.mapping import informant_in, informant_out, micro
from services.outcomes.measures.providers.commands import Decision
from services.outcomes.measures.providers.domain import Mapping, ProviderFigure
from services.outcomes.measures.providers.storage import Sent


def figures_in(request: pb.RecordProviderFiguresRequest, now: datetime) -> list[ProviderFigure]:
    """Read figures.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    return [
        ProviderFigure(
            provider=request.provider,
            reference=each.reference,
            child_id=each.child_id,
            code=each.code,
            name=each.name,
            unit=each.unit,
            value=each.value,
            observed_on=date_from_proto(each.observed_date, f"figures[{place}].observed_date"),
            version=1,
            recorded_at=now,
            recorded_by="",
        )
        for place, each in enumerate(request.figures)
    ]


def decision_in(request: pb.MapProviderMeasureRequest) -> Decision:
    """Read a decision.

    Raises:
        DateInvalid: The first day does not exist (DATE_INVALID).
        MappingInvalid: The multiplier is finer than a millionth (MAPPING_INVALID).
    """
    multiplier = micro(request.multiplier) if request.multiplier else MICRO
    if not multiplier:
        raise MappingInvalid("it is finer than a millionth", field="multiplier")
    first = request.first_date if request.HasField("first_date") else None
    return Decision(
        measure=Ref.read(request.measure),
        informant=informant_in(request.informant) if request.informant else None,
        reason=request.reason,
        multiplier=multiplier,
        first=date_from_proto(first, "first_date") if first is not None else None,
        expected=request.expected_version,
    )


def figure_out(one: ProviderFigure) -> pb.ProviderFigure:
    """Write a figure as it came."""
    return pb.ProviderFigure(
        provider=one.provider,
        version=one.version,
        given=pb.GivenFigure(
            reference=one.reference,
            child_id=one.child_id,
            code=one.code,
            name=one.name,
            unit=one.unit,
            value=one.value,
            observed_date=date_to_proto(one.observed_on),
        ),
        record_time=timestamp_to_proto(one.recorded_at),
        recorded_by=one.recorded_by,
    )


def mapping_out(one: Mapping) -> pb.MeasureMapping:
    """Write a decision."""
    return pb.MeasureMapping(
        provider=one.provider,
        code=one.code,
        version=one.version,
        measure=str(one.measure) if one.measure else "",
        informant=informant_out(one.informant) if one.informant else types.INFORMANT_UNSPECIFIED,
        multiplier=one.multiplier / MICRO,
        first_date=date_to_proto(one.first) if one.first else None,
        reason=one.reason,
        decide_time=timestamp_to_proto(one.decided_at),
        decided_by=one.decided_by,
    )


def measure_out(sent: Sent, mapping: Mapping | None) -> pb.ProviderMeasure:
    """Write a provider's measure, with the decision that holds on it."""
    mapped = mapping is not None and mapping.measure is not None
    return pb.ProviderMeasure(
        provider=sent.provider,
        code=sent.code,
        name=sent.name,
        unit=sent.unit,
        figures=sent.figures,
        unmapped=not mapped,
        mapping=mapping_out(mapping) if mapping else None,
    )
