"""Recording what came of an attempt: the attempt is added, the message moves on, at most once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.chassis.unit_of_work import UnitOfWork
from services.notify.channels.port import Accepted, Answer, Outgoing, Refuse, Retry
from services.notify.commands.settle import settle
from services.notify.commands.suppressions import suppress
from services.notify.domain.message import Attempt, Message
from services.notify.domain.retry import next_attempt
from services.notify.domain.words import Channel, Outcome, Status
from services.notify.storage import attempts, endpoints, messages
from services.notify.vault import Vault

_GONE = "http_410"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes what providers answer.

    Attributes:
        vault: Hashes addresses that are suppressed.
    """

    vault: Vault

    def record(
        self, work: UnitOfWork, outgoing: Outgoing, answer: Answer, *, duration_ms: int
    ) -> None:
        """Add the attempt and move the message on, unless its claim was lost meanwhile."""
        message = messages.locked(work.connection, work.tenant, outgoing.message_id)
        if message is None:
            return
        made = _attempt(work, outgoing, answer, duration_ms)
        if not attempts.add(work.connection, work.tenant, message.message_id, made):
            return
        if message.attempts != outgoing.attempt:
            return
        match answer:
            case Accepted(_, delivered):
                settle(work, message, Status.DELIVERED if delivered else Status.SENT)
            case Retry():
                self._plan(work, message, answer)
            case Refuse():
                self._refuse(work, message, answer)

    @staticmethod
    def release(work: UnitOfWork, outgoing: Outgoing, after_s: float) -> None:
        """Give a claim back that was not used: the provider's limit is reached."""
        message = messages.locked(work.connection, work.tenant, outgoing.message_id)
        if message is None or message.attempts != outgoing.attempt:
            return
        if message.status is Status.SENDING:
            messages.change(
                work.connection,
                message.message_id,
                status=Status.QUEUED,
                reason="rate_limit",
                attempts=message.attempts - 1,
                due_at=work.at + timedelta(seconds=after_s),
                updated_at=work.at,
            )

    @staticmethod
    def _plan(work: UnitOfWork, message: Message, answer: Retry) -> None:
        then = next_attempt(
            message.channel,
            attempts=message.attempts,
            first_at=message.first_attempt_at or work.at,
            now=work.at,
            after_s=answer.after_s,
        )
        settle(work, message, Status.TEMPORARY_FAILURE, answer.reason, due_at=then)

    def _refuse(self, work: UnitOfWork, message: Message, answer: Refuse) -> None:
        status = Status.TECHNICAL_FAILURE if answer.technical else Status.PERMANENT_FAILURE
        settle(work, message, status, answer.reason)
        if answer.suppress:
            suppress(work, self.vault, message, answer.reason)
        if message.channel is Channel.WEBHOOK and answer.reason == _GONE:
            endpoints.disable(work.connection, message.recipient, _GONE)


def _attempt(work: UnitOfWork, outgoing: Outgoing, answer: Answer, duration_ms: int) -> Attempt:
    match answer:
        case Accepted():
            outcome, reason = Outcome.ACCEPTED, ""
        case Retry(_, reason, _, unknown):
            outcome = Outcome.UNKNOWN if unknown else Outcome.RETRY
        case Refuse(_, reason):
            outcome = Outcome.REFUSED
    return Attempt(
        number=outgoing.attempt,
        provider=answer.provider,
        outcome=outcome,
        reason=reason,
        reference=outgoing.reference,
        at=work.at,
        duration_ms=duration_ms,
    )
