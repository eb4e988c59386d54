"""Which provider serves which channel, as the settings say."""

from __future__ import annotations

from pydantic import SecretStr

from services.chassis.settings import Settings
from services.notify.channels.file import Files
from services.notify.channels.govuk_notify import GovukNotify
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.channels.simulator import Simulator
from services.notify.channels.smtp import Relay, Smtp
from services.notify.channels.webhook import Guard, Webhooks
from services.notify.domain.deciding import TEST
from services.notify.domain.words import Channel


def providers(settings: Settings, guard: Guard) -> dict[Channel, Provider]:
    """Return the providers by channel; a channel without one is not used.

    E-mail goes by SMTP where a relay is named, else by GOV.UK Notify where it has a template,
    else into files under the data directory, so that a machine without a relay can be looked at.

    Raises:
        ValueError: A relay's URL, or GOV.UK Notify's key, cannot be one.
    """
    found: dict[Channel, Provider] = {Channel.IN_APP: InApp(), Channel.WEBHOOK: Webhooks(guard)}
    if settings.message_mode == TEST:
        return found | dict.fromkeys((Channel.EMAIL, Channel.SMS, Channel.WEBHOOK), Simulator())
    found[Channel.EMAIL] = Files(settings.data_dir / "mail", settings.mail_from)
    if settings.letters_dir is not None:
        found[Channel.LETTER] = Files(settings.letters_dir, settings.mail_from)
    found |= _govuk_notify(settings)
    if settings.smtp_url:
        found[Channel.EMAIL] = _smtp(settings)
    return found


def _govuk_notify(settings: Settings) -> dict[Channel, Provider]:
    if settings.govuk_notify_key is None:
        return {}
    templates = {Channel(name): each for name, each in settings.govuk_notify_templates.items()}
    provider = GovukNotify(
        settings.govuk_notify_key.get_secret_value(), settings.govuk_notify_url, templates
    )
    return dict.fromkeys(templates, provider)


def _smtp(settings: Settings) -> Smtp:
    relays = [
        Relay.parse(name, url, _secret(password))
        for name, url, password in (
            ("first", settings.smtp_url, settings.smtp_password),
            ("fallback", settings.smtp_fallback_url, settings.smtp_fallback_password),
        )
        if url
    ]
    return Smtp(relays, settings.mail_from, per_s=settings.mail_per_s)


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
