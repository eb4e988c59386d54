"""Sign-ins under way: what we sent the browser off with, kept until it comes back, once.

The browser holds a random handle in a cookie; the store holds that handle's hash. So an answer
that was begun in another browser finds nothing here, whatever it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)

from gateway.identity.random_secrets import hash_of, new_secret
from services.chassis.clock import Clock
from services.chassis.database import Database

LIFETIME = timedelta(minutes=10)
"""How long somebody has to type a password and a code elsewhere."""

metadata = MetaData()

PENDING = Table(
    "pending_sign_in",
    metadata,
    Column("handle_hash", String(64), primary_key=True),
    Column("state", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(64), nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Pending:
    """The secrets of one sign-in.

    Attributes:
        state: Against answers that were forged.
        nonce: Against tokens that were replayed.
        verifier: Of PKCE, against codes that were stolen (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str


class PendingSignIns:
    """The store, in the gateway's own database.

    Args:
        database: Started and closed by whoever built it.
        clock: Says when a sign-in took too long.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def prepare(self) -> None:
        """Make the table when there is none yet."""
        await self._database.write(metadata.create_all)

    async def begin(self) -> tuple[str, Pending]:
        """Return a handle for the browser and the secrets of a new sign-in."""
        handle, state, nonce, verifier = (new_secret() for _ in range(4))
        now = self._clock.now()
        row = {
            "handle_hash": hash_of(handle),
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "ends_at": int((now + LIFETIME).timestamp()),
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(PENDING).where(PENDING.c.ends_at <= int(now.timestamp())))
            connection.execute(insert(PENDING), row)

        await self._database.write(work)
        return handle, Pending(state, nonce, verifier)

    async def take(self, handle: str) -> Pending | None:
        """Return the sign-in of a handle and forget it; None when there is none, or no longer."""
        mine = PENDING.c.handle_hash == hash_of(handle)

        def work(connection: Connection) -> Pending | None:
            row = connection.execute(select(PENDING).where(mine)).first()
            connection.execute(delete(PENDING).where(mine))
            if row is None or row.ends_at <= int(self._clock.now().timestamp()):
                return None
            return Pending(row.state, row.nonce, row.verifier)

        return await self._database.write(work)
