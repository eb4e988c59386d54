"""Whole commands, one writer, and room: what kills, second writers and storms leave behind.

The harnesses under tests make them happen; a database that lived through one is asked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from services.chassis.auth import Principal
from services.fund.domain.ledger import Kind
from services.fund.storage.tables import entries, journals, metadata, purchase_facts, purchases
from services.fund.verification.finding import Finding
from services.fund.verification.pots import MAY_BE_NEGATIVE

_ANSWERS, _OUTBOX = metadata.tables["idempotency"].c, metadata.tables["outbox"].c
_SUBMITTED = "localresponse.fund.v1.SubmitPurchaseRequest"
_AT_ONCE = 1000


def whole(connection: Connection) -> Iterator[Finding]:
    """Find journals of a command that was never answered or was refused, and answers without one.

    A command's journals and its answer are one commit. What jobs do is not asked for by anybody
    and has no answer.
    """
    same = and_(
        _ANSWERS.tenant == journals.c.tenant,
        _ANSWERS.subject == journals.c.actor,
        _ANSWERS.request_id == journals.c.command_id,
    )
    jobs = Principal.system("").subject
    halves = (
        select(journals.c.id, journals.c.tenant, _ANSWERS.refusal)
        .join(metadata.tables["idempotency"], same, isouter=True)
        .where(journals.c.actor != jobs, _ANSWERS.answer.is_(None))
    )
    for row in connection.execute(halves):
        text = "its command was refused" if row.refusal else "its command was never answered"
        yield Finding(17, row.tenant, f"journals {row.id}", text)
    lost = (
        select(_ANSWERS.request_id, _ANSWERS.tenant)
        .join(journals, and_(same, journals.c.kind == Kind.RESERVE), isouter=True)
        .where(_ANSWERS.method == _SUBMITTED, _ANSWERS.answer.is_not(None), journals.c.id.is_(None))
    )
    for answer in connection.execute(lost):
        text = "its money was promised and nothing was booked"
        yield Finding(17, answer.tenant, f"idempotency {answer.request_id}", text)


def one_writer(connection: Connection) -> Iterator[Finding]:
    """Find events with a number that another has, and steps that do not follow one another."""
    twice = (
        select(_OUTBOX.tenant, _OUTBOX.resource, _OUTBOX.sequence, func.count().label("number"))
        .group_by(_OUTBOX.tenant, _OUTBOX.resource, _OUTBOX.sequence)
        .having(func.count() > 1)
    )
    for row in connection.execute(twice):
        text = f"{row.number} events have the number {row.sequence}"
        yield Finding(18, row.tenant, f"outbox of {row.resource}", text)
    last: dict[str, tuple[int, str]] = {}
    for step in connection.execute(_steps(), execution_options={"yield_per": _AT_ONCE}):
        position, state = last.get(step.purchase_id, (0, ""))
        if (step.position, step.from_state) != (position + 1, state):
            text = f"step {step.position} from {step.from_state} follows {position} to {state}"
            yield Finding(18, step.tenant, f"purchase_facts {step.purchase_id}", text)
        last[step.purchase_id] = (step.position, step.to_state)
    columns = (purchases.c.id, purchases.c.tenant, purchases.c.version, purchases.c.state)
    for stands in connection.execute(select(*columns)):
        position, state = last.get(stands.id, (0, ""))
        if (position, state) != (stands.version, stands.state):
            text = f"version {stands.version} is {stands.state}; step {position} led to {state}"
            yield Finding(18, stands.tenant, f"purchases {stands.id}", text)


def _steps() -> Select[Any]:
    columns = purchase_facts.c
    named = (columns.purchase_id, columns.position, columns.tenant, columns.from_state)
    return select(*named, columns.to_state).order_by(columns.purchase_id, columns.position)


def never_overdrawn(connection: Connection) -> Iterator[Finding]:
    """Find commands after which an account was below zero, in the order of the chain.

    What came in later hides it from the balance of today. Each account is named once.
    """
    held: dict[tuple[str, str], int] = defaultdict(int)
    named: set[tuple[str, str]] = set()
    rows = connection.execute(_moves(), execution_options={"yield_per": _AT_ONCE})
    for (tenant, command), moves in groupby(rows, key=lambda row: (row.tenant, row.command_id)):
        touched: dict[tuple[str, str], str] = {}
        for row in moves:
            held[tenant, row.account] += int(row.amount)
            touched[tenant, row.account] = row.id
        for key, journal_id in touched.items():
            if held[key] < 0 and key not in named and not key[1].startswith(MAY_BE_NEGATIVE):
                named.add(key)
                text = f"command {command} left {key[1]} at {held[key]} pence"
                yield Finding(20, tenant, f"journals {journal_id}", text)


def _moves() -> Select[Any]:
    columns = (journals.c.id, journals.c.tenant, journals.c.command_id)
    return (
        select(*columns, entries.c.account, entries.c.amount)
        .join(entries, entries.c.journal_id == journals.c.id)
        .order_by(journals.c.tenant, journals.c.sequence, entries.c.position)
    )
