"""The doors that an authority's own files come in by, over databases made for a replay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.chassis import migrations
from services.chassis.clock import Clock
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.outcomes.app.database import OutcomesDatabase
from services.outcomes.children.vault import Vault
from services.outcomes.reference.servicer import Schools
from services.outcomes.register.servicer import Registers


@dataclass(frozen=True, slots=True)
class Doors:
    """The same doors that an authority's own files come in by, without the socket."""

    database: OutcomesDatabase
    commands: Commands
    schools: Schools
    registers: Registers


@contextmanager
def opened(folder: Path, name: str, clock: Clock) -> Iterator[Doors]:
    """Open doors to databases in a folder, which keep nothing but what is replayed.

    Args:
        folder: Where the files are made.
        name: What they are called.
        clock: What the doors take for the time.
    """
    url = f"sqlite:///{folder.absolute() / name}.sqlite3"
    migrations.upgrade(url, "services.outcomes")
    vault = Vault(f"sqlite:///{folder.absolute() / name}_keys.sqlite3", os.urandom(32))
    database = OutcomesDatabase(url, vault, readers=1)
    database.start()
    try:
        commands, tokens = Commands(database, clock), PageTokens(os.urandom(32))
        yield Doors(
            database,
            commands,
            Schools(commands, database, tokens=tokens, clock=clock),
            Registers(commands, database, tokens=tokens, vault=vault),
        )
    finally:
        database.close()
