"""Marks taken back: a leaver's marks stop at the leaving date and stay in the history."""

from __future__ import annotations

from datetime import date

import numpy as np

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.reference import storage as reference
from services.outcomes.reference.codes import WITHDRAWN
from services.outcomes.register import storage
from services.outcomes.register.domain.blocks import Block, merged
from services.outcomes.register.domain.marks import week_of
from services.outcomes.register.storage import Written

_END_OF_TIME = 1 << 24


def withdraw_after(work: UnitOfWork, urn: str, number: int, *, last: date) -> None:
    """Take back the marks of a child at a school after its last day there."""
    reference.lock_schools(work.connection, work.tenant, [urn])
    ordinal = last.toordinal()
    first_week = week_of(ordinal)
    written = []
    for known in storage.blocks(
        work.connection, work.tenant, urns=[urn], weeks=(first_week, _END_OF_TIME)
    ):
        row = int(np.searchsorted(known.block.numbers, number))
        if row == len(known.block.numbers) or known.block.numbers[row] != number:
            continue
        codes = known.block.codes[row : row + 1].copy()
        if known.week == first_week:
            codes[:, : ((ordinal - 1) % 7 + 1) * 2] = 0
        codes[codes != 0] = WITHDRAWN
        outcome = merged(known.block, Block(np.array([number], np.int32), codes))
        if outcome is not None:
            written.append(Written(urn, known.week, known, outcome))
    storage.write_blocks(
        work.connection, work.tenant, written, import_id=work.command_id, at=work.at
    )
