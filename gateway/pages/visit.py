"""Who looks at a page, what their role is offered, and what goes with every call they cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from gateway.identity.demo import Persona
from gateway.identity.origin import SessionCookie
from gateway.identity.sessions import Session, Sessions
from gateway.identity.tokens import SessionTokens
from gateway.pages import words
from services.chassis import telemetry

ROLE_WORDS = {
    "practitioner": "school practitioner",
    "liaison_officer": "liaison officer",
    "finance_officer": "finance officer",
    "programme_manager": "programme manager",
    "evaluator": "evaluator",
    "forum_member": "schools forum member",
    "administrator": "administrator",
    "information_governance": "information governance officer",
    "auditor": "auditor",
}

ASKERS = frozenset({"practitioner", "liaison_officer"})
DECIDERS = frozenset({"finance_officer"})
SEES_REQUESTS = ASKERS | DECIDERS | {"programme_manager", "auditor", "information_governance"}
SEES_RESULTS = frozenset({"programme_manager", "auditor", "finance_officer"})
EXPLAINS = frozenset({"programme_manager", "auditor"})
SEES_JOURNALS = frozenset({"finance_officer", "programme_manager", "auditor"})
SEES_RELEASES = frozenset(
    {
        "finance_officer",
        "programme_manager",
        "evaluator",
        "forum_member",
        "information_governance",
        "auditor",
    }
)
SEES_AGREEMENTS = frozenset({"evaluator", "programme_manager", "information_governance", "auditor"})
SEES_DOWNLOADS = SEES_AGREEMENTS - {"evaluator"}
SEES_FEEDS = SEES_AGREEMENTS - {"programme_manager"}
DRAFTS = frozenset({"programme_manager"})
PUBLISHES = frozenset({"information_governance"})
ADMINISTERS = frozenset({"administrator"})
SEES_BUDGETS = frozenset({"finance_officer", "programme_manager", "auditor"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in person's look at one page.

    Attributes:
        session: The signed-in browser: who, the form token, half-given answers, its end.
        metadata: What every call to a service carries.
    """

    session: Session
    metadata: tuple[tuple[str, str], ...]

    @property
    def subject(self) -> str:
        """Return the opaque id that services know the person by."""
        return self.session.identity.subject

    @property
    def name(self) -> str:
        """Return the person's name without the job that may stand behind it."""
        return words.name_and_job(self.session.identity.name)[0]

    @property
    def role(self) -> str:
        """Return the one active role."""
        return self.session.identity.role

    @property
    def authority(self) -> str:
        """Return the authority's name."""
        return self.session.identity.authority

    @property
    def schools(self) -> tuple[str, ...]:
        """Return the URNs of the person's schools."""
        return self.session.identity.schools

    @property
    def csrf(self) -> str:
        """Return what each form must send back."""
        return self.session.csrf

    @property
    def until(self) -> str:
        """Return when the session ends if nothing happens, such as `3:42pm`."""
        return words.clock_time(self.session.until)

    @property
    def role_words(self) -> str:
        """Return the role as people say it."""
        return ROLE_WORDS.get(self.role, self.role)

    def is_one_of(self, roles: frozenset[str]) -> bool:
        """Whether the active role is among these."""
        return self.role in roles


@dataclass(frozen=True, slots=True)
class Visitors:
    """Finds who looks.

    Attributes:
        sessions: Who is signed in.
        cookie: Names the session.
        tokens: What services believe.
        personas: Whom a visitor of the demonstration can be, as of now; empty otherwise.
    """

    sessions: Sessions
    cookie: SessionCookie
    tokens: SessionTokens
    personas: Callable[[], Sequence[Persona]]

    async def of(self, request: Request) -> Visit | None:
        """Return who looks; None when nobody is signed in or the session has ended."""
        session = await self.sessions.find(self.cookie.read(request))
        if session is None:
            return None
        telemetry.continue_trace(request.headers.get("traceparent", ""))
        token = self.tokens.of(session)
        metadata = (("authorization", f"Bearer {token}"), ("traceparent", telemetry.traceparent()))
        return Visit(session, metadata)

    async def keep(self, visit: Visit, journey: str, answers: Mapping[str, Any] | None) -> None:
        """Keep a journey's answers in the session; None forgets them."""
        await self.sessions.keep(visit.session.session_id, journey, answers)
