"""The service put together: the one place that knows all its parts."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.keyfiles import kept_key
from services.chassis.pagination import PageTokens
from services.chassis.service import Service, Servicer
from services.chassis.settings import Settings
from services.chassis.unit_of_work import Commands
from services.outcomes.access import ACTIONS
from services.outcomes.analysis.runner import Runner
from services.outcomes.analysis.servicer import Analyses
from services.outcomes.analysis.snapshot import Snapshots
from services.outcomes.app.database import OutcomesDatabase
from services.outcomes.app.feeds_and_releases import FeedsAndReleases
from services.outcomes.app.measures_and_cohorts import MeasuresAndCohorts
from services.outcomes.child_events.servicer import ChildEvents
from services.outcomes.children.known import known_of_children
from services.outcomes.children.servicer import Children
from services.outcomes.children.vault import Vault
from services.outcomes.episodes.closing import WindowCloser
from services.outcomes.episodes.consumers import fund_purchases
from services.outcomes.episodes.servicer import Episodes
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.reference.servicer import Schools
from services.outcomes.register.servicer import Registers
from services.outcomes.series.servicer import Series
from services.outcomes.support.servicer import Supports
from services.outcomes.thresholds.watching import ThresholdWatch
from services.outcomes.verification.nightly import Nightly

_PROTO = "localresponse.outcomes.v1"


def build(settings: Settings, clock: Clock) -> Service:
    """Return the outcomes service, with nothing started."""
    root = kept_key(settings.keys_dir / "children")
    vault = Vault(settings.database_url("outcomes_keys"), root)
    database = OutcomesDatabase(settings.database_url("outcomes"), vault)
    tokens = PageTokens(kept_key(settings.keys_dir / "pages"))
    feeds = FeedKeys(kept_key(settings.keys_dir / "feeds"))
    return assemble(database, vault, tokens=tokens, clock=clock, feeds=feeds)


def assemble(
    database: Database, vault: Vault, *, tokens: PageTokens, clock: Clock, feeds: FeedKeys
) -> Service:
    """Return the outcomes service over databases that are already chosen."""
    commands = Commands(database, clock)
    sharing = FeedsAndReleases(commands, database, tokens=tokens, clock=clock, keys=feeds)
    measuring = MeasuresAndCohorts(commands, database, tokens=tokens, vault=vault, clock=clock)
    schools = Schools(commands, database, tokens=tokens, clock=clock)
    children = Children(commands, database, tokens=tokens, vault=vault, clock=clock)
    registers = Registers(commands, database, tokens=tokens, vault=vault)
    series = Series(commands, database, tokens=tokens, clock=clock)
    child_events = ChildEvents(commands, database, tokens=tokens, vault=vault, clock=clock)
    return Service(
        name="outcomes",
        database=database,
        servicers=(
            Servicer(schools, f"{_PROTO}.SchoolsService"),
            Servicer(children, f"{_PROTO}.ChildrenService"),
            Servicer(registers, f"{_PROTO}.RegisterService"),
            Servicer(child_events, f"{_PROTO}.ChildEventsService"),
            Servicer(Supports(commands, database, tokens), f"{_PROTO}.SupportService"),
            Servicer(Episodes(database, tokens), f"{_PROTO}.EpisodesService"),
            Servicer(Analyses(commands, database, tokens), f"{_PROTO}.AnalysisService"),
            Servicer(series, f"{_PROTO}.SeriesService"),
            *known_of_children(commands, database, tokens=tokens, vault=vault),
            *measuring.servicers(),
            *sharing.servicers(),
        ),
        actions=ACTIONS,
        package="services.outcomes",
        consumers=(fund_purchases(),),
        jobs=(
            Runner(database, commands, clock).job,
            Snapshots(database, clock).job,
            WindowCloser(database, commands, clock).job,
            ThresholdWatch(database, commands).job,
            *sharing.jobs(),
            Nightly(database, clock).job,
        ),
    )
