"""From a claimed message to the value that a provider gets."""

from __future__ import annotations

from datetime import datetime

from services.chassis.unit_of_work import UnitOfWork
from services.notify.channels.port import Outgoing, WebhookCall
from services.notify.commands import templates
from services.notify.delivery.context import Context
from services.notify.domain.deciding import DIGEST_TEMPLATE
from services.notify.domain.message import Message
from services.notify.domain.recipient import Recipient
from services.notify.domain.render import render
from services.notify.domain.template import Template
from services.notify.domain.words import Language
from services.notify.unsubscribing import UNSUBSCRIBE, Leaving, UnsubscribeTokens


def of_person(
    work: UnitOfWork, context: Context, message: Message, person: Recipient | None
) -> Outgoing:
    """Return a message to a person, in their language and with the text of its version."""
    template = _version(work, context, message)
    language = person.language if person else Language.EN
    url = f"{context.public_url}{message.link}" if message.link else ""
    return Outgoing(
        message_id=message.message_id,
        tenant=message.tenant,
        channel=message.channel,
        reference=message.reference,
        address=message.address,
        content=render(template, language, message.given, url=url),
        language=language,
        at=work.at,
        queued_at=message.created_at,
        attempt=message.attempts,
        unsubscribe_url=_unsubscribe_url(context, message),
    )


def _unsubscribe_url(context: Context, message: Message) -> str:
    if message.template_id != DIGEST_TEMPLATE:
        return ""
    leaving = Leaving(message.tenant, message.recipient, message.category)
    token = UnsubscribeTokens(context.vault.key(UNSUBSCRIBE)).make(leaving, message.created_at)
    return f"{context.public_url}/unsubscribe/{token}"


def _version(work: UnitOfWork, context: Context, message: Message) -> Template:
    key = (message.tenant, message.template_id, message.template_version)
    known = context.versions.get(key)
    if known is None:
        known = templates.to_send(work, message.template_id, message.template_version)
        context.versions[key] = known
    return known


def of_webhook(message: Message, call: WebhookCall, at: datetime) -> Outgoing:
    """Return a call of an endpoint; the reference is its Webhook-Id."""
    return Outgoing(
        message_id=message.message_id,
        tenant=message.tenant,
        channel=message.channel,
        reference=message.reference,
        address=call.url,
        content=call,
        language=Language.EN,
        at=at,
        queued_at=message.created_at,
        attempt=message.attempts,
    )
