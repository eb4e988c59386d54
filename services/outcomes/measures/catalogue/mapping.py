"""Messages of the catalogue to domain values and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from localresponse.outcomes.v1 import measures_types_pb2 as pb

from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.errors.measures import InstrumentInvalid, MeasureInvalid
from services.outcomes.measures.catalogue.domain.entries import (
    Domain,
    Framework,
    Instrument,
    Measure,
)
from services.outcomes.measures.catalogue.domain.values import (
    MICRO,
    Direction,
    Formula,
    Informant,
    Ref,
    Scale,
    Scoring,
    Unit,
)
from services.outcomes.measures.catalogue.storage import Kept

_UNITS = tuple(Unit)
_DIRECTIONS = tuple(Direction)
_INFORMANTS = tuple(Informant)
_SCORINGS = tuple(Scoring)
_FORMULAS = tuple(Formula)
"""The numbers of the proto's enums are places in these, from 1."""


def informant_in(number: int) -> Informant:
    """Return an informant from the wire; validation has refused 0."""
    return _INFORMANTS[number - 1]


def informant_out(informant: Informant) -> pb.Informant.ValueType:
    """Return an informant for the wire."""
    return pb.Informant.ValueType(_INFORMANTS.index(informant) + 1)


def micro(value: float) -> int | None:
    """Return whole millionths; None for what is finer."""
    exact = value * MICRO
    whole = round(exact)
    return whole if abs(exact - whole) < 0.01 else None


def measure_in(message: pb.MeasureDefinition) -> Measure:
    """Read a measure.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
        MeasureInvalid: An end of its scale is finer than its decimals.
    """
    scale = None
    if message.HasField("scale"):
        scale = _scale_in(message.scale)
        if scale is None:
            raise MeasureInvalid("an end of the scale is too fine", field="measure.scale")
    return Measure(
        id=message.id,
        version=0,
        name=message.name,
        unit=_UNITS[message.unit - 1],
        direction=_DIRECTIONS[message.direction - 1],
        definition=message.definition,
        owner=message.owner,
        formula=_FORMULAS[message.formula - 1] if message.formula else None,
        minimum_possible_sessions=message.minimum_possible_sessions,
        informants=_informants_in(message.informants),
        instrument=Ref.read(message.instrument),
        scale=scale,
        licence_note=message.licence_note,
        valid_from=_day_in(message, "valid_from", "measure"),
        valid_to=_day_in(message, "valid_to", "measure"),
    )


def measure_out(kept: Kept[Measure]) -> pb.Measure:
    """Write a version of a measure."""
    one = kept.entry
    return pb.Measure(
        version=one.version,
        definition=pb.MeasureDefinition(
            id=one.id,
            name=one.name,
            unit=pb.MeasureUnit.ValueType(_UNITS.index(one.unit) + 1),
            direction=pb.MeasureDirection.ValueType(_DIRECTIONS.index(one.direction) + 1),
            definition=one.definition,
            owner=one.owner,
            formula=pb.MeasureFormula.ValueType(
                _FORMULAS.index(one.formula) + 1 if one.formula else 0
            ),
            minimum_possible_sessions=one.minimum_possible_sessions,
            informants=[informant_out(each) for each in one.informants],
            instrument=str(one.instrument) if one.instrument else "",
            scale=_scale_out(one.scale) if one.scale else None,
            licence_note=one.licence_note,
            **_days_out(one),
        ),
        **_made_out(kept),
    )


def instrument_in(message: pb.InstrumentDefinition) -> Instrument:
    """Read an instrument.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
        InstrumentInvalid: An end of its scale is finer than its decimals.
    """
    scale = _scale_in(message.scale)
    if scale is None:
        raise InstrumentInvalid("an end of the scale is too fine", field="instrument.scale")
    return Instrument(
        id=message.id,
        version=0,
        name=message.name,
        scale=scale,
        scoring=_SCORINGS[message.scoring - 1],
        informants=_informants_in(message.informants),
        licence_note=message.licence_note,
        owner=message.owner,
        items=message.items,
        items_needed=message.items_needed,
        valid_from=_day_in(message, "valid_from", "instrument"),
        valid_to=_day_in(message, "valid_to", "instrument"),
    )


def instrument_out(kept: Kept[Instrument]) -> pb.Instrument:
    """Write a version of an instrument."""
    one = kept.entry
    return pb.Instrument(
        version=one.version,
        definition=pb.InstrumentDefinition(
            id=one.id,
            name=one.name,
            scale=_scale_out(one.scale),
            scoring=pb.Scoring.ValueType(_SCORINGS.index(one.scoring) + 1),
            informants=[informant_out(each) for each in one.informants],
            licence_note=one.licence_note,
            owner=one.owner,
            items=one.items,
            items_needed=one.items_needed,
            **_days_out(one),
        ),
        **_made_out(kept),
    )


def framework_in(message: pb.FrameworkDefinition) -> Framework:
    """Read a framework.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    domains = tuple(
        Domain(
            id=each.id,
            name=each.name,
            description=each.description,
            measures=tuple(ref for text in each.measures if (ref := Ref.read(text))),
        )
        for each in message.domains
    )
    return Framework(
        id=message.id,
        version=0,
        name=message.name,
        owner=message.owner,
        domains=domains,
        valid_from=_day_in(message, "valid_from", "framework"),
        valid_to=_day_in(message, "valid_to", "framework"),
    )


def framework_out(kept: Kept[Framework]) -> pb.Framework:
    """Write a version of a framework."""
    one = kept.entry
    domains = [
        pb.FrameworkDomain(
            id=each.id,
            name=each.name,
            description=each.description,
            measures=[str(ref) for ref in each.measures],
        )
        for each in one.domains
    ]
    return pb.Framework(
        version=one.version,
        definition=pb.FrameworkDefinition(
            id=one.id, name=one.name, owner=one.owner, domains=domains, **_days_out(one)
        ),
        **_made_out(kept),
    )


def _informants_in(numbers: Any) -> tuple[Informant, ...]:
    return tuple(each for each in Informant if _INFORMANTS.index(each) + 1 in set(numbers))


def _scale_in(message: pb.Scale) -> Scale | None:
    low, high = micro(message.low), micro(message.high)
    return None if low is None or high is None else Scale(low, high, message.decimals)


def _scale_out(scale: Scale) -> pb.Scale:
    return pb.Scale(low=scale.low / MICRO, high=scale.high / MICRO, decimals=scale.decimals)


def _day_in(message: Any, name: str, where: str) -> date | None:
    if not message.HasField(name):
        return None
    return date_from_proto(getattr(message, name), f"{where}.{name}")


def _days_out(one: Measure | Instrument | Framework) -> dict[str, Any]:
    days = {"valid_from": one.valid_from, "valid_to": one.valid_to}
    return {name: date_to_proto(day) for name, day in days.items() if day is not None}


def _made_out(kept: Kept[Any]) -> dict[str, Any]:
    if kept.created_at is None:
        return {"shipped": True}
    return {"create_time": timestamp_to_proto(kept.created_at), "created_by": kept.created_by}
