"""Sources and their terms."""

from __future__ import annotations

from localresponse.fund.v1 import sources_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.fund.commands.sources import Award, NewFacts, NewSource, NewTerms
from services.fund.domain.category import known_category
from services.fund.domain.source import Source
from services.fund.domain.terms import SchoolFacts, Terms
from services.fund.wire.names import (
    CARRY_FORWARD,
    PHASES,
    SCHOOL_PHASES,
    SOURCE_KINDS,
    VAT_TREATMENTS,
)
from services.fund.wire.values import day, day_out, money, pence, pence_or_none


def new_source(request: pb.CreateSourceRequest) -> NewSource:
    """Read what a new source is.

    Raises:
        InvalidArgument: An amount, a date or a category cannot be.
    """
    return NewSource(
        name=request.name,
        kind=SOURCE_KINDS.read(request.kind),
        funder=request.funder,
        terms=_terms(request.terms),
        pledged=pence_or_none(request.pledged, "pledged", given=request.HasField("pledged")) or 0,
    )


def new_terms(request: pb.SetSourceTermsRequest) -> NewTerms:
    """Read what other terms are asked for.

    Raises:
        InvalidArgument: An amount, a date or a category cannot be.
    """
    return NewTerms(request.source_id, request.etag, _terms(request.terms))


def _terms(message: pb.SourceTerms) -> Terms:
    return Terms(
        school_urns=frozenset(message.school_urns),
        categories=frozenset(
            known_category(category, field=f"terms.categories[{place}]")
            for place, category in enumerate(message.categories)
        ),
        areas=frozenset(message.areas),
        phases=frozenset(map(PHASES.read, message.phases)),
        year_groups=frozenset(message.year_groups),
        cohorts=frozenset(message.cohorts),
        vat_treatment=VAT_TREATMENTS.read(message.vat_treatment),
        spend_by=day(
            message.spend_by_date, "terms.spend_by_date", given=message.HasField("spend_by_date")
        ),
        most_per_child=pence_or_none(
            message.most_per_child,
            "terms.most_per_child",
            given=message.HasField("most_per_child"),
        ),
        most_share=message.most_share_basis_points or None,
        carry_forward=CARRY_FORWARD.read(message.carry_forward_rule),
        reporting_label=message.reporting_label,
    )


def award(request: pb.BankAwardRequest) -> Award:
    """Read what arrived.

    Raises:
        InvalidArgument: The amount or the date cannot be.
    """
    return Award(
        source_id=request.source_id,
        amount=pence(request.amount, "amount"),
        reference=request.receipt_reference,
        received_on=day(
            request.received_date, "received_date", given=request.HasField("received_date")
        ),
    )


def source(value: Source) -> pb.Source:
    """Return a source."""
    terms = value.terms
    return pb.Source(
        id=value.id,
        etag=str(value.version),
        name=value.name,
        kind=SOURCE_KINDS.out(value.kind),
        funder=value.funder,
        terms=pb.SourceTerms(
            school_urns=sorted(terms.school_urns),
            categories=sorted(terms.categories),
            spend_by_date=day_out(terms.spend_by),
            most_per_child=None if terms.most_per_child is None else money(terms.most_per_child),
            most_share_basis_points=terms.most_share or 0,
            carry_forward_rule=CARRY_FORWARD.out(terms.carry_forward),
            reporting_label=terms.reporting_label,
            areas=sorted(terms.areas),
            phases=sorted(map(PHASES.out, terms.phases)),
            year_groups=sorted(terms.year_groups),
            cohorts=sorted(terms.cohorts),
            vat_treatment=VAT_TREATMENTS.out(terms.vat_treatment),
        ),
        terms_version=terms.version,
        pledged=money(value.pledged),
        banked=money(value.banked),
        unallocated=money(value.unallocated),
        allocated=money(value.allocated),
        returned=money(value.returned),
        create_time=timestamp_to_proto(value.created_at),
    )


def new_facts(request: pb.SetSchoolFactsRequest) -> NewFacts:
    """Read what is to be recorded of a school."""
    phase = SCHOOL_PHASES.read(request.phase) if request.phase else None
    return NewFacts(SchoolFacts(request.school_urn, phase, frozenset(request.areas)), request.etag)


def school_facts(value: SchoolFacts) -> pb.SchoolFacts:
    """Return what is recorded of a school."""
    return pb.SchoolFacts(
        school_urn=value.urn,
        etag=str(value.version),
        phase=pb.SCHOOL_PHASE_UNSPECIFIED
        if value.phase is None
        else SCHOOL_PHASES.out(value.phase),
        areas=sorted(value.areas),
    )
