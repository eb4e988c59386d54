"""The port through which people sign in; demo personas now, OIDC beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.auth import Principal
from services.chassis.errors import Unauthenticated


class SignInRefused(Unauthenticated):
    """The provider did not say who this is."""

    reason = "SIGN_IN_REFUSED"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who has signed in.

    Attributes:
        subject: The opaque id that services know the person by.
        name: As the person is called on a page; it goes no further than the gateway.
        role: The one active role.
        tenant: The authority's ONS code.
        authority: The authority's name.
        schools: URNs of the person's schools, or of their cluster.
    """

    subject: str
    name: str
    role: str
    tenant: str
    authority: str
    schools: tuple[str, ...] = ()

    def principal(self) -> Principal:
        """Return what the internal token says of the person."""
        return Principal(
            tenant=self.tenant,
            subject=self.subject,
            role=self.role,
            schools=frozenset(self.schools),
        )


class IdentityProvider(Protocol):
    """Signs people in: `begin` sends the browser off, `complete` reads what it brought back."""

    name: str

    async def begin(self, request: Request) -> Response:
        """Return where sign-in starts: a page of ours, or a redirect to the provider."""
        ...

    async def complete(self, request: Request) -> Identity:
        """Return who signed in.

        Raises:
            SignInRefused: The answer is missing, forged, or names nobody who may come in.
        """
        ...
