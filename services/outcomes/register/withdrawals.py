"""Marks taken back: a leaver's marks stop at the leaving date and stay in the history.

When the leaving date turns out to be wrong, what was taken back for it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children.domain import Enrolment
from services.outcomes.reference import storage as reference
from services.outcomes.reference.codes import WITHDRAWN
from services.outcomes.register import storage
from services.outcomes.register.domain.blocks import Block, merged, unsqueezed
from services.outcomes.register.domain.marks import POSITIONS, monday_of, week_of
from services.outcomes.register.storage import REGISTER_CHANGE, Held, Written

_DAYS = POSITIONS // 2
_END_OF_TIME = 1 << 24


def follow_roll(
    work: UnitOfWork, urn: str, number: int, *, enrolled: Iterable[Enrolment], since: date
) -> None:
    """Let a child's marks at a school follow its time on the roll there.

    Marks on days off roll are taken back; marks that were taken back stand again on days that
    are on roll after all.

    Args:
        work: The unit of work.
        urn: The school.
        number: The child.
        enrolled: Its time on every roll.
        since: The first day about which anything changed.
    """
    reference.lock_schools(work.connection, work.tenant, [urn])
    spans = [one for one in enrolled if one.urn == urn]
    weeks, written = (week_of(since.toordinal()), _END_OF_TIME), []
    for known in storage.blocks(work.connection, work.tenant, urns=[urn], weeks=weeks):
        codes = row_of(known.block, number)
        if codes is None:
            continue
        here = on_roll(known.week, spans)
        change = np.where(~here & (codes != 0) & (codes != WITHDRAWN), WITHDRAWN, 0)
        back = here & (codes == WITHDRAWN)
        if back.any():
            change = np.where(back, before_withdrawal(work, known, number), change)
        overlay = Block(np.array([number], np.int32), change.astype(np.uint8)[None, :])
        outcome = merged(known.block, overlay)
        if outcome is not None:
            written.append(Written(urn, known.week, known, outcome))
    storage.write_blocks(
        work.connection, work.tenant, written, import_id=work.command_id, at=work.at
    )


def row_of(block: Block, number: int) -> NDArray[np.uint8] | None:
    """Return the fourteen codes of a child in a block, or None when it has no row there."""
    row = int(np.searchsorted(block.numbers, number))
    if row == len(block.numbers) or block.numbers[row] != number:
        return None
    codes: NDArray[np.uint8] = block.codes[row]
    return codes


def before_withdrawal(work: UnitOfWork, known: Held, number: int) -> NDArray[np.uint8]:
    """Return the last code of each session of a week before it was taken back; 0 for none."""
    table = REGISTER_CHANGE.c
    query = (
        select(table.overlay)
        .where(table.tenant == work.tenant, table.urn == known.urn, table.week == known.week)
        .order_by(table.version)
    )
    found = np.zeros(POSITIONS, np.uint8)
    for (overlay,) in work.connection.execute(query):
        codes = row_of(unsqueezed(overlay), number)
        if codes is not None:
            found = np.where((codes != 0) & (codes != WITHDRAWN), codes, found)
    return found


def on_roll(week: int, spans: Iterable[Enrolment]) -> NDArray[np.bool_]:
    """Return for the fourteen sessions of a week whether the child was on roll."""
    days = np.arange(monday_of(week), monday_of(week) + _DAYS)
    here = np.zeros(_DAYS, np.bool_)
    for one in spans:
        here |= (days >= one.first.toordinal()) & (
            days <= (one.last.toordinal() if one.last else days[-1])
        )
    return here.repeat(2)
