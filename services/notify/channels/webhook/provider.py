"""Sends signed requests; each live secret signs, redirects are not followed.

Source: the Standard Webhooks specification, 1.0: headers, signature scheme, status codes.
"""

from __future__ import annotations

import httpcore
from standardwebhooks.webhooks import Webhook

from services.notify.channels.port import (
    Accepted,
    Answer,
    Outgoing,
    Refuse,
    Retry,
    WebhookCall,
)
from services.notify.channels.webhook.addresses import AddressRefused, CheckedNetwork, Guard

BODY_MAX = 64 * 1024
_GONE = 410
_RETRY_AFTER_MAX_S = 24 * 3600
_NOT_CONNECTED = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout)
_LOST = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.RemoteProtocolError)
_AGENT = b"localresponse-webhooks/1"


class Webhooks:
    """Posts events to endpoints.

    Args:
        guard: Says where requests may go.
        timeout_s: For connecting, for sending and for the answer's head.
        per_s: Most requests in a second.
    """

    name = "webhook"
    at_once = 50

    def __init__(self, guard: Guard, *, timeout_s: float = 15, per_s: float = 100) -> None:
        self.per_s = per_s
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=CheckedNetwork(guard),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30,
        )

    async def send(self, outgoing: Outgoing) -> Answer:
        """Post the body; 2xx is arrival, 410 the end, anything else may pass."""
        call = outgoing.content
        assert isinstance(call, WebhookCall), "only a webhook has a call"
        content = call.body.encode()
        if len(content) > BODY_MAX:
            return Refuse(self.name, "too_large", technical=True)
        try:
            return await self._post(call.url, headers(outgoing, call), content)
        except AddressRefused:
            return Refuse(self.name, "address_refused")
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError):
            return Refuse(self.name, "url_invalid", technical=True)
        except _LOST as error:
            early = isinstance(error, _NOT_CONNECTED)
            late = isinstance(error, httpcore.TimeoutException)
            return Retry(self.name, "timeout" if late else "connection", unknown=not early)

    async def close(self) -> None:
        """Close idle connections."""
        await self._pool.aclose()

    async def _post(self, url: str, fields: dict[str, str], content: bytes) -> Answer:
        raw = [(name.encode(), value.encode()) for name, value in fields.items()]
        async with self._pool.stream(
            "POST",
            url,
            headers=[*raw, (b"content-length", str(len(content)).encode())],
            content=content,
            extensions={"timeout": self._timeouts},
        ) as response:
            return self._meaning(response)

    def _meaning(self, response: httpcore.Response) -> Answer:
        status = response.status
        if 200 <= status < 300:
            return Accepted(self.name, delivered=True)
        if status == _GONE:
            return Refuse(self.name, f"http_{status}")
        return Retry(self.name, f"http_{status}", after_s=_retry_after(response))


def headers(outgoing: Outgoing, call: WebhookCall) -> dict[str, str]:
    """Return the headers of a call: one signature for each live secret, the newest first."""
    signatures = [
        Webhook(secret).sign(outgoing.reference, outgoing.at, call.body) for secret in call.secrets
    ]
    return {
        "content-type": "application/json",
        "user-agent": _AGENT.decode(),
        "webhook-id": outgoing.reference,
        "webhook-timestamp": str(int(outgoing.at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _retry_after(response: httpcore.Response) -> float:
    for name, value in response.headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(float(value), _RETRY_AFTER_MAX_S)
    return 0
