"""The parts of the service that say what is measured, put together for the composition root."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.service import Servicer
from services.chassis.unit_of_work import Commands
from services.outcomes.children.vault import Vault
from services.outcomes.measures.catalogue.servicer import Measures

_PROTO = "localresponse.outcomes.v1"


class Measuring:
    """The catalogue of measures.

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
        del vault, clock
        self.measures = Measures(commands, database, tokens)

    def servicers(self) -> tuple[Servicer, ...]:
        """Return what is served."""
        return (Servicer(self.measures, f"{_PROTO}.MeasuresService"),)
