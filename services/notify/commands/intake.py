"""From an event, or a request to send, to messages that wait: each once, whatever comes twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from services.chassis.events import Event
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands import announce, templates
from services.notify.domain.audience import written
from services.notify.domain.lint import check_values
from services.notify.domain.message import Cause, Message
from services.notify.domain.recipient import Recipient
from services.notify.domain.template import Template, canonical
from services.notify.domain.words import Channel, Status
from services.notify.rules import Notice, notices
from services.notify.storage import messages, recipients

_ONLY_WITH_ADDRESS = frozenset({Channel.SMS, Channel.LETTER})
"""Channels that few people have: no message is made where it could not go."""


@dataclass(frozen=True, slots=True)
class How:
    """How to say a notice.

    Attributes:
        version: Of the template; the newest published when 0.
        channels: Instead of the template's; in-app always comes with them.
        exact: Whether a value that the template does not declare is a mistake. It is one by hand;
            an event offers what it has, and an authority's own text need not use all of it.
    """

    version: int = 0
    channels: Sequence[Channel] = ()
    exact: bool = True


_AS_OFFERED = How(exact=False)


@dataclass(frozen=True, slots=True)
class Intake:
    """Makes messages.

    Attributes:
        channels: Those that this deployment has a provider for.
    """

    channels: frozenset[Channel]

    def take(self, work: UnitOfWork, event: Event) -> None:
        """Make the messages that an event calls for."""
        self.tell(work, Cause(event.source, event.id), notices(event))

    def tell(self, work: UnitOfWork, cause: Cause, found: Sequence[Notice]) -> None:
        """Make the messages of notices; put on the board what nobody at all could be told."""
        for _, group in groupby(found, key=lambda notice: notice.template_id):
            same = list(group)
            for notice in same:
                self.queue(work, cause, notice, _AS_OFFERED)
            held = (
                recipients.is_held(work.connection, work.tenant, notice.audience) for notice in same
            )
            if not any(held):
                self._report_nobody(work, cause, same[0])

    def queue(self, work: UnitOfWork, cause: Cause, notice: Notice, how: How) -> list[str]:
        """Make a message for each person of the audience and each channel; return their ids.

        Args:
            work: The unit of work.
            cause: With recipient, template and channel it makes a message unique.
            notice: What to tell, and whom.
            how: Which version, by which channels.

        Raises:
            TemplateUnknown: There is no such template or version.
            ValuesInvalid: The values are not what the template declares.
        """
        template = templates.to_send(work, notice.template_id, how.version)
        draft = _draft(work, cause, _fitted(notice, template, how), template)
        subjects = recipients.subjects_of(work.connection, work.tenant, notice.audience)
        people = recipients.load_many(work.connection, work.tenant, subjects)
        wanted = [Channel.IN_APP, *(how.channels or template.channels)]
        made = []
        for subject in subjects:
            for channel in self._reachable(people.get(subject), wanted):
                message_id = new_id()
                one = replace(
                    draft,
                    message_id=message_id,
                    reference=message_id,
                    recipient=subject,
                    channel=channel,
                )
                if messages.add(work.connection, one):
                    made.append(message_id)
        return made

    def _reachable(self, person: Recipient | None, wanted: Iterable[Channel]) -> list[Channel]:
        return [
            channel
            for channel in dict.fromkeys(wanted)
            if channel in self.channels
            and (
                channel not in _ONLY_WITH_ADDRESS
                or (person is not None and person.address(channel))
            )
        ]

    @staticmethod
    def _report_nobody(work: UnitOfWork, cause: Cause, notice: Notice) -> None:
        template = templates.to_send(work, notice.template_id)
        fitted = _fitted(notice, template, _AS_OFFERED)
        nobody = replace(
            _draft(work, cause, fitted, template),
            recipient=written(notice.audience),
            status=Status.TECHNICAL_FAILURE,
            reason="no_recipient",
            due_at=None,
        )
        if messages.add(work.connection, nobody):
            announce.failed(work, nobody)


def _fitted(notice: Notice, template: Template, how: How) -> Notice:
    """Return the notice with the values that the template may hold.

    Raises:
        ValuesInvalid: One is missing, not of its kind, or, by hand, not declared.
    """
    declared = {canonical(placeholder.name) for placeholder in template.placeholders}
    values = {
        name: value
        for name, value in notice.values.items()
        if how.exact or canonical(name) in declared
    }
    return replace(notice, values=check_values(template, values))


def _draft(work: UnitOfWork, cause: Cause, notice: Notice, template: Template) -> Message:
    message_id = new_id()
    return Message(
        message_id=message_id,
        tenant=work.tenant,
        cause=cause,
        recipient="",
        template_id=template.template_id,
        template_version=template.version,
        channel=Channel.IN_APP,
        audience=written(notice.audience),
        category=template.category,
        urgency=template.urgency,
        reference=message_id,
        created_at=work.at,
        updated_at=work.at,
        given=notice.values,
        link=notice.link,
        due_at=work.at,
    )
