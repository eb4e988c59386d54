"""What exports are told: the finance system's codes, and whose names are published."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.auth import Resource, require
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.finance_mapping import FinanceMapping, check
from services.fund.domain.publication import SupplierKind
from services.fund.errors import StaleEtag
from services.fund.errors.exports import NothingToPublish
from services.fund.storage import finance_mappings, publication
from services.fund.storage.locks import lock_journals
from services.fund.storage.publication import Beneficiary


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMapping:
    """Codes as they were sent; an empty etag is not looked at."""

    etag: str
    cost_centre: str
    first_month: int
    subjective: tuple[tuple[str, str], ...]
    cost_centres: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What a supplier is; an empty etag is not looked at."""

    supplier_id: str
    etag: str
    kind: SupplierKind


def set_mapping(work: UnitOfWork, new: NewMapping) -> FinanceMapping:
    """Put other codes in force from now on.

    Raises:
        FinanceMappingInvalid: An account or a budget is unknown, twice or missing
            (INVALID_ARGUMENT).
        StaleEtag: They have changed since (ABORTED).
    """
    require(ACTIONS, work.caller, "finance_mapping.set", Resource(work.tenant))
    lock_journals(work.connection, work.tenant)
    now = finance_mappings.in_force(work.connection, work.tenant)
    _check_etag(new.etag, now.version)
    asked = [budget_id for budget_id, _ in new.cost_centres]
    known = finance_mappings.known_budgets(work.connection, work.tenant, asked)
    subjective, cost_centres = check(new.subjective, new.cost_centres, budgets=known)
    mapping = FinanceMapping(
        cost_centre=new.cost_centre,
        subjective=subjective,
        cost_centres=cost_centres,
        first_month=new.first_month,
        version=now.version + 1,
    )
    finance_mappings.add(work, mapping)
    return mapping


def review(work: UnitOfWork, given: Review) -> Beneficiary:
    """Decide how a supplier appears in what is published.

    Raises:
        NothingToPublish: Nothing is published of it (NOT_FOUND).
        StaleEtag: Somebody decided since (ABORTED).
    """
    require(ACTIONS, work.caller, "publication.review", Resource(work.tenant))
    lock_journals(work.connection, work.tenant)
    found = publication.get(work.connection, work.tenant, given.supplier_id)
    if found is None:
        raise NothingToPublish(
            "nothing is published of this supplier", supplier_id=given.supplier_id
        )
    _check_etag(given.etag, found.version)
    decided = replace(found, kind=given.kind, version=found.version + 1)
    publication.add(work, decided)
    return decided


def _check_etag(given: str, version: int) -> None:
    if given and given != str(version):
        raise StaleEtag("it has changed; read it again", etag=given, current_etag=str(version))
