"""Messages of characteristics to domain values and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from localresponse.outcomes.v1 import characteristics_service_pb2 as pb

from services.chassis.wire import date_from_proto, date_to_proto, timestamp_to_proto
from services.outcomes.children.characteristics.commands import Provenance
from services.outcomes.children.characteristics.domain import Characteristic, Statement
from services.outcomes.children.characteristics.files import (
    CharacteristicsFile,
    CharacteristicsImported,
)
from services.outcomes.children.characteristics.kinds import KINDS, Code, Kind, KindRule, Purpose
from services.outcomes.children.mapping import findings_out

_PURPOSES = {
    pb.CHARACTERISTIC_PURPOSE_SUPPORT: Purpose.SUPPORT,
    pb.CHARACTERISTIC_PURPOSE_EVALUATION: Purpose.EVALUATION,
    pb.CHARACTERISTIC_PURPOSE_STATUTORY: Purpose.STATUTORY,
}


def statements_in(messages: Iterable[pb.CharacteristicStatement]) -> list[Statement]:
    """Read statements.

    Raises:
        DateInvalid: A date does not exist (DATE_INVALID).
    """
    found = []
    for place, message in enumerate(messages):
        field = f"statements[{place}]"
        ends = message.HasField("last_date")
        said = Statement(
            kind=Kind(message.kind),
            value=message.value.strip().upper(),
            first=date_from_proto(message.first_date, f"{field}.first_date"),
            last=date_from_proto(message.last_date, f"{field}.last_date") if ends else None,
            supersedes=message.supersedes,
            taken_back=message.take_back,
        )
        found.append(said)
    return found


def provenance_in(
    request: pb.RecordCharacteristicsRequest | pb.ImportCharacteristicsRequest,
) -> Provenance:
    """Read where statements come from and what they may be used for."""
    purposes = Purpose(0)
    for purpose in request.purposes:
        purposes |= _PURPOSES[purpose]
    return Provenance(request.source.strip(), purposes)


def characteristic_out(one: Characteristic) -> pb.Characteristic:
    """Write a characteristic."""
    said = one.statement
    message = pb.Characteristic(
        number=one.number,
        kind=pb.CharacteristicKind.ValueType(said.kind),
        value=said.value,
        first_date=date_to_proto(said.first),
        supersedes=said.supersedes,
        taken_back=said.taken_back,
        purposes=[name for name, purpose in _PURPOSES.items() if purpose in one.purposes],
        source=one.source,
        record_time=timestamp_to_proto(one.recorded_at),
        recorded_by=one.recorded_by,
    )
    if said.last is not None:
        message.last_date.CopyFrom(date_to_proto(said.last))
    return message


def imported_out(done: CharacteristicsImported) -> pb.ImportCharacteristicsResponse:
    """Write what an import did."""
    return pb.ImportCharacteristicsResponse(
        rows=done.rows, recorded=done.recorded, unchanged=done.unchanged
    )


def checked_out(file: CharacteristicsFile) -> pb.ImportCharacteristicsResponse:
    """Write what a dry run found."""
    return pb.ImportCharacteristicsResponse(
        rows=len(file.named), errors=findings_out(file.findings.errors)
    )


def kinds_out(on: date | None) -> pb.ListCharacteristicKindsResponse:
    """Write the kinds, with every code or those of a day."""
    return pb.ListCharacteristicKindsResponse(kinds=[_kind_out(rule, on) for rule in KINDS])


def _kind_out(rule: KindRule, on: date | None) -> pb.CharacteristicKindCodes:
    return pb.CharacteristicKindCodes(
        kind=pb.CharacteristicKind.ValueType(rule.kind),
        column=rule.column,
        title=rule.title,
        sealed=rule.sealed,
        codes=[_code_out(code) for code in rule.codes if on is None or code.in_force(on)],
    )


def _code_out(code: Code) -> pb.CharacteristicCode:
    message = pb.CharacteristicCode(
        code=code.code, description=code.description, first_date=date_to_proto(code.first)
    )
    if code.last is not None:
        message.last_date.CopyFrom(date_to_proto(code.last))
    return message
