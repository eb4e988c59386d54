"""An OpenID Connect provider on loopback: discovery, keys, code flow with PKCE, signed tokens.

It keeps the provider's side of the rules strictly (a code is good once, for one client, one
address and one verifier), and can be told to break any of what a client must check.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from services.chassis.clock import Clock
from services.chassis.web import WebServer

CLIENT, SECRET = "local:response", "s3cret/with:signs"


@dataclass(slots=True)
class IdentityProvider:
    """The provider, and how it misbehaves.

    Attributes:
        person: Claims of whoever is signed in there.
        forge: Changes to the ID token's claims; None takes a claim out.
        discovery: Changes to the discovery document.
        answer: Changes to the parameters that it sends back.
        clock_skew_s: How far its clock is ahead.
        algorithm: What it signs with.
        key: The key that it signs with; `published` are those that it shows.
        id_token: What it answers in place of a token of its own; empty for its own.
    """

    clock: Clock
    person: dict[str, Any] = field(default_factory=dict)
    forge: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    clock_skew_s: int = 0
    algorithm: str = "RS256"
    url: str = ""
    id_token: str = ""
    key: RSAKey = field(default_factory=lambda: new_key())  # noqa: PLW0108  (defined below)
    published: list[RSAKey] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def start(self) -> WebServer:
        """Serve until the server is stopped."""
        paths: dict[str, Any] = {
            "/.well-known/openid-configuration": self._discover,
            "/keys": self._keys,
            "/authorize": self._authorize,
        }
        routes = [Route(path, endpoint) for path, endpoint in paths.items()]
        routes.append(Route("/token", self._token, methods=["POST"]))
        server = WebServer(Starlette(routes=routes), "127.0.0.1", 0, drain_s=1)
        self.url = await server.start()
        self.published = [self.key]
        return server

    def behave(self, person: dict[str, Any]) -> None:
        """Keep every rule again, with this person signed in."""
        self.person, self.forge, self.discovery, self.answer = dict(person), {}, {}, {}
        self.clock_skew_s, self.id_token, self.published = 0, "", [self.key]
        self.asked.clear()

    def token(self, **changes: Any) -> str:
        """Return a signed token of the person's claims."""
        now = int(self.clock.now().timestamp()) + self.clock_skew_s
        claims = {"iss": self.url, "iat": now, "exp": now + 300, **self.person, **changes}
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, kept, self.key, [self.algorithm])

    async def _discover(self, _: Request) -> Response:
        self.asked.append("discovery")
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(document | self.discovery)

    async def _keys(self, _: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse(KeySet(list(self.published)).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url, **self.answer}
        kept = {name: value for name, value in answer.items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(kept)}", 303)

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        async with request.form() as form:
            given = {name: str(value) for name, value in form.items()}
        asked = self.codes.pop(given.get("code", ""), None)
        verifier = given.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or _client(request, given) != (CLIENT, SECRET)
            or given.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {"aud": asked["client_id"], "nonce": asked["nonce"], **self.forge}
        id_token = self.id_token or self.token(**claims)
        tokens = {"access_token": "a", "token_type": "Bearer", "id_token": id_token}
        return JSONResponse(tokens)


def new_key() -> RSAKey:
    """Return a signing key with an id of its own."""
    return RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(4), "use": "sig"})


def _client(request: Request, given: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return given.get("client_id", ""), given.get("client_secret", "")
    user, _, password = base64.b64decode(encoded).decode().partition(":")
    return unquote(user), unquote(password)
