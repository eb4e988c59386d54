"""The real gateway before services in memory: real sign-in, sessions, tokens, checks and wire."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import app
from services.chassis import audit
from services.chassis.calls import Guard, handler_of
from services.chassis.clock import Clock
from services.chassis.server import GrpcServer
from services.chassis.service import Servicer
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenVerifier
from services.chassis.web import WebServer
from services.fund.access import ACTIONS as FUND
from services.notify.access import ACTIONS as NOTIFY
from services.outcomes.access import ACTIONS as OUTCOMES
from tests.support.fakes.fund import FakeBudgets, FakeFund, FakePurchases, FakeSources
from tests.support.fakes.notify import FakeMessages, FakeRecipients
from tests.support.fakes.outcomes import SCHOOLS, FakeAnalyses, FakeChildren, FakeSchools
from tests.support.fakes.papers import FakeDiscussion
from tests.support.fakes.sharing import FakeAgreements, FakeFeeds, FakeReleases

PEOPLE = (
    ("priya", "Priya Shah", "practitioner", ("900001",)),
    ("tom", "Tom Okafor", "practitioner", ("900002",)),
    ("carys", "Carys Evans", "liaison_officer", tuple(SCHOOLS)),
    ("ruth", "Ruth Mensah", "finance_officer", ()),
    ("amina", "Amina Yusuf", "programme_manager", ()),
    ("ewan", "Ewan Reid", "evaluator", ()),
    ("lin", "Lin Chen", "administrator", ()),
    ("grace", "Grace Hall", "information_governance", ()),
)


@dataclass(slots=True)
class PageStack:
    """A running gateway and the state of the services behind it."""

    address: str
    fund: FakeFund
    discussion: FakeDiscussion
    analyses: FakeAnalyses
    releases: FakeReleases
    messages: FakeMessages
    recipients: FakeRecipients
    servers: dict[str, GrpcServer]

    async def stop(self, service: str) -> None:
        """Take a service away."""
        await self.servers[service].stop(0)


class _NoTrail:
    async def write(self, entry: audit.Entry) -> None:
        """Keep nothing: these services have no database."""


@contextlib.asynccontextmanager
async def page_stack(folder: Path, clock: Clock, *, limit_minor: int) -> AsyncIterator[PageStack]:
    """Run the gateway and the three services until the block ends."""
    fund, discussion = FakeFund(clock, limit_minor=limit_minor), FakeDiscussion()
    analyses, messages = FakeAnalyses(clock), FakeMessages(clock)
    releases, recipients = FakeReleases(clock), FakeRecipients()
    values: dict[str, Any] = {"data_dir": folder, "gateway_port": 0}
    settings = Settings(**values)
    settings.runtime_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_people(folder)
    keys = TokenKeys(settings.tokens_dir)
    keys.create_first()
    web = WebServer(app.build(settings, clock), "127.0.0.1", 0, drain_s=1)
    servers: dict[str, GrpcServer] = {}
    async with contextlib.AsyncExitStack() as running:
        for name, actions, servicers in (
            ("fund", FUND, _fund_servicers(fund, discussion)),
            ("outcomes", OUTCOMES, _outcomes_servicers(clock, analyses, releases)),
            ("notify", NOTIFY, _notify_servicers(messages, recipients)),
        ):
            verifier = TokenVerifier(keys, name, clock)
            guard = Guard(actions=actions, verifier=verifier, trail=_NoTrail(), clock=clock)
            handlers = {
                one.service: handler_of(one.implementation, one.service, guard) for one in servicers
            }
            server = servers[name] = GrpcServer(settings.listen(name), handlers)
            await server.start()
            running.push_async_callback(server.stop, 0)
        address = await web.start()
        running.push_async_callback(web.stop)
        yield PageStack(
            address, fund, discussion, analyses, releases, messages, recipients, servers
        )


def _fund_servicers(fund: FakeFund, discussion: FakeDiscussion) -> list[Servicer]:
    package = "localresponse.fund.v1"
    return [
        Servicer(FakePurchases(fund), f"{package}.PurchasesService"),
        Servicer(discussion, f"{package}.DiscussionService"),
        Servicer(FakeBudgets(fund), f"{package}.BudgetsService"),
        Servicer(FakeSources(), f"{package}.SourcesService"),
    ]


def _outcomes_servicers(
    clock: Clock, analyses: FakeAnalyses, releases: FakeReleases
) -> list[Servicer]:
    package = "localresponse.outcomes.v1"
    return [
        Servicer(FakeSchools(), f"{package}.SchoolsService"),
        Servicer(FakeChildren(), f"{package}.ChildrenService"),
        Servicer(analyses, f"{package}.AnalysisService"),
        Servicer(FakeAgreements(clock), f"{package}.AgreementsService"),
        Servicer(FakeFeeds(), f"{package}.FeedsService"),
        Servicer(releases, f"{package}.ReleasesService"),
    ]


def _notify_servicers(messages: FakeMessages, recipients: FakeRecipients) -> list[Servicer]:
    package = "localresponse.notify.v1"
    return [
        Servicer(messages, f"{package}.MessagesService"),
        Servicer(recipients, f"{package}.RecipientsService"),
    ]


def _write_people(folder: Path) -> None:
    people = [
        {
            "id": part,
            "subject": f"{part}-subject",
            "name": name,
            "role": role,
            "tenant": "E99000001",
            "authority": "Demonstration Borough",
            "schools": schools,
        }
        for part, name, role, schools in PEOPLE
    ]
    (folder / "personas.json").write_text(json.dumps(people), encoding="utf-8")
