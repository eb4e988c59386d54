"""Agreements between the wire and the domain."""

from __future__ import annotations

from datetime import date
from typing import Any

from localresponse.outcomes.v1 import agreements_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.outcomes.agreements.storage import Agreement, AgreementState, LawfulBasis, Terms

_GROUP = 10
_BASES = {
    LawfulBasis.PUBLIC_TASK: pb.LAWFUL_BASIS_PUBLIC_TASK,
    LawfulBasis.LEGAL_OBLIGATION: pb.LAWFUL_BASIS_LEGAL_OBLIGATION,
    LawfulBasis.CONSENT: pb.LAWFUL_BASIS_CONSENT,
    LawfulBasis.LEGITIMATE_INTERESTS: pb.LAWFUL_BASIS_LEGITIMATE_INTERESTS,
}
_STATES = {
    AgreementState.PENDING: pb.AGREEMENT_STATE_PENDING,
    AgreementState.CURRENT: pb.AGREEMENT_STATE_CURRENT,
    AgreementState.LAPSED: pb.AGREEMENT_STATE_LAPSED,
}


def terms_in(message: pb.AgreementTerms) -> Terms:
    """Return terms from the wire."""
    bases = {number: basis for basis, number in _BASES.items()}
    return Terms(
        evaluator=message.evaluator,
        project=message.project,
        subjects=tuple(message.subjects),
        purpose=message.purpose,
        lawful_basis=bases[message.lawful_basis],
        dpia_reference=message.dpia_reference,
        measures=tuple(sorted(message.measures)),
        fields=tuple(sorted(message.fields)),
        minimum_group=message.minimum_group or _GROUP,
    )


def agreement_out(agreement: Agreement, today: date) -> pb.Agreement:
    """Return an agreement for the wire, as it stands on a day."""
    terms = agreement.terms
    ended = agreement.ended_at
    return pb.Agreement(
        id=agreement.id,
        terms=pb.AgreementTerms(
            evaluator=terms.evaluator,
            project=terms.project,
            subjects=terms.subjects,
            purpose=terms.purpose,
            lawful_basis=_BASES[terms.lawful_basis],
            dpia_reference=terms.dpia_reference,
            measures=terms.measures,
            fields=terms.fields,
            minimum_group=terms.minimum_group,
            first_date=date_to_proto(agreement.first),
            last_date=date_to_proto(agreement.last),
        ),
        state=_STATES[agreement.state(today)],
        create_time=timestamp_to_proto(agreement.created_at),
        end_time=timestamp_to_proto(ended) if ended else None,
        end_reason=agreement.end_reason,
    )


def download_out(row: Any) -> pb.Download:
    """Return a download for the wire."""
    return pb.Download(
        id=row.id,
        subject=row.subject,
        form=row.form,
        after_feed_seq=row.after_seq,
        time=timestamp_to_proto(row.at),
        items=row.items,
        sha256=row.sha256,
    )
