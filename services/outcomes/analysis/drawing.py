"""Children who met the trigger at another's dates: whom a supported child is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.rows import Row, met_trigger
from services.outcomes.episodes.measuring import Roll
from services.outcomes.episodes.windows import Days, SchoolDayWindows, WindowKind


def drawn(
    part: Sequence[str],
    read: SchoolDayWindows,
    known: tuple[Sequence[Row], Roll],
    rng: np.random.Generator,
    *,
    until: Days | None = None,
) -> tuple[list[Row], Flags]:
    """Give each candidate the dates of a supported child of each half-term, and keep one.

    A candidate who met the trigger at several of those dates is kept at one of them, drawn with
    equal chances, so that nobody stands in the comparison twice.

    Args:
        part: The candidates' ids.
        read: Their registers, row for row.
        known: The supported children, and the candidates' rolls.
        rng: The run's draws.
        until: Where given, the day of each candidate that its follow-up must end before.
    """
    models, roll = known
    by_term: dict[tuple[int, int], list[Row]] = {}
    for model in models:
        by_term.setdefault(model.half_term, []).append(model)
    best = np.full(len(part), -1.0)
    chosen: list[Row | None] = [None] * len(part)
    for _, same in sorted(by_term.items()):
        picked = rng.integers(0, len(same), size=len(part))
        lot = rng.random(len(part))
        requested = np.array([same[pick].requested_day for pick in picked], np.int32)
        index = np.array([same[pick].index_day for pick in picked], np.int32)
        met = met_trigger(read.measure(WindowKind.TRIGGER, requested=requested, index=index))
        if until is not None:
            ends = read.measure(WindowKind.FOLLOW_UP_1, requested=requested, index=index).end_day
            met &= (ends > 0) & (ends < until)
        for place in np.flatnonzero(met & (lot > best)).tolist():
            best[place] = lot[place]
            chosen[place] = _control(part[place], same[picked[place]], roll)
    kept = np.array([each is not None for each in chosen], dtype=np.bool_)
    return [each for each in chosen if each is not None], kept


def _control(child_id: str, model: Row, roll: Roll) -> Row:
    on = date.fromordinal(model.requested_day)
    urns = roll.children[child_id].urns()
    urn = urns[0] if urns else ""
    return Row(
        child_id=child_id,
        supported=False,
        requested_day=model.requested_day,
        index_day=model.index_day,
        urn=urn,
        phase=roll.phase(urn),
        year_group=roll.year_group(child_id, on),
        half_term=model.half_term,
    )
