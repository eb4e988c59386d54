"""Which provider serves which channel, as the settings say."""

from __future__ import annotations

from pydantic import SecretStr

from services.chassis.settings import Settings
from services.notify.channels.file import Files
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.channels.simulator import Simulator
from services.notify.channels.smtp import Relay, Smtp
from services.notify.domain.deciding import TEST
from services.notify.domain.words import Channel


def providers(settings: Settings) -> dict[Channel, Provider]:
    """Return the providers by channel; a channel without one is not used.

    E-mail goes by SMTP where a relay is named, and into files under the data directory where
    none is, so that a machine without a relay can be looked at.
    """
    found: dict[Channel, Provider] = {Channel.IN_APP: InApp()}
    if settings.message_mode == TEST:
        return found | dict.fromkeys((Channel.EMAIL, Channel.SMS), Simulator())
    files = Files(settings.data_dir / "mail", settings.mail_from)
    found[Channel.EMAIL] = _smtp(settings) if settings.smtp_url else files
    return found


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
