"""Sources, their terms and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.amounts import name_key
from services.fund.domain.source import Source, SourceKind
from services.fund.domain.terms import CarryForward, Phase, Terms, VatTreatment
from services.fund.errors import (
    NameTaken,
    ReceiptAlreadyBanked,
    SourceExhausted,
    SourceNotFound,
)
from services.fund.storage.paging import Cut
from services.fund.storage.tables import purchase_shares, receipts, source_terms, sources

_AMOUNTS = ("pledged", "banked", "unallocated", "allocated", "returned")
TERMS_SETS = ("school_urns", "areas", "categories", "phases", "year_groups", "cohorts")
TERMS_IN_FORCE = (source_terms.c.source_id == sources.c.id) & (
    source_terms.c.version == sources.c.terms_version
)
TERMS_VALUES = (
    *(
        source_terms.c[name].label(f"terms_{name}")
        for name in (
            *TERMS_SETS,
            "spend_by",
            "most_per_child",
            "most_share",
            "carry_forward",
            "vat_treatment",
            "reporting_label",
        )
    ),
)
TERMS_COLUMNS = (sources.c.terms_version.label("terms_number"), *TERMS_VALUES)


def _selected() -> Select[Any]:
    return select(sources, *TERMS_COLUMNS).join(source_terms, TERMS_IN_FORCE)


def get(connection: Connection, tenant: str, source_id: str, *, lock: bool = False) -> Source:
    """Return a source with the terms in force.

    Raises:
        SourceNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = _selected().where(sources.c.tenant == tenant, sources.c.id == source_id)
    row = connection.execute(query.with_for_update(of=sources) if lock else query).one_or_none()
    if row is None:
        raise SourceNotFound("there is no such source", source_id=source_id)
    return source_from(row)


def hold(connection: Connection, source_id: str) -> None:
    """Lock a source, if there is such a one, until the commit."""
    connection.execute(select(sources.c.id).where(sources.c.id == source_id).with_for_update())


def page(connection: Connection, tenant: str, cut: Cut) -> list[Source]:
    """Return a page of sources, newest first."""
    query = _selected().where(sources.c.tenant == tenant).order_by(sources.c.id.desc())
    if cut.after:
        query = query.where(sources.c.id < cut.after)
    return [source_from(row) for row in connection.execute(query.limit(cut.size))]


def add(work: UnitOfWork, source: Source) -> None:
    """Insert a source and its first terms.

    Raises:
        NameTaken: The authority has a source of this name (ALREADY_EXISTS).
    """
    key = name_key(source.name)
    taken = select(sources.c.id).where(sources.c.tenant == source.tenant, sources.c.name_key == key)
    if work.connection.execute(taken).first() is not None:
        raise NameTaken(f"there is a source called {source.name}", field="name", name=source.name)
    work.connection.execute(
        insert(sources).values(
            id=source.id,
            tenant=source.tenant,
            name=source.name,
            name_key=key,
            kind=source.kind,
            funder=source.funder,
            funder_key=name_key(source.funder),
            terms_version=source.terms.version,
            version=source.version,
            sequence=source.sequence,
            created_at=source.created_at,
            **{name: getattr(source, name) for name in _AMOUNTS},
        )
    )
    add_terms(work, source.id, source.terms)


def add_terms(work: UnitOfWork, source_id: str, terms: Terms) -> None:
    """Insert a version of a source's terms."""
    work.connection.execute(
        insert(source_terms).values(
            source_id=source_id,
            version=terms.version,
            tenant=work.tenant,
            **{name: sorted(getattr(terms, name)) for name in TERMS_SETS},
            spend_by=terms.spend_by,
            most_per_child=terms.most_per_child,
            most_share=terms.most_share,
            carry_forward=terms.carry_forward,
            vat_treatment=terms.vat_treatment,
            reporting_label=terms.reporting_label,
            set_by=work.caller.subject,
            created_at=work.at,
        )
    )


def bank(work: UnitOfWork, source: Source, pence: int, *, from_pledge: int) -> int:
    """Add banked money and return the number of the event that tells it."""
    columns = sources.c
    sequence: int = work.connection.execute(
        update(sources)
        .where(columns.id == source.id)
        .values(
            pledged=columns.pledged - from_pledge,
            banked=columns.banked + pence,
            unallocated=columns.unallocated + pence,
            version=columns.version + 1,
            sequence=columns.sequence + 1,
        )
        .returning(columns.sequence)
    ).scalar_one()
    return sequence


