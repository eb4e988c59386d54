"""The fund and the gateway as they run, and people who call them by REST."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from services.chassis.auth import Principal
from services.chassis.clock import SystemClock, london_date
from services.chassis.settings import SERVICES, Settings
from services.chassis.tokens import TokenKeys, TokenMinter

TENANT = "E06000050"
SCHOOL = "100001"
PEOPLE = {
    "practitioner": Principal(TENANT, "practitioner-1", "practitioner", frozenset({SCHOOL})),
    "officer": Principal(TENANT, "officer-1", "finance_officer"),
    "second": Principal(TENANT, "officer-2", "finance_officer"),
    "evaluator": Principal(TENANT, "evaluator-1", "evaluator"),
    "foreigner": Principal("E08000019", "officer-9", "finance_officer"),
}


def key() -> dict[str, str]:
    return {"Idempotency-Key": f'"{uuid.uuid4()}"'}


def pounds(units: Any, nanos: Any = 0) -> dict[str, Any]:
    return {"currencyCode": "GBP", "units": units, "nanos": nanos}


def submission(units: Any = "50", nanos: Any = 0, **changes: Any) -> dict[str, Any]:
    line = {"description": "shoes", "quantity": 1, "unitPrice": pounds(units, nanos)}
    today = london_date(SystemClock().now())
    values: dict[str, Any] = {
        "schoolUrn": SCHOOL,
        "childIds": ["0190f5a0-0000-7000-8000-000000000001"],
        "need": "shoes that keep the rain out",
        "category": "uniform",
        "expectedChange": {
            "measure": "attendance_rate",
            "direction": "DIRECTION_INCREASE",
            "reviewDate": {"year": today.year + 1, "month": 2, "day": 1},
        },
        "supplierName": "Clarks",
        "lines": [line],
    }
    return values | changes


@dataclass(frozen=True, slots=True)
class Office:
    """REST over a running fund, as anybody of `PEOPLE`."""

    http: httpx.AsyncClient
    minter: TokenMinter
    budget: dict[str, Any]

    @classmethod
    async def open(cls, http: httpx.AsyncClient, settings: Settings) -> Office:
        """Bank £1,000, put it in a budget, and give an officer a limit."""
        office = cls(http, TokenMinter(TokenKeys(settings.tokens_dir), SystemClock()), {})
        body = {"name": "Council", "kind": "SOURCE_KIND_COUNCIL", "funder": "Council"}
        source = (await office.post("officer", "sources", body)).json()
        award = {"amount": pounds("1000"), "receiptReference": "1"}
        await office.post("officer", f"sources/{source['id']}:bank", award)
        today = london_date(SystemClock().now())
        year = today.year if today.month >= 4 else today.year - 1
        period = {"kind": "PERIOD_KIND_FINANCIAL_YEAR", "startYear": year}
        wanted = {"scope": "BUDGET_SCOPE_FUND", "name": "Fund", "period": period}
        budget = (await office.post("officer", "budgets", wanted)).json()
        allocation = {"sourceId": source["id"], "amount": pounds("1000")}
        await office.post("officer", f"budgets/{budget['id']}:allocate", allocation)
        limit = {"officerId": PEOPLE["officer"].subject, "limit": pounds("500")}
        await office.post("second", "delegated-limits", limit)
        return cls(http, office.minter, budget)

    def bearer(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.minter.mint(PEOPLE[who], SERVICES)}"}

    async def get(self, who: str, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(f"/api/v1/{path}", headers={**self.bearer(who), **headers})

    async def post(
        self, who: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        sent = {**self.bearer(who), **(headers or key())}
        return await self.http.post(f"/api/v1/{path}", json=body, headers=sent)
