"""A fund in one process or more with one hot pot, and callers in processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import grpc
from google.type.money_pb2 import Money
from localresponse.fund.v1 import (
    budgets_service_pb2,
    budgets_service_pb2_grpc,
    fund_types_pb2,
    proposal_requests_pb2,
    proposals_service_pb2,
    proposals_service_pb2_grpc,
    sources_service_pb2,
    sources_service_pb2_grpc,
)

from bench.submit_load import Order
from services.chassis.auth import Principal
from services.chassis.clock import LONDON, SystemClock
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from tests.support.stack import ROOT, PartProcess

TENANT = "E06000050"
SCHOOL = "100001"
_OFFICER = Principal(TENANT, "officer-1", "finance_officer")
_SECOND = Principal(TENANT, "officer-2", "finance_officer")
_REQUESTER = Principal(TENANT, "practitioner-1", "practitioner", frozenset({SCHOOL}))
_PLENTY = Money(currency_code="GBP", units=1_000_000_000)


class Callers:
    """A process that submits to one target.

    Attributes:
        submitted: How many were answered so far.
    """

    def __init__(self) -> None:
        self._callers: Process | None = None
        self.submitted = 0

    async def start(self, target: str, token: str) -> None:
        """Start the process."""
        self._callers = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.submit_load", target, token, SCHOOL),
            cwd=ROOT,
            stdin=PIPE,
            stdout=PIPE,
        )

    async def stop(self) -> None:
        """End the process."""
        if self._callers is not None:
            self._callers.kill()
            await self._callers.wait()

    async def submit(
        self, *, callers: int, seconds: float = 600, most: int = 10**9
    ) -> dict[str, Any]:
        """Return what the callers measured."""
        assert self._callers is not None
        assert self._callers.stdin is not None
        assert self._callers.stdout is not None
        order = json.dumps(asdict(Order(callers, seconds, most)))
        self._callers.stdin.write(f"{order}\n".encode())
        line = await self._callers.stdout.readline()
        measured: dict[str, Any] = json.loads(line)
        self.submitted += int(measured["count"])
        return measured | {"rate": measured["count"] / measured["seconds"]}


class Replicas:
    """Callers of several replicas, as one."""

    def __init__(self, callers: Sequence[Callers]) -> None:
        self._callers = callers

    @property
    def submitted(self) -> int:
        """How many were answered so far."""
        return sum(each.submitted for each in self._callers)

    async def submit(
        self, *, callers: int, seconds: float = 600, most: int = 10**9
    ) -> dict[str, Any]:
        """Return what the callers measured; the replicas get equal parts of them."""
        parts = len(self._callers)
        measured = await asyncio.gather(
            *(
                each.submit(callers=callers // parts, seconds=seconds, most=-(-most // parts))
                for each in self._callers
            )
        )
        sums = {key: sum(each[key] for each in measured) for key in ("count", "rate")}
        return sums | {key: max(each[key] for each in measured) for key in ("p50_ms", "p99_ms")}


@contextlib.asynccontextmanager
async def hot_fund(database_url: str | None, *, replicas: int = 1) -> AsyncIterator[Replicas]:
    """Run a fund on the database (none: SQLite) with its broker, by the product's own command."""
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        environment = {"DATA_DIR": folder, "OPERATIONS_PORT": "0", "MIGRATE_AT_START": "true"}
        if database_url is not None:
            file = Path(folder) / "fund.url"
            file.touch(mode=0o600)
            file.write_text(database_url)
            environment["FUND_DATABASE_URL_FILE"] = str(file)
        named = {f"LOCALRESPONSE_{name}": value for name, value in environment.items()}
        log = Path(os.environ.get("BENCH_LOG", Path(folder) / "fund.log"))
        settings = Settings(data_dir=Path(folder))
        targets = [
            settings.target("fund"),
            *(f"unix:{folder}/{number}.sock" for number in range(1, replicas)),
        ]
        async with contextlib.AsyncExitStack() as stack:
            for number, target in enumerate(targets):
                here = named | {"LOCALRESPONSE_FUND_LISTEN": target}
                server = PartProcess("fund", here, log.with_suffix(f".{number}"))
                stack.push_async_callback(server.stop)
                await server.start()
            async with grpc.aio.insecure_channel(targets[0]) as channel:
                await _fill(channel, _token(settings, _OFFICER), _token(settings, _SECOND))
            callers = [Callers() for _ in targets]
            for each, target in zip(callers, targets, strict=True):
                stack.push_async_callback(each.stop)
                await each.start(target, _token(settings, _REQUESTER))
            yield Replicas(callers)


def _token(settings: Settings, who: Principal) -> str:
    return TokenMinter(TokenKeys(settings.tokens_dir), SystemClock()).mint(who, ("fund",))


async def _fill(channel: grpc.aio.Channel, token: str, second: str) -> None:
    metadata = (("authorization", f"Bearer {token}"),)
    sources: Any = sources_service_pb2_grpc.SourcesServiceStub(channel)
    budgets: Any = budgets_service_pb2_grpc.BudgetsServiceStub(channel)
    source = await sources.CreateSource(
        sources_service_pb2.CreateSourceRequest(
            request_id=_id(), name="Council", kind=fund_types_pb2.SOURCE_KIND_COUNCIL, funder="Us"
        ),
        metadata=metadata,
    )
    award = sources_service_pb2.BankAwardRequest(
        request_id=_id(), source_id=source.id, amount=_PLENTY, receipt_reference="1"
    )
    await sources.BankAward(award, metadata=metadata)
    budget = await budgets.CreateBudget(
        budgets_service_pb2.CreateBudgetRequest(
            request_id=_id(),
            scope=budgets_service_pb2.BUDGET_SCOPE_FUND,
            name="Fund",
            period=budgets_service_pb2.Period(
                kind=budgets_service_pb2.PERIOD_KIND_FINANCIAL_YEAR, start_year=_financial_year()
            ),
        ),
        metadata=metadata,
    )
    proposals: Any = proposals_service_pb2_grpc.ProposalsServiceStub(channel)
    asked = proposal_requests_pb2.ProposeAllocationRequest(
        request_id=_id(),
        budget_id=budget.id,
        source_id=source.id,
        amount=_PLENTY,
        reason="a pot that does not run dry",
    )
    proposal = await proposals.ProposeAllocation(asked, metadata=metadata)
    confirm = proposals_service_pb2.ConfirmProposalRequest(
        request_id=_id(), proposal_id=proposal.id
    )
    await proposals.ConfirmProposal(confirm, metadata=(("authorization", f"Bearer {second}"),))


def _financial_year() -> int:
    today = SystemClock().now().astimezone(LONDON)
    return today.year if today.month >= 4 else today.year - 1


def _id() -> str:
    return str(uuid.uuid4())
