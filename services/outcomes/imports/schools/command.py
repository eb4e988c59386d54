"""`localresponse import schools`: the schools of an authority, from a published file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.outcomes.imports.parts import parts_of, record_parts
from services.outcomes.imports.schools.files import (
    SchoolsUnreadable,
    followed,
    read_links,
    read_schools,
)
from services.outcomes.reference.authorities import by_ons_code
from services.outcomes.reference.commands import import_schools

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
    parts = parts_of(named, _AT_ONCE)
    done = asyncio.run(
        record_parts(database, clock, tenant=authority, parts=parts, record=import_schools)
    )
    added, replaced = (sum(getattr(one, name) for one in done) for name in ("added", "replaced"))
    sys.stdout.write(f"{known.name}: {added} schools added, {replaced} replaced\n")
    return 0
