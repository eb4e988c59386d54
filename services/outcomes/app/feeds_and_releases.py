"""The parts of the service that hand data to others, put together for the composition root."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.service import Job, Servicer
from services.chassis.unit_of_work import Commands
from services.outcomes.agreements.servicer import Agreements
from services.outcomes.feeds.jobs import FeedJobs
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.servicer import Feeds
from services.outcomes.releases.servicer import Releases

_PROTO = "localresponse.outcomes.v1"


class FeedsAndReleases:
    """Agreements, feeds and releases.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens and cursors.
        clock: Says which day it is.
        keys: Makes pseudonyms and signatures.
    """

    def __init__(
        self,
        commands: Commands,
        database: Database,
        *,
        tokens: PageTokens,
        clock: Clock,
        keys: FeedKeys,
    ) -> None:
        self.agreements = Agreements(commands, database, tokens=tokens, clock=clock)
        self.feeds = Feeds(database, tokens=tokens, keys=keys, clock=clock)
        self.work = FeedJobs(database, commands, clock=clock, keys=keys)
        self.releases = Releases(commands, database, tokens=tokens, keys=keys, feeds=self.work)

    def servicers(self) -> tuple[Servicer, ...]:
        """Return what is served."""
        return (
            Servicer(self.agreements, f"{_PROTO}.AgreementsService"),
            Servicer(self.feeds, f"{_PROTO}.FeedsService"),
            Servicer(self.releases, f"{_PROTO}.ReleasesService"),
        )

    def jobs(self) -> tuple[Job, ...]:
        """Return what is repeated."""
        return self.work.jobs
