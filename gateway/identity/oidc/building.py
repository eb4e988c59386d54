"""OIDC sign-in as the settings describe it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from gateway.identity.oidc.bearers import OidcBearers
from gateway.identity.oidc.issuer import Client, Issuer, is_safe
from gateway.identity.oidc.pending import PendingSignIns
from gateway.identity.oidc.people import ClaimNames
from gateway.identity.oidc.provider import OidcProvider
from services.chassis.clock import Clock
from services.chassis.settings import Settings

_TIMEOUT_S = 10.0


def http_client() -> httpx.AsyncClient:
    """Return a client that follows no redirect: an endpoint is where the provider says."""
    return httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class OidcSignIn:
    """Sign-in by OIDC: for people, and for programs where an audience is set."""

    provider: OidcProvider
    bearers: OidcBearers | None


def build(
    settings: Settings, clock: Clock, pending: PendingSignIns, http: httpx.AsyncClient
) -> OidcSignIn:
    """Return what signs in.

    Raises:
        ValueError: A setting is missing or wrong.
    """
    url, secret = settings.oidc_issuer, settings.oidc_client_secret
    client_id, public_url = settings.oidc_client_id, settings.public_url
    if not (url and secret and client_id and public_url):
        raise ValueError("sign-in by OIDC lacks a setting")
    if not is_safe(url) or not is_safe(public_url):
        raise ValueError("LOCALRESPONSE_OIDC_ISSUER and LOCALRESPONSE_PUBLIC_URL must be https")
    if settings.oidc_api_audience == client_id:
        raise ValueError("LOCALRESPONSE_OIDC_API_AUDIENCE must not be the client that signs in")
    people = ClaimNames(
        settings.oidc_tenants,
        roles=settings.oidc_role_claim,
        role_of=settings.oidc_roles,
        schools=settings.oidc_schools_claim,
        tenant=settings.oidc_tenant_claim,
    )
    issuer = Issuer(url, http, clock)
    client = Client(client_id, secret.get_secret_value())
    audience = settings.oidc_api_audience
    return OidcSignIn(
        OidcProvider(issuer, client, pending=pending, people=people, public_url=public_url),
        OidcBearers(issuer, audience, people) if audience else None,
    )
