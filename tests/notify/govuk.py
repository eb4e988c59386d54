"""GOV.UK Notify's API on loopback, as faithful as its documents: tokens, errors, answers."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any

import jwt

from services.chassis.clock import SystemClock
from services.chassis.ids import new_id

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"test-key-{SERVICE}-{SECRET}"
TEMPLATES = {
    "email": ("9d751e0e-f929-4891-82a1-a3e1c3c18ee3", {"subject", "body"}),
    "sms": ("f6895ff7-86e0-4d38-80ab-c9525856c3ff", {"body"}),
    "letter": ("c0c1d8d2-93a9-4c59-9d0e-9e4f7a2a3b01", {"subject", "body", "address_line_1"}),
}
_IAT_WITHIN_S = 30
_FIELD = {"email": "email_address", "sms": "phone_number"}


class Refused(Exception):
    """An error of the API."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message


@dataclass(slots=True)
class FakeGovukNotify:
    """Takes notifications and keeps them."""

    accepted: list[dict[str, Any]] = field(default_factory=list)
    fail: list[Refused] = field(default_factory=list)
    hang_up: bool = False
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {
            name.lower(): value for name, value in (each.split(": ", 1) for each in head[1:])
        }
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        if not self.hang_up:
            status, answer = self._answer(head[0].split()[1], headers, body)
            content = json.dumps(answer).encode()
            writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(content)}\r\n".encode())
            writer.write(b"content-type: application/json\r\nconnection: close\r\n\r\n" + content)
            await writer.drain()
        writer.close()

    def _answer(
        self, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        try:
            _check_token(headers.get("authorization", ""))
            if self.fail:
                raise self.fail.pop(0)
            return 201, self._take(path, body)
        except Refused as refusal:
            errors = [{"error": refusal.error, "message": refusal.message}]
            return refusal.status, {"status_code": refusal.status, "errors": errors}

    def _take(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        kind = path.rpartition("/")[2]
        template, needed = TEMPLATES[kind]
        _check_address(kind, body)
        if body.get("template_id") != template:
            raise Refused(400, "BadRequestError", "Template not found")
        missing = sorted(needed - set(body.get("personalisation", {})))
        if missing:
            message = f"Missing personalisation: {', '.join(missing)}"
            raise Refused(400, "BadRequestError", message)
        self.accepted.append({"kind": kind, **body})
        return {
            "id": new_id(),
            "reference": body.get("reference"),
            "uri": f"{self.url}/v2/notifications/x",
            "template": {"id": template, "version": 1, "uri": ""},
            "content": {"body": body["personalisation"].get("body", "")},
        }


def _check_token(header: str) -> None:
    if not header.startswith("Bearer "):
        raise Refused(401, "AuthError", "Unauthorized: authentication token must be provided")
    token = header.removeprefix("Bearer ")
    if jwt.get_unverified_header(token) != {"typ": "JWT", "alg": "HS256"}:
        raise Refused(403, "AuthError", "Invalid token: algorithm used is not HS256")
    try:
        claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_iat": False})
    except jwt.InvalidTokenError:
        raise Refused(403, "AuthError", "Invalid token: API key not found") from None
    if claims.get("iss") != SERVICE:
        raise Refused(403, "AuthError", "Invalid token: service not found")
    if abs(SystemClock().now().timestamp() - float(claims["iat"])) > _IAT_WITHIN_S:
        raise Refused(403, "AuthError", "Error: Your system clock must be accurate to within 30 s")


def _check_address(kind: str, body: dict[str, Any]) -> None:
    name = _FIELD.get(kind)
    if name is None:
        return
    if name not in body:
        raise Refused(400, "ValidationError", f"{name} is a required property")
    if name == "email_address" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", body[name]):
        raise Refused(400, "ValidationError", "email_address Not a valid email address")
