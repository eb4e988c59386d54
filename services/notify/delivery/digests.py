"""A digest: what was held for it becomes one e-mail, and ends as that e-mail ends."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.ids import derived_id, new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands import templates
from services.notify.domain.audience import PERSON
from services.notify.domain.deciding import DIGEST_TEMPLATE
from services.notify.domain.message import Cause, Message
from services.notify.domain.recipient import Recipient
from services.notify.domain.render import render
from services.notify.domain.words import Language, Urgency
from services.notify.storage import messages

PRODUCER = "notify"


def gather(work: UnitOfWork, first: Message, person: Recipient | None) -> set[str]:
    """Put all that is due to a person in a category into one message; return their ids."""
    held = messages.held_for_digest(work.connection, first, work.at)
    template = templates.to_send(work, DIGEST_TEMPLATE)
    digest_id = new_id()
    language = person.language if person else Language.EN
    digest = Message(
        message_id=digest_id,
        tenant=work.tenant,
        cause=Cause(PRODUCER, derived_id("digest", *(each.message_id for each in held))),
        recipient=first.recipient,
        template_id=DIGEST_TEMPLATE,
        template_version=template.version,
        channel=first.channel,
        audience=PERSON,
        category=first.category,
        urgency=Urgency.NORMAL,
        reference=digest_id,
        created_at=work.at,
        updated_at=work.at,
        given={"count": str(len(held)), "summary": _summary(work, held, language)},
        link="/messages",
        due_at=work.at,
    )
    messages.add(work.connection, digest)
    for each in held:
        messages.change(
            work.connection,
            each.message_id,
            digest_id=digest_id,
            due_at=None,
            updated_at=work.at,
        )
    return {each.message_id for each in held}


def _summary(work: UnitOfWork, held: Sequence[Message], language: Language) -> str:
    lines = []
    for each in held:
        template = templates.to_send(work, each.template_id, each.template_version)
        lines.append(f"* {render(template, language, each.given).subject}")
    return "\n".join(lines)
