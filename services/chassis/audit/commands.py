"""The audit row of a command goes with the command's own commit: one fsync for both."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from services.chassis.audit.calls import current
from services.chassis.audit.chain import append, entry_of
from services.chassis.database import Transaction
from services.chassis.errors import ServiceError


class CommandTrail:
    """Records how the command of the present rpc ended; nothing where no rpc is served.

    Args:
        request_id: The command's own.
        input_hash: SHA-256 of its input.
    """

    def __init__(self, request_id: str, input_hash: bytes) -> None:
        self._call = current()
        self._request_id = request_id
        self._input_hash = input_hash

    def done(self, transaction: Transaction, at: datetime, resource: str) -> None:
        """Record that it was done, or had been done before under the same id.

        Args:
            transaction: Whose commit carries the row.
            at: The command's moment.
            resource: What it was done to; empty when it is only answered again.
        """
        self._append(transaction, at, resource=resource)

    def refused(self, transaction: Transaction, at: datetime, error: ServiceError) -> None:
        """Record that it was refused, by access, state or money."""
        self._append(transaction, at, error=error)

    def _append(
        self,
        transaction: Transaction,
        at: datetime,
        *,
        error: ServiceError | None = None,
        resource: str = "",
    ) -> None:
        if self._call is None:
            return
        payload = sha256(self._request_id.encode() + self._input_hash).hexdigest()
        entry = entry_of(self._call, at, error=error, resource=resource)
        entry = replace(entry, request_id=self._request_id, payload=payload)
        append(transaction, entry)
        self._call.recorded = True