def allocate(work: UnitOfWork, source: Source, pence: int) -> None:
    """Take money out of a source for a budget.

    Raises:
        SourceExhausted: Less is banked and unallocated (FAILED_PRECONDITION).
    """
    columns = sources.c
    taken = work.connection.execute(
        update(sources)
        .where(columns.id == source.id, columns.unallocated >= pence)
        .values(
            unallocated=columns.unallocated - pence,
            allocated=columns.allocated + pence,
            version=columns.version + 1,
        )
    )
    if taken.rowcount != 1:
        raise SourceExhausted(
            f"{pence} pence are asked and {source.unallocated} are unallocated",
            source_id=source.id,
            asked_minor=pence,
            unallocated_minor=source.unallocated,
        )


def check_receipt(work: UnitOfWork, source: Source, reference: str) -> None:
    """Check that a funder's reference is new.

    Raises:
        ReceiptAlreadyBanked: It was banked before (ALREADY_EXISTS).
    """
    known = work.connection.execute(
        select(receipts.c.source_id).where(
            receipts.c.tenant == work.tenant,
            receipts.c.funder_key == name_key(source.funder),
            receipts.c.reference_key == name_key(reference),
        )
    ).first()
    if known is not None:
        raise ReceiptAlreadyBanked(
            f"receipt {reference} of {source.funder} has been banked",
            field="receipt_reference",
            receipt_reference=reference,
            source_id=known.source_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money that arrived.

    Attributes:
        amount: Pence.
        received_on: The day it arrived, Europe/London.
    """

    id: str
    reference: str
    amount: int
    received_on: date
    journal_id: str


def add_receipt(work: UnitOfWork, source: Source, receipt: Receipt) -> None:
    """Insert what arrived."""
    work.connection.execute(
        insert(receipts).values(
            id=receipt.id,
            tenant=work.tenant,
            source_id=source.id,
            funder_key=name_key(source.funder),
            reference_key=name_key(receipt.reference),
            reference=receipt.reference,
            amount=receipt.amount,
            received_on=receipt.received_on,
            journal_id=receipt.journal_id,
            created_at=work.at,
        )
    )


def paying_all_vat(connection: Connection, purchase_id: str) -> str:
    """Return a source that pays all VAT of the purchase under its terms; empty when none does."""
    held = (purchase_shares.c.source_id == source_terms.c.source_id) & (
        purchase_shares.c.terms_version == source_terms.c.version
    )
    query = (
        select(purchase_shares.c.source_id)
        .join(source_terms, held)
        .where(
            purchase_shares.c.purchase_id == purchase_id,
            purchase_shares.c.held > purchase_shares.c.available,
            source_terms.c.vat_treatment == VatTreatment.GROSS,
        )
    )
    return connection.execute(query.limit(1)).scalar_one_or_none() or ""


def terms_from(row: Any) -> Terms:
    """Read the terms of a row that holds `TERMS_COLUMNS`."""

    def read(name: str) -> Any:
        return getattr(row, f"terms_{name}")

    return Terms(
        version=row.terms_number,
        school_urns=frozenset(read("school_urns")),
        areas=frozenset(read("areas")),
        categories=frozenset(read("categories")),
        phases=frozenset(map(Phase, read("phases"))),
        year_groups=frozenset(read("year_groups")),
        cohorts=frozenset(read("cohorts")),
        spend_by=read("spend_by"),
        most_per_child=read("most_per_child"),
        most_share=read("most_share"),
        carry_forward=CarryForward(read("carry_forward")),
        vat_treatment=VatTreatment(read("vat_treatment")),
        reporting_label=read("reporting_label"),
    )


def source_from(row: Any) -> Source:
    """Read a source with its terms."""
    return Source(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        kind=SourceKind(row.kind),
        funder=row.funder,
        terms=terms_from(row),
        created_at=row.created_at,
        version=row.version,
        sequence=row.sequence,
        **{name: getattr(row, name) for name in _AMOUNTS},
    )
