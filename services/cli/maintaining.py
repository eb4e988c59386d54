"""`migrate`, `verify` and `dead-letters`: what an operator runs beside a live product."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from services.chassis import audit, dead_letters, migrations
from services.chassis import settings as chassis_settings
from services.chassis.bus import Bus
from services.chassis.clock import SystemClock
from services.chassis.consumers import ConsumerLoop
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.service import Service
from services.chassis.unit_of_work import Commands
from services.cli import parts
from services.fund import verification
from services.outcomes.imports import published_weeks
from services.outcomes.imports.schools import command as schools_import
from services.outcomes.verification import command as outcomes_check

T = TypeVar("T")


def migrate(name: str) -> None:
    """Bring one service's database, or all, to the newest version."""
    for service in _services(name):
        migrations.upgrade(service.database.url, service.package)
        sys.stdout.write(f"{service.name}: up to date\n")


def verify(what: str, name: str) -> int:
    """Verify the audit chains of one service or all, the ledger or the outcomes; 1 on findings."""
    if what == "outcomes":
        (outcomes,) = _services("outcomes")
        return outcomes_check.run(outcomes.database, SystemClock())
    if what == "ledger":
        return _verify_ledger()
    if what != "audit":
        sys.stderr.write(f"localresponse: there is nothing to verify named {what!r}\n")
        return 2
    settings = chassis_settings.load()
    found = 0
    for service in _services(name):
        points = audit.Checkpoints(settings.checkpoints_dir, settings.keys_dir, service.name)

        findings = asyncio.run(
            _read(service.database, partial(audit.verify, checkpoints=points.read()))
        )
        for each in findings:
            sys.stdout.write(
                f"{service.name} {each.tenant} {each.sequence}: {each.kind}, {each.message}\n"
            )
        found += len(findings)
        sys.stdout.write(f"{service.name}: {len(findings)} findings\n")
    return 1 if found else 0


def _verify_ledger() -> int:
    """Ask the fund's database for every invariant of its books."""
    (fund,) = _services("fund")
    findings = asyncio.run(_read(fund.database, verification.verify))
    for each in findings:
        where = f"{each.tenant} {each.row}".strip()
        sys.stdout.write(f"invariant {each.invariant}: {where}: {each.message}\n")
    asked = sum(1 for invariant in verification.INVARIANTS if invariant.checks)
    sys.stdout.write(f"ledger: {asked} invariants checked, {len(findings)} findings\n")
    return 1 if findings else 0


def import_schools(file: Path, authority: str, *, links: Path | None) -> int:
    """Add or replace an authority's schools from a published file."""
    (outcomes,) = _services("outcomes")
    migrations.upgrade(outcomes.database.url, outcomes.package)
    return schools_import.run(
        outcomes.database, SystemClock(), file=file, authority=authority, links=links
    )


def import_published_weeks(file: Path, authority: str) -> int:
    """Record the published weeks of an authority and of its statistical neighbours."""
    (outcomes,) = _services("outcomes")
    migrations.upgrade(outcomes.database.url, outcomes.package)
    return published_weeks.run(outcomes.database, SystemClock(), file=file, authority=authority)


def list_dead_letters(name: str, *, as_json: bool) -> None:
    """Print the events of a service that wait for a person, oldest first."""
    for service in _services(name):
        for letter in asyncio.run(_read(service.database, dead_letters.open_letters)):
            row = {
                "id": letter.id,
                "consumer": letter.consumer,
                "type": letter.event.type,
                "resource": letter.event.resource,
                "why": letter.why,
                "deliveries": letter.deliveries,
                "dead_at": letter.dead_at.isoformat(),
            }
            line = json.dumps(row) if as_json else "  ".join(str(value) for value in row.values())
            sys.stdout.write(line + "\n")


def replay(name: str, dead_letter_id: str) -> int:
    """Give a dead letter to its consumer again; 1 when it is refused again."""
    (service,) = _services(name)
    try:
        asyncio.run(_replay(service, dead_letter_id))
    except ServiceError as refusal:
        sys.stderr.write(f"localresponse: {refusal.reason}: {refusal.message}\n")
        return 1
    sys.stdout.write("replayed\n")
    return 0


def _services(name: str) -> list[Service]:
    settings = chassis_settings.load()
    names = parts.SERVICES if name == "all" else (name,)
    try:
        return [build(settings, SystemClock()) for build in parts.builders(names)]
    except ValueError as error:
        sys.stderr.write(f"localresponse: {error}\n")
        raise SystemExit(2) from None


async def _read(database: Database, work: Callable[[Connection], T]) -> T:
    try:
        return await database.read(work)
    finally:
        database.close()


async def _replay(service: Service, dead_letter_id: str) -> None:
    clock = SystemClock()
    database = service.database
    database.start()
    try:
        letters = await database.read(dead_letters.open_letters)
        owners = {letter.id: letter.consumer for letter in letters}
        for consumer in service.consumers:
            if owners.get(dead_letter_id) == consumer.name:
                # A replay takes the event from the database; the bus is never connected.
                loop = ConsumerLoop(
                    consumer,
                    Commands(database, clock),
                    database=database,
                    bus=Bus("nats://127.0.0.1", service.name),
                    clock=clock,
                )
                await loop.replay(dead_letter_id)
                return
        raise dead_letters.DeadLetterUnknown("no such dead letter waits")
    finally:
        database.close()
