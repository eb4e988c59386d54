"""API clients that bring an access token of the council's own identity provider."""

from __future__ import annotations

from dataclasses import dataclass

import jwt

from gateway.identity.oidc.issuer import Issuer
from gateway.identity.oidc.people import ClaimNames
from services.chassis.auth import Principal


@dataclass(frozen=True, slots=True)
class OidcBearers:
    """Reads access tokens.

    Attributes:
        issuer: Who signs them.
        audience: Whom they must be for: this API, which is not the client that signs people in,
            so that an ID token opens nothing here.
        people: Reads their claims.
    """

    issuer: Issuer
    audience: str
    people: ClaimNames

    def are_of(self, token: str) -> bool:
        """Whether a token says that it is of this provider; nothing is believed of it yet."""
        try:
            unverified = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return False
        return unverified.get("iss") == self.issuer.url

    async def principal(self, token: str) -> Principal:
        """Return whose token this is.

        Raises:
            SignInRefused: It is not good, or names nobody who may come in.
            HTTPException: 503, the provider's keys cannot be had.
        """
        claims = await self.issuer.claims(token, self.audience)
        return self.people.identity(claims).principal()
