"""The services about what is known of children, put together for the composition root."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.service import Servicer
from services.chassis.unit_of_work import Commands
from services.outcomes.children.characteristics.servicer import Characteristics
from services.outcomes.children.matching.servicer import Matches
from services.outcomes.children.vault import Vault
from services.outcomes.register.several_files.servicer import RegisterFiles

_PROTO = "localresponse.outcomes.v1"


def known_of_children(
    commands: Commands, database: Database, *, tokens: PageTokens, vault: Vault
) -> tuple[Servicer, ...]:
    """Return what is served beside the children themselves."""
    characteristics = Characteristics(commands, database, tokens=tokens, vault=vault)
    matches = Matches(commands, database, tokens=tokens, vault=vault)
    files = RegisterFiles(commands, database, vault=vault)
    return (
        Servicer(characteristics, f"{_PROTO}.CharacteristicsService"),
        Servicer(matches, f"{_PROTO}.MatchingService"),
        Servicer(files, f"{_PROTO}.RegisterFilesService"),
    )
