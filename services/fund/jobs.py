"""What the fund does by itself, over and over: each finds its work and does it one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.commands import by_rule, lapsing
from services.fund.storage import policies, returning, waiting

T = TypeVar("T")
AT_ONCE = 100
"""Rows that a run looks at; what is left waits for the next run."""

_RULE_EVERY_S = 2.0
_TIME_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Jobs:
    """The fund's jobs over its database."""

    commands: Commands
    database: Database
    clock: Clock

    def all(self) -> tuple[Job, ...]:
        """Return them as the runtime runs them."""
        return (
            Job(name="fund-approve-by-rule", every_s=_RULE_EVERY_S, run=self.approve_by_rule),
            Job(name="fund-overdue", every_s=_TIME_EVERY_S, run=self.tell_overdue),
            Job(name="fund-expire", every_s=_TIME_EVERY_S, run=self.expire),
            Job(name="fund-lapse-vouchers", every_s=_TIME_EVERY_S, run=self.lapse_vouchers),
        )

    async def approve_by_rule(self) -> None:
        """Approve what authorities leave to a rule."""
        found = await self.database.read(_for_rules)
        for each in found:
            await self._do(each.tenant, _with(by_rule.approve, each.purchase_id))

    async def tell_overdue(self) -> None:
        """Tell of decisions that are late."""
        now = self.clock.now()
        found = await self.database.read(lambda reader: waiting.overdue(reader, now, AT_ONCE))
        for each in found:
            await self._do(each.tenant, _with(lapsing.tell_overdue, each.purchase_id))

    async def expire(self) -> None:
        """Give back the money of requests that nobody decided."""
        now = self.clock.now()
        found = await self.database.read(lambda reader: _old(reader, now))
        for each in found:
            await self._do(each.tenant, _with(lapsing.expire, each.purchase_id))

    async def lapse_vouchers(self) -> None:
        """Give back what was not redeemed of vouchers that ended."""
        today = london_date(self.clock.now())
        found = await self.database.read(
            lambda reader: returning.ended_vouchers(reader, today, AT_ONCE)
        )
        for each in found:
            await self._do(each.tenant, _with(lapsing.lapse, each))

    async def _do(self, tenant: str, work: Callable[[UnitOfWork], bool]) -> None:
        """Do one; what is refused (a closed year, a step that came first) waits for people."""
        try:
            await self.commands.apply(Principal.system(tenant), work)
        except ServiceError:
            return


def _with(act: Callable[[UnitOfWork, T], bool], found: T) -> Callable[[UnitOfWork], bool]:
    return lambda work: act(work, found)


def _for_rules(reader: Connection) -> list[waiting.Waiting]:
    found: list[waiting.Waiting] = []
    for tenant in waiting.tenants_with_policies(reader):
        rule = policies.in_force(reader, tenant).auto
        if rule.categories:
            found += waiting.for_a_rule(
                reader, tenant, categories=rule.categories, up_to=rule.up_to, size=AT_ONCE
            )
    return found


def _old(reader: Connection, now: datetime) -> Iterable[waiting.Waiting]:
    """Return what may have expired; working days are counted by the command itself."""
    found: list[waiting.Waiting] = []
    for tenant in waiting.undecided_tenants(reader):
        days = policies.in_force(reader, tenant).expiry_working_days
        before = now - timedelta(days=days)
        found += waiting.undecided_since(reader, tenant, before, AT_ONCE)
    return found
