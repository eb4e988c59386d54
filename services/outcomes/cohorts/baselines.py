"""A child's attendance when it came into a cohort: written down then, and never worked out again.

The windows are those of an analysis: 60 school days that end 30 before the day, and the 30 days
before it. What registers say later is read by `as_of`; what was known at entry stays what it was.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from services.outcomes.episodes.measuring import roll_of, school_day_windows
from services.outcomes.episodes.windows import WindowKind, Windows, WindowStatus

_KINDS = (WindowKind.BASELINE, WindowKind.TRIGGER)


def baselines(
    connection: Connection,
    tenant: str,
    child_ids: Sequence[str],
    *,
    on: date,
    as_of: datetime,
) -> dict[str, str]:
    """Return what each child's attendance was before a day, as canonical JSON, by child.

    Args:
        connection: A reader's or a writer's.
        tenant: The authority.
        child_ids: Children whom the authority's rolls know.
        on: The day of entry; it is in no window.
        as_of: The register as it was recorded then.
    """
    if not child_ids:
        return {}
    roll = roll_of(connection, tenant, child_ids, as_of=as_of)
    read = school_day_windows(connection, tenant, child_ids, roll=roll, as_of=as_of)
    requested = np.full(len(child_ids), on.toordinal(), np.int32)
    index = np.zeros(len(child_ids), np.int32)
    windows = [read.measure(kind, requested=requested, index=index) for kind in _KINDS]
    found = {}
    for place, child_id in enumerate(child_ids):
        urns = roll.children[child_id].urns()
        body = {
            "as_of": as_of.isoformat(),
            "year_group": roll.year_group(child_id, on),
            "phase": roll.phase(urns[0]) if urns else "",
            "windows": {each.kind.name.lower(): _window(each, place) for each in windows},
        }
        found[child_id] = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return found


def _window(held: Windows, place: int) -> dict[str, int | str]:
    status = WindowStatus(int(held.status[place]))
    return {
        "first_day": int(held.start_day[place]),
        "last_day": int(held.end_day[place]),
        "possible": int(held.possible[place]),
        "absent": int(held.absent[place]),
        "status": status.name.lower(),
    }
