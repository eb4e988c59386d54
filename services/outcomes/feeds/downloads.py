"""What leaves is logged before it leaves: in the agreement's own list, and in the audit chain.

A row says who had how many items of which feed, and their hash; never a pseudonym or an item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from services.chassis import audit
from services.chassis.auth import Principal
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database, Transaction
from services.chassis.ids import new_id
from services.outcomes.agreements import commands as agreements
from services.outcomes.agreements import storage


@dataclass(frozen=True, slots=True)
class Download:
    """Something that is about to leave.

    Attributes:
        form: `page`, `stream` or a file's format.
        after: The last item that had been received before; 0 at the start.
        items: How many leave.
        content: The file, or the items' lines each with its end of line.
    """

    form: str
    after: int
    items: int
    content: bytes

    @classmethod
    def of_lines(cls, form: str, after: int, lines: list[str]) -> Download:
        """Return a download of items."""
        return cls(form, after, len(lines), "".join(f"{line}\n" for line in lines).encode())

    @property
    def sha256(self) -> str:
        """Of its content, hexadecimal."""
        return sha256(self.content).hexdigest()


class Downloads:
    """Logs what leaves.

    Args:
        database: Keeps the log, in one commit with the audit row.
        clock: Says whether the agreement is in force.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def log(self, who: Principal, feed_id: str, download: Download) -> None:
        """Log a download under an agreement.

        Raises:
            AgreementNotFound: No such agreement, or another evaluator's (AGREEMENT_NOT_FOUND).
            AgreementLapsed: It is not in force (AGREEMENT_LAPSED).
        """
        now, call = self._clock.now(), audit.current()

        def work(transaction: Transaction) -> None:
            agreement = agreements.in_force(
                transaction.connection, who, feed_id, today=london_date(now)
            )
            row = {
                "tenant": who.tenant,
                "id": new_id(),
                "agreement_id": agreement.id,
                "subject": who.subject,
                "form": download.form,
                "after_seq": download.after,
                "items": download.items,
                "sha256": download.sha256,
                "at": now,
            }
            storage.log_download(transaction.connection, row)
            _audit(transaction, call, now, resource=agreement.id, payload=download.sha256)

        await self._database.transact(work)
        if call is not None:
            call.recorded = True

    async def log_release(self, release_id: str, content: bytes) -> None:
        """Log that a file of a release is about to leave, by its hash."""
        now, call = self._clock.now(), audit.current()
        payload = sha256(content).hexdigest()
        await self._database.transact(
            lambda transaction: _audit(transaction, call, now, resource=release_id, payload=payload)
        )


def _audit(
    transaction: Transaction,
    call: audit.AuditedCall | None,
    at: datetime,
    *,
    resource: str,
    payload: str,
) -> None:
    if call is not None:
        entry = audit.entry_of(call, at, resource=resource)
        audit.append(transaction, replace(entry, payload=payload))
