"""GOV.UK Notify, by its official client: e-mail, SMS and letters through one template each.

The authority's templates there hold `((subject))` and `((body))` only, so that what is said is
kept, versioned and tested here. The client blocks, so each call has a thread of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import requests
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from services.notify.channels.port import Accepted, Answer, Outgoing, Refuse, Retry
from services.notify.domain.render import Rendered
from services.notify.domain.words import Channel

CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.LETTER)
_BAD_REQUEST, _TOO_MANY = 400, 429
_DAY_LIMIT_S = 3600.0
_RATE_LIMIT_S = 60.0

# The client logs what the API answers, which can hold an address.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


class GovukNotify:
    """Hands messages to GOV.UK Notify.

    Args:
        key: An API key of the authority's service there.
        url: The API; another one in tests.
        templates: Their template ids, by channel.
        timeout_s: For each request.
        per_s: Most messages in a second; theirs allows 3,000 in a minute.
    """

    name = "govuk-notify"
    at_once = 10

    def __init__(
        self,
        key: str,
        url: str,
        templates: Mapping[Channel, str],
        *,
        timeout_s: float = 20,
        per_s: float = 40,
    ) -> None:
        self.per_s = per_s
        self._key = key
        self._url = url
        self._templates = templates
        self._timeout_s = timeout_s

    async def send(self, outgoing: Outgoing) -> Answer:
        """Hand one message over under our reference."""
        return await asyncio.to_thread(self._send, outgoing)

    async def close(self) -> None:
        """Hold nothing open: each call has a client of its own."""

    def _send(self, outgoing: Outgoing) -> Answer:
        make: Any = NotificationsAPIClient
        client = make(self._key, base_url=self._url, timeout=self._timeout_s)
        try:
            self._post(client, outgoing)
        except HTTPError as error:
            return self._meaning(error)
        except InvalidResponse:
            return Retry(self.name, "answer_invalid", unknown=True)
        finally:
            client.request_session.close()
        return Accepted(self.name)

    def _post(self, client: Any, outgoing: Outgoing) -> None:
        content = outgoing.content
        assert isinstance(content, Rendered), "webhooks do not go by GOV.UK Notify"
        template, reference = self._templates[outgoing.channel], outgoing.reference
        match outgoing.channel:
            case Channel.SMS:
                client.send_sms_notification(
                    outgoing.address, template, {"body": content.sms}, reference=reference
                )
            case Channel.LETTER:
                client.send_letter_notification(
                    template, letter(outgoing.address, content), reference=reference
                )
            case _:
                client.send_email_notification(
                    outgoing.address,
                    template,
                    {"subject": content.subject, "body": content.body},
                    reference=reference,
                )

    def _meaning(self, error: HTTPError) -> Answer:
        """Return what an error means: 5xx and limits may pass, the rest will not."""
        status = error.status_code
        if isinstance(error.__cause__, requests.ConnectionError | requests.Timeout):
            sent = not isinstance(error.__cause__, requests.ConnectTimeout)
            refused = isinstance(error.__cause__, requests.ConnectionError) and not isinstance(
                error.__cause__, requests.Timeout
            )
            return Retry(self.name, "connection" if refused else "timeout", unknown=sent)
        if status == _TOO_MANY:
            day = "TooManyRequests" in str(error.message)
            return Retry(self.name, "http_429", after_s=_DAY_LIMIT_S if day else _RATE_LIMIT_S)
        if status >= 500:
            return Retry(self.name, f"http_{status}")
        of_address = status == _BAD_REQUEST and _speaks_of_address(str(error.message))
        return Refuse(self.name, f"http_{status}", suppress=of_address, technical=not of_address)


def letter(address: str, content: Rendered) -> dict[str, str]:
    """Return a letter's personalisation: address lines, subject and body."""
    lines = {f"address_line_{number}": line for number, line in enumerate(address.split("\n"), 1)}
    return {**lines, "subject": content.subject, "body": content.body}


def _speaks_of_address(message: str) -> bool:
    return "email_address" in message or "phone_number" in message
