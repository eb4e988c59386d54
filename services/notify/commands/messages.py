"""What people do to messages: read, send by hand, cancel, send again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands.intake import How, Intake
from services.notify.commands.recipients import unknown
from services.notify.commands.settle import settle
from services.notify.domain import audience as audiences
from services.notify.domain.audience import Audience, Holders, Person
from services.notify.domain.deciding import TEAM
from services.notify.domain.message import Cause, Message
from services.notify.domain.status import FAILED, WAITING
from services.notify.domain.words import Channel, Status
from services.notify.errors import MessageState, MessageUnknown, NoRecipient, TeamOnly
from services.notify.rules import Notice
from services.notify.storage import inbox, messages, recipients
from services.notify.storage.inbox import Owner

_ENDED = frozenset({Status.CANCELLED, Status.SUPPRESSED})


@dataclass(frozen=True, slots=True)
class Send:
    """A request to send; either `subjects` or `role`."""

    template_id: str
    version: int = 0
    subjects: Sequence[str] = ()
    role: str = ""
    school: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    channels: Sequence[Channel] = ()


def send(work: UnitOfWork, intake: Intake, mode: str, asked: Send) -> list[str]:
    """Queue a template for people or a role; return the messages' ids.

    Raises:
        RecipientUnknown: A named person was never kept.
        NoRecipient: Nobody holds the role.
        TeamOnly: The system writes to the team only, and somebody is not of it.
        TemplateUnknown, ValuesInvalid: What is to be said is not right.
    """
    cause = Cause(f"caller:{work.caller.subject}", work.command_id)
    made: list[str] = []
    for audience in _audiences(work, mode, asked):
        notice = Notice(asked.template_id, audience, asked.values, asked.link)
        made += intake.queue(work, cause, notice, How(asked.version, asked.channels))
    return made


def mark_read(work: UnitOfWork, message_id: str) -> int:
    """Mark one of the caller's messages, or all of them, as read; return what is unread.

    Raises:
        MessageUnknown: It is not one of the caller's.
    """
    owner = Owner(work.tenant, work.caller.subject)
    if message_id and not inbox.has(work.connection, owner, message_id):
        raise unknown_message(message_id)
    inbox.mark_read(work.connection, owner, message_id, work.at)
    return inbox.unread(work.connection, owner)


def cancel(work: UnitOfWork, message_id: str) -> Message:
    """Withdraw a message that waits.

    Raises:
        MessageUnknown: There is no such message.
        MessageState: It is being sent, or is past it.
    """
    found = _locked(work, message_id)
    if found.status not in WAITING or found.due_at is None:
        raise _past(found, "only a message that waits can be cancelled")
    settle(work, found, Status.CANCELLED, "withdrawn")
    return _locked(work, message_id)


def replay(work: UnitOfWork, intake: Intake, message_id: str) -> Message:
    """Send a failed message again, to whoever holds the role now.

    Raises:
        MessageUnknown: There is no such message.
        MessageState: It did not fail, its values were erased, or nobody holds the role.
    """
    found = _locked(work, message_id)
    failed = found.status in FAILED and found.due_at is None
    if not (failed or found.status in _ENDED):
        raise _past(found, "only a message that failed can be sent again")
    if found.erased_at is not None:
        raise _past(found, "its values were erased, so it cannot be sent again")
    if found.recipient == found.audience:
        return _again_for_role(work, intake, found)
    return again(work, found)


def again(work: UnitOfWork, found: Message) -> Message:
    """Queue a message once more under the same provider reference, as a new one."""
    number = messages.replays(work.connection, found.reference) + 1
    copy = replace(
        found,
        message_id=new_id(),
        status=Status.QUEUED,
        reason="",
        attempts=0,
        events=0,
        due_at=work.at,
        first_attempt_at=None,
        created_at=work.at,
        updated_at=work.at,
        sent_at=None,
        read_at=None,
        address="",
        digest_id="",
        replay=number,
        replay_of=found.message_id,
    )
    messages.add(work.connection, copy)
    return copy


def unknown_message(message_id: str) -> MessageUnknown:
    """Return the refusal that names a message."""
    return MessageUnknown("there is no such message", message_id=message_id)


def _again_for_role(work: UnitOfWork, intake: Intake, found: Message) -> Message:
    """Queue what nobody could get for those who hold the role now."""
    audience = audiences.read(found.audience)
    assert audience is not None, "a message without a person names a role"
    notice = Notice(found.template_id, audience, found.given, found.link)
    cause = Cause(found.cause.producer, found.cause.event_id)
    made = intake.queue(work, cause, notice, How(found.template_version))
    if not made:
        raise _past(found, "still nobody holds the role")
    for message_id in made:
        messages.change(work.connection, message_id, replay_of=found.message_id)
    return _locked(work, made[0])


def _audiences(work: UnitOfWork, mode: str, asked: Send) -> list[Audience]:
    subjects = list(asked.subjects)
    if asked.role:
        audience = Holders(asked.role, asked.school)
        subjects = recipients.subjects_of(work.connection, work.tenant, audience)
        if not subjects:
            raise NoRecipient(f"nobody holds the role {asked.role}", role=asked.role)
    known = recipients.load_many(work.connection, work.tenant, subjects)
    for subject in subjects:
        if subject not in known:
            raise unknown(subject)
        if mode == TEAM and not known[subject].team_member:
            raise TeamOnly(
                "the system writes to its team only, and a recipient is not of it",
                subject=subject,
            )
    if asked.role:
        return [Holders(asked.role, asked.school)]
    return [Person(subject) for subject in subjects]


def _locked(work: UnitOfWork, message_id: str) -> Message:
    found = messages.locked(work.connection, work.tenant, message_id)
    if found is None:
        raise unknown_message(message_id)
    return found


def _past(found: Message, why: str) -> MessageState:
    return MessageState(
        f"{why}; it is {found.status}", message_id=found.message_id, status=found.status
    )
