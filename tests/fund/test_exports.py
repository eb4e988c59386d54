"""What exports are told: the finance system's codes, and whose names are published."""

from __future__ import annotations

import re
from typing import Any

import pytest
from localresponse.fund.v1 import export_rules_service_pb2 as pb

from services.fund.domain.publication import SupplierKind, published, suggested
from services.fund.errors.exports import FinanceMappingInvalid
from services.fund.storage.finance_mappings import shipped
from tests.fund.test_refusals import refusal
from tests.fund.test_reports import bought, pence, report
from tests.fund.values import TODAY
from tests.fund.world import MANAGER, OFFICER, World, rid


async def current(world: World) -> Any:
    return await world.call(OFFICER, "GetFinanceMapping", pb.GetFinanceMappingRequest())


async def set_codes(world: World, mapping: pb.FinanceMapping, etag: str = "") -> Any:
    request = pb.SetFinanceMappingRequest(request_id=rid(), etag=etag, mapping=mapping)
    return await world.call(OFFICER, "SetFinanceMapping", request)


async def rows_of(world: World, name: str) -> list[dict[str, str]]:
    columns, rows = await report(world, name)
    return [dict(zip(columns, row, strict=True)) for row in rows]


async def test_the_finance_journal_balances_and_is_stamped_with_its_codes(world: World) -> None:
    fund = await world.money("100")
    before = await rows_of(world, "journal")
    mapping = await current(world)
    mapping.cost_centre = "B-1/2"
    mapping.first_month = 9
    mapping.cost_centres.append(pb.FinanceCode(name=fund.id, code="SCH100001"))
    next(each for each in mapping.subjective if each.name == "available").code = "7777"

    changed = await set_codes(world, mapping, "0")
    after = await rows_of(world, "journal")

    assert {row["mapping_version"] for row in before} == {"0"}
    assert {row["cost_centre"] for row in before} == {"LRF"}
    assert all(re.fullmatch(r"\d{4}-\d{2}/\d{2}", row["period"]) for row in before)
    assert sum(pence(row["debit"]) - pence(row["credit"]) for row in after) == 0
    assert changed.version == 1
    assert {row["mapping_version"] for row in after} == {"1"}
    inside = [row for row in after if row["account"].startswith("pot:")]
    assert {(row["cost_centre"], row["subjective"]) for row in inside} == {("SCH100001", "7777")}
    assert {row["period"] for row in after} == {"2026-27/03"}
    assert await refusal(set_codes(world, mapping, "0")) == "ETAG_STALE"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param({"subjective": ("petty_cash", "1")}, "unknown account", id="unknown"),
        pytest.param({"subjective": ("spent", "1")}, "duplicate account", id="duplicate"),
        pytest.param({"subjective": None}, "missing account", id="missing"),
        pytest.param({"cost_centres": ("no-budget", "1")}, "unknown budget", id="budget"),
    ],
)
async def test_codes_that_cannot_be_are_refused(
    fund: World, change: dict[str, Any], rule: str
) -> None:
    mapping = await current(fund)
    ((where, pair),) = change.items()
    listed = getattr(mapping, where)
    if pair is None:
        listed.pop()
    else:
        listed.append(pb.FinanceCode(name=pair[0], code=pair[1]))

    with pytest.raises(FinanceMappingInvalid) as refused:
        await set_codes(fund, mapping)

    assert refused.value.metadata["rule"] == rule
    assert (await current(fund)).version == 0


def test_the_finance_systems_year_begins_where_its_codes_say() -> None:
    assert shipped().period_of(TODAY) == "2026-27/08"


async def listed(world: World, *, waiting: bool = False) -> dict[str, Any]:
    request = pb.ListPublishedSuppliersRequest(waiting=waiting)
    found = (await world.call(OFFICER, "ListPublishedSuppliers", request)).suppliers
    return {each.name: each for each in found}


async def reviewed(world: World, supplier: Any, kind: str, etag: str = "") -> Any:
    request = pb.ReviewPublishedSupplierRequest(
        request_id=rid(),
        supplier_id=supplier.supplier_id,
        kind=pb.SupplierKind.Value(f"SUPPLIER_KIND_{kind}"),
        etag=etag,
    )
    return await world.call(OFFICER, "ReviewPublishedSupplier", request)


async def spent(world: World) -> None:
    """Buy from an organisation twice, from two people, and a little from somebody else."""
    await world.money("5000")
    await world.limit(amount="5000")
    for name in ("Clarks Ltd", "Mary Smith", "Rosa Jones", "Clarks Ltd"):
        await bought(world, "600", supplier_name=name)
    await bought(world, "50", supplier_name="Under the sum")


async def test_nothing_is_published_before_every_supplier_was_reviewed(world: World) -> None:
    await spent(world)

    assert await refusal(report(world, "transparency")) == "PUBLICATION_NOT_REVIEWED"
    waiting = await listed(world, waiting=True)
    assert {name: each.item_count for name, each in waiting.items()} == {
        "Clarks Ltd": 2,
        "Mary Smith": 1,
        "Rosa Jones": 1,
    }
    assert waiting["Clarks Ltd"].suggested_kind == pb.SUPPLIER_KIND_ORGANISATION
    await reviewed(world, waiting["Clarks Ltd"], "ORGANISATION")
    await reviewed(world, waiting["Mary Smith"], "SOLE_TRADER", "0")
    stale = reviewed(world, waiting["Mary Smith"], "ORGANISATION", "0")
    assert await refusal(stale) == "ETAG_STALE"
    await reviewed(world, waiting["Rosa Jones"], "FOSTER_CARER")
    assert await listed(world, waiting=True) == {}
    rows = await rows_of(world, "transparency")
    shown = sorted((row["beneficiary"], row["redaction"], row["amount"]) for row in rows)
    assert shown == [
        ("Clarks Ltd", "", "599.00"),
        ("Clarks Ltd", "", "599.00"),
        ("REDACTED PERSONAL DATA", "FOI-40-FOSTER-CARER", "599.00"),
        ("REDACTED PERSONAL DATA", "FOI-40-SOLE-TRADER", "599.00"),
    ]
    assert {row["purpose"] for row in rows} == {"Uniform and clothing"}


async def test_only_officers_review_what_is_published(fund: World) -> None:
    request = pb.ReviewPublishedSupplierRequest(
        request_id=rid(), supplier_id=rid(), kind=pb.SUPPLIER_KIND_ORGANISATION
    )
    review = fund.call(MANAGER, "ReviewPublishedSupplier", request)
    nobody = fund.call(OFFICER, "ReviewPublishedSupplier", request)

    assert await refusal(review) == "ACTION_NOT_ALLOWED"
    assert await refusal(nobody) == "NOTHING_TO_PUBLISH"


@pytest.mark.parametrize("name", ["Mary Smith", "Smith's Shoes", "M. Limitedson"])
def test_a_name_that_may_be_a_persons_is_suggested_for_redaction(name: str) -> None:
    assert suggested(name) is SupplierKind.SOLE_TRADER
    assert suggested(f"{name} Ltd") is SupplierKind.ORGANISATION


@pytest.mark.parametrize("kind", list(SupplierKind))
def test_every_kind_but_an_organisation_hides_the_name_and_says_why(kind: SupplierKind) -> None:
    shown = published("Mary Smith", kind)

    named = kind is SupplierKind.ORGANISATION
    assert (shown.beneficiary == "Mary Smith") is named
    assert (shown.redaction == "") is named
