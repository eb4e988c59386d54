"""Sessions on the server: the browser holds a random id, the store only that id's hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from gateway.identity.provider import Identity
from gateway.identity.random_secrets import hash_of, new_secret
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.ids import new_id

IDLE = timedelta(minutes=60)
"""A session ends when nothing was asked for this long."""

ABSOLUTE = timedelta(hours=12)
"""A session ends at this age, whatever was asked."""

_TOUCH_EVERY = timedelta(minutes=1)

metadata = MetaData()

# Times are whole seconds since 1970, UTC: nothing here is read by people or joined.
SESSION = Table(
    "session",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("session_id", String(36), nullable=False, unique=True),
    Column("identity", Text, nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("answers", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser.

    Attributes:
        session_id: Its own id, good in logs; the cookie's value is another.
        identity: Who.
        csrf: What each form and each write of a script sends back.
        answers: Half-given answers, by journey.
        idle_until: When it ends if nothing more is asked.
        ends_at: When it ends whatever is asked.
    """

    session_id: str
    identity: Identity
    csrf: str
    answers: Mapping[str, Any]
    idle_until: datetime
    ends_at: datetime

    @property
    def until(self) -> datetime:
        """When it ends if the person does nothing."""
        return min(self.idle_until, self.ends_at)


class Sessions:
    """The store; its database is the gateway's own and holds nothing of the business.

    Args:
        database: Started and closed by whoever built it.
        clock: Says when a session has ended.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def prepare(self) -> None:
        """Make the table when there is none yet."""
        await self._database.write(metadata.create_all)

    async def open(self, identity: Identity, *, instead_of: str = "") -> tuple[str, Session]:
        """Begin a session under a new id; the browser's session before it ends.

        Args:
            identity: Who signed in.
            instead_of: The cookie's value that the browser sent, if any.

        Returns:
            The cookie's new value and the session.
        """
        cookie = new_secret()
        now = self._clock.now()
        row = {
            "id_hash": hash_of(cookie),
            "session_id": new_id(),
            "identity": json.dumps(_identity_json(identity)),
            "csrf": new_secret(),
            "answers": "{}",
            "seen_at": int(now.timestamp()),
            "ends_at": int((now + ABSOLUTE).timestamp()),
        }

        def work(connection: Connection) -> None:
            ended = SESSION.c.ends_at <= int(now.timestamp())
            idle = SESSION.c.seen_at <= int((now - IDLE).timestamp())
            replaced = SESSION.c.id_hash == hash_of(instead_of)
            connection.execute(delete(SESSION).where(ended | idle | replaced))
            connection.execute(insert(SESSION), row)

        await self._database.write(work)
        session = await self.find(cookie)
        assert session is not None
        return cookie, session

    async def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, now seen again; None when it has ended or is unknown."""
        if not cookie:
            return None
        id_hash = hash_of(cookie)
        query = select(SESSION).where(SESSION.c.id_hash == id_hash)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        now = self._clock.now()
        if row is None or now >= min(_moment(row.seen_at) + IDLE, _moment(row.ends_at)):
            return None
        if now >= _moment(row.seen_at) + _TOUCH_EVERY:
            seen = update(SESSION).where(SESSION.c.id_hash == id_hash)
            statement = seen.values(seen_at=int(now.timestamp()))
            await self._database.write(lambda connection: connection.execute(statement).close())
            return _session(row, now)
        return _session(row, _moment(row.seen_at))

    async def close(self, cookie: str) -> None:
        """End the session of a cookie, if there is one."""
        statement = delete(SESSION).where(SESSION.c.id_hash == hash_of(cookie))
        await self._database.write(lambda connection: connection.execute(statement).close())

    async def keep(self, session_id: str, journey: str, answers: Mapping[str, Any] | None) -> None:
        """Keep one journey's half-given answers in a session; None forgets them."""

        def work(connection: Connection) -> None:
            mine = SESSION.c.session_id == session_id
            kept = connection.execute(select(SESSION.c.answers).where(mine)).scalar()
            if kept is None:
                return
            journeys = json.loads(kept)
            journeys.pop(journey, None)
            if answers is not None:
                journeys[journey] = dict(answers)
            connection.execute(update(SESSION).where(mine).values(answers=json.dumps(journeys)))

        await self._database.write(work)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _identity_json(identity: Identity) -> dict[str, Any]:
    return {name: getattr(identity, name) for name in identity.__dataclass_fields__}


def _session(row: Row[Any], seen_at: datetime) -> Session:
    identity = json.loads(row.identity)
    identity["schools"] = tuple(identity["schools"])
    return Session(
        session_id=row.session_id,
        identity=Identity(**identity),
        csrf=row.csrf,
        answers=json.loads(row.answers),
        idle_until=seen_at + IDLE,
        ends_at=_moment(row.ends_at),
    )
