"""The parts that say what is measured and of whom, put together for the composition root."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.service import Servicer
from services.chassis.unit_of_work import Commands
from services.outcomes.children.vault import Vault
from services.outcomes.cohorts.pools.servicer import ComparisonPools
from services.outcomes.cohorts.servicer import Cohorts
from services.outcomes.measures.catalogue.servicer import Measures
from services.outcomes.measures.observations.servicer import Observations
from services.outcomes.measures.providers.servicer import ProviderMeasures

_PROTO = "localresponse.outcomes.v1"


class MeasuresAndCohorts:
    """The catalogue of measures, what people observed, and cohorts.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Finds children by their identifiers.
        clock: Says which day it is.
    """

    def __init__(
        self,
        commands: Commands,
        database: Database,
        *,
        tokens: PageTokens,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self.measures = Measures(commands, database, tokens)
        self.observations = Observations(
            commands, database, tokens=tokens, vault=vault, clock=clock
        )
        self.providers = ProviderMeasures(commands, database, tokens=tokens, clock=clock)
        self.cohorts = Cohorts(commands, database, tokens=tokens, clock=clock)
        self.pools = ComparisonPools(commands, database, tokens=tokens, clock=clock)

    def servicers(self) -> tuple[Servicer, ...]:
        """Return what is served."""
        return (
            Servicer(self.measures, f"{_PROTO}.MeasuresService"),
            Servicer(self.observations, f"{_PROTO}.ObservationsService"),
            Servicer(self.providers, f"{_PROTO}.ProviderMeasuresService"),
            Servicer(self.cohorts, f"{_PROTO}.CohortsService"),
            Servicer(self.pools, f"{_PROTO}.ComparisonPoolsService"),
        )
