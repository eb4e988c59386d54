"""Sources and the money that arrives from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands import booking
from services.fund.domain.amounts import name_key
from services.fund.domain.ledger import Entry, Kind, external_account, source_account, transfer
from services.fund.domain.source import Source, SourceKind
from services.fund.domain.terms import SchoolFacts, Terms
from services.fund.errors import DateOutOfRange, StaleEtag
from services.fund.storage import school_facts, source_changes, sources
from services.fund.wire import events, money_events


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """What a new source is; the pledge in pence, 0 for none."""

    name: str
    kind: SourceKind
    funder: str
    terms: Terms
    pledged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """Money that arrived; in pence. No date: today."""

    source_id: str
    amount: int
    reference: str
    received_on: date | None


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Other terms for a source; an empty etag is not looked at."""

    source_id: str
    etag: str
    terms: Terms


def set_terms(work: UnitOfWork, new: NewTerms) -> Source:
    """Put other terms in force from now on.

    Raises:
        SourceNotFound: No such source (NOT_FOUND).
        StaleEtag: It has changed since (ABORTED).
    """
    source = sources.get(work.connection, work.tenant, new.source_id, lock=True)
    require(ACTIONS, work.caller, "source.set_terms", Resource(source.tenant))
    if new.etag and new.etag != str(source.version):
        raise StaleEtag(
            "the source has changed; read it again",
            etag=new.etag,
            current_etag=str(source.version),
        )
    terms = replace(new.terms, version=source.terms.version + 1)
    sequence = source_changes.set_terms(work, source, terms)
    after = replace(source, terms=terms, version=source.version + 1, sequence=sequence)
    event = money_events.source_terms_changed(after)
    work.emit(event, resource=source.id, sequence=sequence)
    return after


@dataclass(frozen=True, slots=True)
class NewFacts:
    """What is recorded of a school from now on; an empty etag is not looked at."""

    facts: SchoolFacts
    etag: str


def set_school(work: UnitOfWork, new: NewFacts) -> SchoolFacts:
    """Record what sources' terms are held against; what was promised keeps the facts of its day.

    Raises:
        StaleEtag: It has changed since (ABORTED).
    """
    require(ACTIONS, work.caller, "school.set", Resource(work.tenant))
    urn = new.facts.urn
    known = school_facts.of(work.connection, work.tenant, [urn])[urn]
    if new.etag and new.etag != str(known.version):
        raise StaleEtag(
            "the school has changed; read it again",
            etag=new.etag,
            current_etag=str(known.version),
        )
    facts = replace(new.facts, version=known.version + 1)
    school_facts.add(work, facts)
    return facts


def create(work: UnitOfWork, new: NewSource) -> Source:
    """Create a source and book what its funder has pledged.

    Raises:
        NameTaken: The authority has a source of this name (ALREADY_EXISTS).
    """
    require(ACTIONS, work.caller, "source.create", Resource(work.tenant))
    source = Source(
        id=new_id(),
        tenant=work.tenant,
        name=new.name,
        kind=new.kind,
        funder=new.funder,
        terms=new.terms,
        created_at=work.at,
        pledged=new.pledged,
    )
    sources.add(work, source)
    if new.pledged:
        pledge = transfer(
            _world(source), _account(source, "pledged"), new.pledged, source_id=source.id
        )
        booking.write(work, Kind.PLEDGE, pledge)
    return source


def bank(work: UnitOfWork, award: Award) -> Source:
    """Bank money: first against the pledge, the rest on top of it.

    Raises:
        SourceNotFound: No such source (NOT_FOUND).
        DateOutOfRange: It arrives in the future (INVALID_ARGUMENT).
        ReceiptAlreadyBanked: The funder's reference was banked before (ALREADY_EXISTS).
    """
    source = sources.get(work.connection, work.tenant, award.source_id, lock=True)
    require(ACTIONS, work.caller, "source.bank", Resource(source.tenant))
    received_on = _received_on(award, london_date(work.at))
    sources.check_receipt(work, source, award.reference)
    from_pledge = min(award.amount, source.pledged)
    sequence = sources.bank(work, source, award.amount, from_pledge=from_pledge)
    entries = _bank_entries(source, award.amount, from_pledge)
    journal = booking.write(work, Kind.BANK, entries, effective_on=received_on)
    receipt = sources.Receipt(
        id=new_id(),
        reference=award.reference,
        amount=award.amount,
        received_on=received_on,
        journal_id=journal.id,
    )
    sources.add_receipt(work, source, receipt)
    after = replace(
        source,
        pledged=source.pledged - from_pledge,
        banked=source.banked + award.amount,
        unallocated=source.unallocated + award.amount,
        version=source.version + 1,
        sequence=sequence,
    )
    work.emit(events.source_banked(after, award.amount), resource=source.id, sequence=sequence)
    return after


def _received_on(award: Award, today: date) -> date:
    received_on = award.received_on or today
    if received_on > today:
        raise DateOutOfRange(
            f"received_date: {received_on} is in the future",
            field="received_date",
            date=received_on.isoformat(),
        )
    return received_on


def _bank_entries(source: Source, pence: int, from_pledge: int) -> tuple[Entry, ...]:
    origins = ((_account(source, "pledged"), from_pledge), (_world(source), pence - from_pledge))
    target = _account(source, "unallocated")
    return tuple(
        entry
        for origin, part in origins
        if part
        for entry in transfer(origin, target, part, source_id=source.id)
    )


def _account(source: Source, state: str) -> str:
    return source_account(source.id, state)


def _world(source: Source) -> str:
    return external_account(name_key(source.funder))
