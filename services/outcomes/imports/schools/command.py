"""`localresponse import schools`: the schools of an authority, from a published file."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.imports.schools.files import (
    SchoolsUnreadable,
    followed,
    read_links,
    read_schools,
)
from services.outcomes.reference.authorities import by_ons_code
from services.outcomes.reference.commands import SchoolsImported, import_schools
from services.outcomes.reference.domain import School

_AT_ONCE = 500


def run(
    database: Database, clock: Clock, *, file: Path, authority: str, links: Path | None = None
) -> int:
    """Add or replace the authority's schools; 2 when the file or the authority is not known.

    Args:
        database: Of the outcomes service.
        clock: Says when.
        file: GIAS's establishments, or the DfE's register of schools.
        authority: ONS code; it becomes the tenant of the schools.
        links: GIAS's links, for predecessors.
    """
    known = by_ons_code().get(authority)
    if known is None:
        sys.stderr.write(f"localresponse: {authority!r} is not the ONS code of an authority\n")
        return 2
    try:
        schools = read_schools(file.read_bytes(), authority=known.number)
        before = read_links(links.read_bytes()) if links else {}
    except (OSError, SchoolsUnreadable) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    named = [followed(school, before) for school in schools]
    done = asyncio.run(_import(database, clock, authority, schools=named))
    added, replaced = (sum(getattr(one, name) for one in done) for name in ("added", "replaced"))
    sys.stdout.write(f"{known.name}: {added} schools added, {replaced} replaced\n")
    return 0


async def _import(
    database: Database, clock: Clock, tenant: str, *, schools: list[School]
) -> list[SchoolsImported]:
    commands, who = Commands(database, clock), Principal.system(tenant)
    database.start()
    try:
        parts = [schools[start : start + _AT_ONCE] for start in range(0, len(schools), _AT_ONCE)]
        return [await commands.apply(who, partial(_part, given=part)) for part in parts]
    finally:
        await asyncio.to_thread(database.close)


def _part(work: UnitOfWork, given: list[School]) -> SchoolsImported:
    return import_schools(work, given)
