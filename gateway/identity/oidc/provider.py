"""The provider behind the sign-in port: code flow with PKCE, state, nonce and issuer checked."""

from __future__ import annotations

from hmac import compare_digest

import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.identity.oidc.issuer import Client, Issuer
from gateway.identity.oidc.pending import LIFETIME, PendingSignIns
from gateway.identity.oidc.people import ClaimNames
from gateway.identity.provider import Identity, SignInRefused

CALLBACK_PATH = "/sign-in/callback"
_SCOPE = "openid profile"
_log = structlog.get_logger("gateway.oidc")


class OidcProvider:
    """Signs people in with an identity provider.

    Args:
        issuer: The provider.
        client: What it knows us by.
        pending: Sign-ins under way.
        people: Reads claims.
        public_url: The address that people use; the answer comes back to it. Its scheme says
            whether the cookie of a sign-in is bound to https.
    """

    name = "oidc"

    def __init__(
        self,
        issuer: Issuer,
        client: Client,
        *,
        pending: PendingSignIns,
        people: ClaimNames,
        public_url: str,
    ) -> None:
        self._issuer = issuer
        self._client = client
        self._pending = pending
        self._people = people
        self._callback = public_url.rstrip("/") + CALLBACK_PATH
        self._secure = public_url.startswith("https:")
        self._cookie = "__Host-localresponse-sign-in" if self._secure else "localresponse-sign-in"

    async def begin(self, request: Request) -> Response:  # noqa: ARG002  (the port's shape)
        """Send the browser to the provider, with secrets that only this browser can bring back.

        Raises:
            HTTPException: 503, the provider does not answer.
        """
        metadata = await self._issuer.metadata()
        handle, pending = await self._pending.begin()
        address = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self._client.id,
            "code",
            redirect_uri=self._callback,
            scope=_SCOPE,
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=create_s256_code_challenge(pending.verifier),
            code_challenge_method="S256",
        )
        response = RedirectResponse(address, 303)
        response.set_cookie(
            self._cookie,
            handle,
            max_age=int(LIFETIME.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def complete(self, request: Request) -> Identity:
        """Return whom the provider's answer names.

        Raises:
            SignInRefused: The answer is forged, late, used before, another issuer's, or names
                nobody who may come in.
            HTTPException: 503, the provider does not answer.
        """
        pending = await self._pending.take(request.cookies.get(self._cookie, ""))
        answer = request.query_params
        if pending is None or not compare_digest(
            pending.state.encode(), answer.get("state", "").encode()
        ):
            raise SignInRefused("this sign-in was not begun here, or took too long; begin again")
        await self._same_issuer(answer.get("iss"))
        if "error" in answer or not answer.get("code"):
            raise SignInRefused("the identity provider did not sign anybody in")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._callback,
            "code_verifier": pending.verifier,
        }
        tokens = await self._issuer.exchange(form, self._client)
        claims = await self._issuer.id_claims(
            tokens["id_token"],
            client_id=self._client.id,
            nonce=pending.nonce,
            access_token=str(tokens.get("access_token", "")),
        )
        identity = self._people.identity(claims)
        _log.info("signed in", role=identity.role, tenant=identity.tenant)
        return identity

    async def _same_issuer(self, named: str | None) -> None:
        """Refuse an answer of another provider, whose code must not reach ours (RFC 9207)."""
        metadata = await self._issuer.metadata()
        must = metadata.get("authorization_response_iss_parameter_supported") is True
        if (named is None and must) or (named is not None and named != self._issuer.url):
            raise SignInRefused("the answer is of another identity provider")
