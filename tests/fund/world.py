"""A fund over a real database, spoken to through its servicers as signed-in people."""

from __future__ import annotations

import uuid
from typing import Any

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from localresponse.fund.v1 import approvals_service_pb2 as approvals
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import fund_types_pb2 as funding
from localresponse.fund.v1 import ledger_service_pb2 as ledger
from localresponse.fund.v1 import purchase_requests_pb2 as requests
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import purchases_service_pb2 as purchases
from localresponse.fund.v1 import sources_service_pb2 as sources
from sqlalchemy import Connection, select

from services.chassis.auth import Principal, acting_as
from services.chassis.database import Database
from services.chassis.migrations import upgrade
from services.chassis.pagination import PageTokens
from services.chassis.service import Service
from services.chassis.unit_of_work import Commands
from services.fund.app import assemble
from services.fund.storage import tables
from services.fund.storage.payee_vault import PayeeVault
from tests.fund.papers import MemoryPapers
from tests.support.clock import FakeClock

TENANT = "E06000050"
SCHOOL = "100001"
OTHER_SCHOOL = "100002"
PRACTITIONER = Principal(TENANT, "practitioner-1", "practitioner", frozenset({SCHOOL}))
STRANGER = Principal(TENANT, "practitioner-2", "practitioner", frozenset({OTHER_SCHOOL}))
LIAISON = Principal(TENANT, "liaison-1", "liaison_officer", frozenset({SCHOOL, OTHER_SCHOOL}))
OFFICER = Principal(TENANT, "officer-1", "finance_officer")
SECOND_OFFICER = Principal(TENANT, "officer-2", "finance_officer")
MANAGER = Principal(TENANT, "manager-1", "programme_manager")
FOREIGNER = Principal("E08000019", "officer-9", "finance_officer")
CHILD = "0190f5a0-0000-7000-8000-000000000001"


def migrate(url: str) -> None:
    upgrade(url, "services.fund")


def pounds(text: str) -> Money:
    whole, _, pence = text.partition(".")
    return Money(currency_code="GBP", units=int(whole), nanos=int(pence.ljust(2, "0") or 0) * 10**7)


def pence(amount: Money) -> int:
    return int(amount.units * 100 + amount.nanos // 10_000_000)


def rid() -> str:
    return str(uuid.uuid4())


def submission(cost: str = "50", **changes: Any) -> requests.SubmitPurchaseRequest:
    """Return a request whose one line costs the fund `cost` pounds."""
    values: dict[str, Any] = {
        "request_id": rid(),
        "school_urn": SCHOOL,
        "child_ids": [CHILD],
        "need": "shoes that keep the rain out",
        "category": "uniform",
        "expected_change": types.ExpectedChange(
            measure="attendance_rate",
            direction=types.DIRECTION_INCREASE,
            review_date=Date(year=2027, month=2, day=1),
        ),
        "urgency": types.URGENCY_THREE_DAYS,
        "supplier_name": "Clarks",
        "lines": [types.PurchaseLine(description="shoes", quantity=1, unit_price=pounds(cost))],
    }
    return requests.SubmitPurchaseRequest(**{**values, **changes})


class World:
    """The service, its clock and the people who use it."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.clock = clock
        self.database = Database(url)
        self.commands = Commands(self.database, clock)
        self.service: Service = assemble(
            self.database,
            PageTokens(b"key"),
            clock=clock,
            papers=MemoryPapers(),
            vault=PayeeVault(bytes(32)),
        )
        self._methods = {
            name: getattr(each.implementation, name)
            for each in self.service.servicers
            for name in dir(each.implementation)
            if name[0].isupper()
        }

    async def call(self, who: Principal, method: str, request: Message) -> Any:
        with acting_as(who):
            return await self._methods[method](request, None)

    async def source(self, name: str = "Council", banked: str = "1000", **terms: Any) -> Any:
        created = await self.call(
            OFFICER,
            "CreateSource",
            sources.CreateSourceRequest(
                request_id=rid(),
                name=name,
                kind=funding.SOURCE_KIND_COUNCIL,
                funder=name,
                terms=sources.SourceTerms(**terms),
            ),
        )
        return await self.bank(created.id, banked, reference=f"{name} 1")

    async def bank(self, source_id: str, amount: str, *, reference: str) -> Any:
        request = sources.BankAwardRequest(
            request_id=rid(),
            source_id=source_id,
            amount=pounds(amount),
            receipt_reference=reference,
        )
        return await self.call(OFFICER, "BankAward", request)

    async def budget(self, scope: str = "FUND", **changes: Any) -> Any:
        values: dict[str, Any] = {
            "request_id": rid(),
            "scope": f"BUDGET_SCOPE_{scope}",
            "name": f"{scope} {uuid.uuid4()}",
            "period": budgets.Period(kind=budgets.PERIOD_KIND_FINANCIAL_YEAR, start_year=2026),
        }
        return await self.call(
            OFFICER, "CreateBudget", budgets.CreateBudgetRequest(**{**values, **changes})
        )

    async def allocate(self, budget_id: str, source_id: str, amount: str) -> Any:
        request = budgets.AllocateBudgetRequest(
            request_id=rid(), budget_id=budget_id, source_id=source_id, amount=pounds(amount)
        )
        return await self.call(OFFICER, "AllocateBudget", request)

    async def money(self, amount: str = "1000", **terms: Any) -> Any:
        """Bank, make a fund and put all of it in; return the budget."""
        source = await self.source(banked=amount, **terms)
        fund = await self.budget()
        return await self.allocate(fund.id, source.id, amount)

    async def limit(self, who: Principal = OFFICER, amount: str = "500") -> Any:
        setter = SECOND_OFFICER if who == OFFICER else OFFICER
        request = approvals.SetDelegatedLimitRequest(
            request_id=rid(), officer_id=who.subject, limit=pounds(amount)
        )
        return await self.call(setter, "SetDelegatedLimit", request)

    async def submit(
        self, cost: str = "50", *, by: Principal = PRACTITIONER, **changes: Any
    ) -> Any:
        return await self.call(by, "SubmitPurchase", submission(cost, **changes))

    async def step(self, who: Principal, name: str, purchase_id: str, **fields: Any) -> Any:
        """Call an rpc of the workflow, such as `ApprovePurchase`."""
        kind = getattr(requests, f"{name}Request")
        if name == "ApprovePurchase":
            fields.setdefault("reason", "seen, and needed again")
        request = kind(request_id=rid(), purchase_id=purchase_id, **fields)
        return await self.call(who, name, request)

    async def get(self, purchase_id: str, who: Principal = PRACTITIONER) -> Any:
        request = purchases.GetPurchaseRequest(purchase_id=purchase_id)
        return await self.call(who, "GetPurchase", request)

    async def budget_now(self, budget_id: str, who: Principal = OFFICER) -> Any:
        return await self.call(who, "GetBudget", budgets.GetBudgetRequest(budget_id=budget_id))

    async def journals(self, purchase_id: str = "") -> Any:
        request = ledger.ListJournalsRequest(purchase_id=purchase_id, page_size=200)
        return (await self.call(OFFICER, "ListJournals", request)).journals

    async def events(self) -> list[str]:
        """Return the types of all events so far, without the common ends."""

        def read(connection: Connection) -> list[str]:
            outbox = tables.metadata.tables["outbox"]
            rows = connection.execute(select(outbox.c.type).order_by(outbox.c.id))
            return [
                row.type.removeprefix("localresponse.fund.").removesuffix(".v1") for row in rows
            ]

        return await self.database.read(read)
