"""The chain itself: each row's hash covers its content and the row before it.

hash = SHA-256(format, 4 bytes || hash before, 32 bytes || RFC 8785 bytes of the content). Rows of
a batch are chained together just before its commit, so the cost is one look-up and one insert for
all of them. Source: RFC 8785.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, MetaData, bindparam, select, text

from services.chassis.audit.calls import AuditedCall
from services.chassis.database import Transaction
from services.chassis.database.bulk import inserting
from services.chassis.database.together import Asked, Result, Statement, Step
from services.chassis.errors import PermissionDenied, ServiceError
from services.chassis.tables import Row, add_to

FORMAT = 1
"""Version of the content and of the hash's recipe."""

FIRST = bytes(32)
"""What stands for the hash before the first row."""

_METADATA = MetaData()
add_to(_METADATA)
AUDIT = _METADATA.tables["audit"]
_FORMAT_BYTES = FORMAT.to_bytes(4, "big")
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(hashtext(:name))"))
_END = Statement(
    select(AUDIT.c.sequence, AUDIT.c.hash)
    .where(AUDIT.c.tenant == bindparam("tenant"))
    .order_by(AUDIT.c.sequence.desc())
    .limit(1)
)


class Outcome(StrEnum):
    """How a call ended, as far as access is concerned."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """The action table, or a rule about this resource, said no."""
    REFUSED = "refused"
    """Access was allowed; the request, the state or the money was not right."""
    FAILED = "failed"
    """Our own mistake or an outage ended it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The content of one audit row; ids only, never personal data.

    Attributes:
        at: When it was decided, aware UTC.
        reason: The refusal's reason; empty when allowed.
        resource: The id of what it was done to, where it is known.
        request_id: The caller's id of the command; empty for reads.
        payload: SHA-256 over request id and input hash, in hexadecimal, so that whoever still
            has the request can show that it was this one; empty for reads.
    """

    call: AuditedCall
    at: datetime
    outcome: Outcome
    rule: str
    reason: str = ""
    resource: str = ""
    request_id: str = ""
    payload: str = ""

    def row(self) -> Row:
        """Return the content by name, still without its place in the chain."""
        principal = self.call.principal
        return {
            "action": self.call.action,
            "actor": principal.subject,
            "at": self.at.isoformat(),
            "outcome": str(self.outcome),
            "payload": self.payload,
            "reason": self.reason,
            "request_id": self.request_id,
            "resource": self.resource,
            "role": principal.role,
            "rpc": self.call.rpc,
            "rule": self.rule,
            "tenant": principal.tenant,
            "token_id": principal.token_id,
        }


def entry_of(
    call: AuditedCall, at: datetime, *, error: Exception | None = None, resource: str = ""
) -> Entry:
    """Return the entry for a call that ended, well or with `error`."""
    match error:
        case None:
            return Entry(call, at, Outcome.ALLOWED, call.rule, resource=resource)
        case PermissionDenied():
            rule = error.metadata.get("rule", call.rule)
            return Entry(call, at, Outcome.DENIED, rule, error.reason, resource)
        case ServiceError():
            return Entry(call, at, Outcome.REFUSED, call.rule, error.reason, resource)
        case _:
            return Entry(call, at, Outcome.FAILED, call.rule, "INTERNAL", resource)


def append(transaction: Transaction, entry: Entry) -> None:
    """Add the entry to its authority's chain with the commit of `transaction`."""
    transaction.later(_CHAIN, entry.row())


def canonical(content: dict[str, Any]) -> str:
    """Return the RFC 8785 text of a content (texts and small whole numbers only).

    With ASCII keys orjson's sorted bytes are those of RFC 8785 (a property test holds them equal),
    at a small part of the cost.
    """
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def link(before: bytes, body: str) -> bytes:
    """Return the hash of a row from the hash before it and its canonical content."""
    return sha256(_FORMAT_BYTES + before + body.encode()).digest()


class _Chain:
    """Links the rows of a batch to those before them."""

    def asks(self, dialect: str, rows: Sequence[Row]) -> Sequence[Asked]:
        """Return the ends of the authorities' chains, locked against other replicas."""
        # In a fixed order, so that two replicas cannot wait for each other.
        tenants = sorted({row["tenant"] for row in rows})
        locks = tenants if dialect == "postgresql" else ()
        return [
            *(_LOCK.asked(name=f"audit:{tenant}") for tenant in locks),
            *(_END.asked(tenant=tenant) for tenant in tenants),
        ]

    def writes(
        self, _connection: Connection, rows: Sequence[Row], known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return the insert of the rows, each with its place and hash."""
        tenants: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            tenants[row["tenant"]].append(row)
        linked: list[Row] = []
        for tenant, end in zip(sorted(tenants), known[-len(tenants) :], strict=True):
            sequence, last = end.rows[0] if end.rows else (0, FIRST)
            for row in tenants[tenant]:
                sequence += 1
                body = canonical({**row, "sequence": sequence})
                last = link(last, body)
                linked.append(
                    {
                        "tenant": tenant,
                        "sequence": sequence,
                        "format": FORMAT,
                        "body": body,
                        "hash": last,
                    }
                )
        return inserting((AUDIT, linked))


_CHAIN = _Chain()
