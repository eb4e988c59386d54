"""The gateway put together: channels, sign-in, the API and the pages."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import grpc
import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from gateway.api import contract, routes
from gateway.api.transcoder import Api
from gateway.channels import Channels
from gateway.identity.callers import SessionOrBearer
from gateway.identity.demo import DemoProvider, Persona
from gateway.identity.oidc import building
from gateway.identity.oidc.bearers import OidcBearers
from gateway.identity.oidc.pending import PendingSignIns
from gateway.identity.origin import SessionCookie
from gateway.identity.provider import IdentityProvider
from gateway.identity.routes import SignIn
from gateway.identity.service_keys import ServiceKeys
from gateway.identity.sessions import Sessions
from gateway.identity.tokens import SessionTokens
from gateway.limits import Limits, Policy
from gateway.pages import routes as pages
from gateway.pages.keys import KeyPages
from gateway.pages.rendering import Renderer
from gateway.pages.security import PageSecurity
from gateway.pages.services import Services
from gateway.pages.site import Site
from gateway.pages.unsubscribing import UnsubscribePages
from gateway.pages.visit import Visitors
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.server import MutualTls
from services.chassis.settings import SERVICES, Settings
from services.chassis.tokens import TokenKeys, TokenMinter, TokenVerifier

DATABASE_FILE = "gateway.sqlite3"
# Nobody signs in to unsubscribe, and each try leaves an audit row: one address has few.
_LINKS = Policy(quota=120, window_s=60)


@dataclass(frozen=True, slots=True)
class _Entrance:
    """Whoever comes in: how they sign in, and what makes them known afterwards."""

    provider: IdentityProvider
    personas: Callable[[], Sequence[Persona]]
    sessions: Sessions
    keys: ServiceKeys
    pending: PendingSignIns
    http: httpx.AsyncClient
    cookie: SessionCookie
    minter: TokenMinter
    tokens: SessionTokens
    callers: SessionOrBearer


def build(settings: Settings, clock: Clock) -> ASGIApp:
    """Return the gateway's application; its lifespan opens and closes what it holds.

    Raises:
        ValueError: The settings of sign-in are wrong.
    """
    channels = Channels(
        {service: settings.target(service) for service in SERVICES},
        credentials=_credentials(settings),
    )
    database = Database(f"sqlite:///{settings.data_dir / DATABASE_FILE}", readers=2)
    entrance = _entrance(settings, clock, database)
    api = Api(
        contract.load(),
        channels,
        callers=entrance.callers,
        limits=Limits(Policy(), time.monotonic),
    )
    site = _site(settings, clock, channels, entrance=entrance)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        database.start()
        try:
            await entrance.sessions.prepare()
            await entrance.keys.prepare()
            await entrance.pending.prepare()
            yield
        finally:
            await entrance.http.aclose()
            await channels.close()
            database.close()

    sign_in = SignIn(entrance.provider, entrance.sessions, entrance.cookie)
    return Starlette(
        routes=[
            *routes.routes(api, cookie=entrance.cookie.name),
            *sign_in.routes(),
            *pages.routes(site),
            *KeyPages(site, entrance.keys).routes(),
            *UnsubscribePages(site, entrance.minter, Limits(_LINKS, time.monotonic)).routes(),
        ],
        exception_handlers=pages.failures(site),  # type: ignore[arg-type]  # keyed by class
        middleware=[Middleware(PageSecurity)],
        lifespan=lifespan,
    )


def _entrance(settings: Settings, clock: Clock, database: Database) -> _Entrance:
    keys = TokenKeys(settings.tokens_dir)
    keys.create_first()
    sessions, service_keys = Sessions(database, clock), ServiceKeys(database, clock)
    pending = PendingSignIns(database, clock)
    http = building.http_client()
    cookie = SessionCookie(secure=_is_https(settings))
    minter = TokenMinter(keys, clock)
    tokens = SessionTokens(minter, clock)
    provider, personas, bearers = _provider(settings, clock, pending, http)
    callers = SessionOrBearer(
        {service: TokenVerifier(keys, service, clock) for service in SERVICES},
        sessions,
        service_keys,
        cookie=cookie,
        tokens=tokens,
        bearers=bearers,
    )
    return _Entrance(
        provider=provider,
        personas=personas,
        sessions=sessions,
        keys=service_keys,
        pending=pending,
        http=http,
        cookie=cookie,
        minter=minter,
        tokens=tokens,
        callers=callers,
    )


def _provider(
    settings: Settings, clock: Clock, pending: PendingSignIns, http: httpx.AsyncClient
) -> tuple[IdentityProvider, Callable[[], Sequence[Persona]], OidcBearers | None]:
    if settings.sign_in == "demo":
        demo = DemoProvider(settings)
        return demo, demo.personas, None
    signing_in = building.build(settings, clock, pending, http)
    return signing_in.provider, list, signing_in.bearers


def _site(settings: Settings, clock: Clock, channels: Channels, *, entrance: _Entrance) -> Site:
    visitors = Visitors(entrance.sessions, entrance.cookie, entrance.tokens, entrance.personas)
    renderer = Renderer(demo=settings.sign_in == "demo")
    return Site(renderer, Services(channels), visitors, clock)


def _credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    certificate, key = settings.grpc_certificate_file, settings.grpc_key_file
    authority = settings.grpc_ca_file
    if certificate is None or key is None or authority is None:
        return None
    return MutualTls(certificate, key, authority).channel_credentials()


def _is_https(settings: Settings) -> bool:
    public = settings.public_url or ""
    return public.startswith("https:") or settings.tls_certificate_file is not None
