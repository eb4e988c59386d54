"""The checks before a handler: token, action, fields; and the record of what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import protovalidate
from google.protobuf.message import DecodeError, Message

from services.chassis import audit
from services.chassis.auth import ActionTable, Principal
from services.chassis.calls.methods import Method
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.status import InvalidFields, Unparsable, Violation
from services.chassis.tokens import TokenMissing, TokenVerifier

_BEARER = "bearer "
_VALIDATOR = protovalidate.Validator()


class AuditTrail(Protocol):
    """Where entries go that no commit of the call's own carries."""

    async def write(self, entry: audit.Entry) -> None:
        """Keep the entry durably.

        Raises:
            Unavailable: It could not be kept.
        """
        ...


class DatabaseTrail:
    """The audit chain of a service's own database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, entry: audit.Entry) -> None:
        """Keep the entry with the lane's next commit."""
        await self._database.transact(lambda transaction: audit.append(transaction, entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a service checks each call with.

    Attributes:
        actions: The service's action table.
        verifier: Checks tokens for this service.
        trail: Where decisions are recorded.
        clock: Dates the records.
    """

    actions: ActionTable
    verifier: TokenVerifier
    trail: AuditTrail
    clock: Clock

    def identify(self, authorization: str) -> Principal:
        """Return who calls.

        Args:
            authorization: The call's metadata of that name; empty when there is none.

        Raises:
            Unauthenticated: TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_WRONG_AUDIENCE, TOKEN_INVALID.
        """
        if authorization[: len(_BEARER)].lower() != _BEARER:
            raise TokenMissing("the call has no token: send `authorization: Bearer …`")
        return self.verifier.verify(authorization[len(_BEARER) :].strip())

    async def record(self, call: audit.AuditedCall, error: Exception | None = None) -> None:
        """Write the call's audit row by itself.

        Raises:
            Unavailable: It could not be written.
        """
        await self.trail.write(audit.entry_of(call, self.clock.now(), error=error))


def parse(method: Method, raw: bytes) -> Message:
    """Return the request that the bytes hold, its fields checked against the contract.

    Raises:
        InvalidArgument: UNPARSABLE, or INVALID_FIELD with every violation.
    """
    try:
        message = method.request.FromString(raw)
    except DecodeError:
        raise Unparsable("the bytes are not a message of this rpc") from None
    violations = _VALIDATOR.collect_violations(message)
    if violations:
        raise InvalidFields(_violation(violation.proto) for violation in violations)
    return message


def _violation(proto: Any) -> Violation:
    path = _path(proto.field.elements) if proto.has_field("field") else "request"
    reason = proto.rule_id.upper().replace(".", "_")
    return Violation(path, proto.message or f"breaks the rule {proto.rule_id}", reason)


def _path(elements: Sequence[Any]) -> str:
    parts = []
    for element in elements:
        subscript = element.subscript
        parts.append(element.field_name + (f"[{subscript.value}]" if subscript else ""))
    return ".".join(parts)
