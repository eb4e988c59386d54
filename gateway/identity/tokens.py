"""Internal tokens for sessions: minted when needed, used again while they are fresh."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from gateway.identity.sessions import Session
from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.settings import SERVICES
from services.chassis.tokens import LIFETIME, TokenMinter

# A call may take half a minute, and clocks differ: a token is replaced a minute before its end.
_FRESH = LIFETIME - timedelta(minutes=1)
_KEPT_MAX = 4096
_UNSUBSCRIBE = frozenset({"preferences.unsubscribe"})


class SessionTokens:
    """One token for each session or service key, replaced before it ends.

    Args:
        minter: Signs.
        clock: Says how old a token is.
    """

    def __init__(self, minter: TokenMinter, clock: Clock) -> None:
        self._minter = minter
        self._clock = clock
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def of(self, session: Session) -> str:
        """Return a token with the authority of whoever is signed in, for every service."""
        return self.of_principal(session.session_id, session.identity.principal())

    def of_principal(self, holder: str, principal: Principal) -> str:
        """Return a token for whoever holds a session or a key of that id."""
        now = self._clock.now()
        kept = self._kept.get(holder)
        if kept is not None and now < kept[1]:
            return kept[0]
        token = mint(self._minter, principal)
        self._kept[holder] = (token, now + _FRESH)
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)
        return token


def mint_unsubscriber(minter: TokenMinter) -> str:
    """Return a token for whoever opens an unsubscribe link: one action of one service.

    It names no authority and no person, since notify takes both from the link's own token.
    """
    nobody = Principal("none", "unsubscriber", "unsubscriber", scopes=_UNSUBSCRIBE)
    return minter.mint(nobody, ("notify",))


def mint(minter: TokenMinter, principal: Principal) -> str:
    """Return a token of five minutes that every service takes."""
    return minter.mint(principal, SERVICES)
