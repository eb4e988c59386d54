"""Values of the domain, as tests need them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.fund.domain.apportionment import Payer, Share
from services.fund.domain.budget import Budget, Period, PeriodKind, Pot, Scope
from services.fund.domain.figures import Figures
from services.fund.domain.lines import Line
from services.fund.domain.purchase import (
    Direction,
    ExpectedChange,
    Purchase,
    State,
    Urgency,
)
from services.fund.domain.source import SourceKind
from services.fund.domain.terms import Need, Terms

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
YEAR = Period(PeriodKind.FINANCIAL_YEAR, 2026)
NEED = Need("100001", "uniform", TODAY, 1)


def make_payer(name: str = "a", available: int = 10_000, **terms: Any) -> Payer:
    pot = Pot(
        name, "budget", f"source-{name}", name, SourceKind.COUNCIL, Figures(available=available)
    )
    return Payer(pot, Terms(**terms))


def make_share(position: int = 1, **figures: int) -> Share:
    return Share(
        position=position,
        pot_id=f"pot-{position}",
        source_id=f"source-{position}",
        source_name="Council",
        source_kind=SourceKind.COUNCIL,
        terms_version=1,
        figures=Figures(**figures),
    )


def make_purchase(state: State = State.SUBMITTED, **changes: Any) -> Purchase:
    """Return a purchase of £50 whose money is where its state says."""
    where = {
        State.SUBMITTED: {"reserved": 5000},
        State.QUERIED: {"reserved": 5000},
        State.APPROVED: {"committed": 5000},
        State.ORDERED: {"committed": 5000},
        State.DELIVERED: {"committed": 2000, "received": 3000},
    }
    values: dict[str, Any] = {
        "id": "0190f5a0-0000-7000-8000-00000000000a",
        "tenant": "E06000050",
        "reference": "SP-0000-000A",
        "state": state,
        "school_urn": "100001",
        "child_ids": ("child",),
        "need": "shoes",
        "category": "uniform",
        "expected": ExpectedChange("attendance_rate", Direction.INCREASE, date(2027, 2, 1)),
        "urgency": Urgency.TEN_DAYS,
        "supplier_id": "supplier",
        "supplier_name": "Clarks",
        "lines": (Line("shoes", 1, 5000),),
        "budget_id": "budget",
        "requester": "requester",
        "shares": (make_share(**where.get(state, {"available": 5000})),),
        "submitted_at": NOW,
    }
    return Purchase(**{**values, **changes})


def make_budget(scope: Scope = Scope.FUND, *schools: str, **changes: Any) -> Budget:
    values: dict[str, Any] = {
        "id": f"{scope}",
        "tenant": "E06000050",
        "parent_id": "",
        "path": f"/{scope}/",
        "scope": scope,
        "name": f"{scope}",
        "schools": frozenset(schools),
        "period": YEAR,
        "created_at": NOW,
    }
    return Budget(**{**values, **changes})
