"""Service keys: random secrets with which a program reads as one evaluator under one agreement.

A key is shown once. What is kept is its SHA-256, which is enough for 256 random bits: there is
nothing to guess, so a slow hash would only slow down every call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    Row,
    String,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from gateway.identity.random_secrets import hash_of, new_secret
from services.chassis.auth import Principal
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.errors import AlreadyExists, NotFound, Unauthenticated

PREFIX = "lr_"
"""What a key begins with, so that scanners for leaked secrets know one when they see it."""

LONGEST = timedelta(days=366)
"""No key lives longer; a new one takes its place."""

ROLE = "evaluator"
_TOUCH_EVERY_S = 60
_log = structlog.get_logger("gateway.keys")

metadata = MetaData()

# Times are whole seconds since 1970, UTC; 0 is never.
SERVICE_KEY = Table(
    "service_key",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("tenant", String(9), nullable=False),
    Column("name", String(80), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("agreement_id", String(64), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created_by", String(120), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    Index("service_key_tenant", "tenant", "created_at"),
)


class KeyUnknown(NotFound):
    """There is no such key in the authority."""

    reason = "SERVICE_KEY_NOT_FOUND"


class KeyMade(AlreadyExists):
    """The form was sent before; its key was shown then."""

    reason = "SERVICE_KEY_EXISTS"


class KeyRefused(Unauthenticated):
    """The key is unknown, was revoked, or has expired."""

    reason = "SERVICE_KEY_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKey:
    """One key, without its secret.

    Attributes:
        id: Its own, good in logs.
        tenant: The authority's ONS code.
        name: What the administrator calls it.
        subject: The reader whom it stands for, as the agreement lists them.
        agreement_id: The one agreement, and feed, that it opens.
        scopes: Actions that it may do.
        created_by: Subject of the administrator.
        expires_at: From then on it is refused.
        used_at: When it was last used, to the minute; None when never.
        revoked_at: When it was taken back; None when it was not.
    """

    id: str
    tenant: str
    name: str
    subject: str
    agreement_id: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def last_day(self) -> date:
        """The last day, in London, on which it is good."""
        return london_date(self.expires_at - timedelta(seconds=1))

    def principal(self) -> Principal:
        """Return what the internal token says of a call with this key."""
        return Principal(self.tenant, self.subject, ROLE, scopes=frozenset(self.scopes))

    def state(self, now: datetime) -> str:
        """Return `revoked`, `expired` or `active`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "active"


class ServiceKeys:
    """The store, in the gateway's own database.

    Args:
        database: Started and closed by whoever built it.
        clock: Says when a key has expired.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def prepare(self) -> None:
        """Make the table when there is none yet."""
        await self._database.write(metadata.create_all)

    async def create(self, key: ServiceKey) -> str:
        """Keep a key and return its secret, which nothing can show again.

        Raises:
            KeyMade: There is one of that id (SERVICE_KEY_EXISTS).
        """
        secret = PREFIX + new_secret()
        row = {
            "id": key.id,
            "secret_hash": hash_of(secret),
            "tenant": key.tenant,
            "name": key.name,
            "subject": key.subject,
            "agreement_id": key.agreement_id,
            "scopes": " ".join(key.scopes),
            "created_by": key.created_by,
            "created_at": int(key.created_at.timestamp()),
            "expires_at": int(min(key.expires_at, key.created_at + LONGEST).timestamp()),
            "used_at": 0,
            "revoked_at": 0,
        }
        statement = insert(SERVICE_KEY).values(row)
        try:
            await self._database.write(lambda connection: connection.execute(statement).close())
        except IntegrityError:
            raise KeyMade("the key was made already; it is shown once only") from None
        _log.info("service key created", key_id=key.id, tenant=key.tenant, actor=key.created_by)
        return secret

    async def find(self, secret: str) -> ServiceKey:
        """Return the key of a secret, now used again.

        Raises:
            KeyRefused: It is unknown, revoked or expired (SERVICE_KEY_REFUSED).
        """
        query = select(SERVICE_KEY).where(SERVICE_KEY.c.secret_hash == hash_of(secret))
        row = await self._database.read(lambda connection: connection.execute(query).first())
        now = self._clock.now()
        key = None if row is None else _key(row)
        if row is None or key is None or key.state(now) != "active":
            raise KeyRefused("the service key is not good")
        if now.timestamp() >= row.used_at + _TOUCH_EVERY_S:
            used = update(SERVICE_KEY).where(SERVICE_KEY.c.id == key.id)
            statement = used.values(used_at=int(now.timestamp()))
            await self._database.write(lambda connection: connection.execute(statement).close())
        return key

    async def listed(self, tenant: str) -> list[ServiceKey]:
        """Return an authority's keys, the newest first."""
        mine = select(SERVICE_KEY).where(SERVICE_KEY.c.tenant == tenant)
        query = mine.order_by(SERVICE_KEY.c.created_at.desc(), SERVICE_KEY.c.id.desc())
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_key(row) for row in rows]

    async def get(self, tenant: str, key_id: str) -> ServiceKey:
        """Return one key.

        Raises:
            KeyUnknown: The authority has none of that id (SERVICE_KEY_NOT_FOUND).
        """
        for key in await self.listed(tenant):
            if key.id == key_id:
                return key
        raise KeyUnknown("there is no such key")

    async def revoke(self, key: ServiceKey, *, by: str) -> None:
        """Take a key back; from the next call on it is refused. Again changes nothing."""
        now = int(self._clock.now().timestamp())

        def work(connection: Connection) -> None:
            mine = (SERVICE_KEY.c.id == key.id) & (SERVICE_KEY.c.revoked_at == 0)
            connection.execute(update(SERVICE_KEY).where(mine).values(revoked_at=now))

        await self._database.write(work)
        _log.info("service key revoked", key_id=key.id, tenant=key.tenant, actor=by)


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _key(row: Row[Any]) -> ServiceKey:
    created, expires = _moment(row.created_at), _moment(row.expires_at)
    assert created is not None
    assert expires is not None
    return ServiceKey(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        subject=row.subject,
        agreement_id=row.agreement_id,
        scopes=tuple(row.scopes.split()),
        created_by=row.created_by,
        created_at=created,
        expires_at=expires,
        used_at=_moment(row.used_at),
        revoked_at=_moment(row.revoked_at),
    )
