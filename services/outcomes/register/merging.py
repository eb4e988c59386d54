"""Marks of two children found to be one, brought together and parted again.

Both are changes like any other: what stood before stays in the history, so that the register as
of a moment before is what it was, and the change itself says what it moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children.domain import Enrolment
from services.outcomes.reference import storage as reference
from services.outcomes.reference.codes import BY_INDEX, WITHDRAWN
from services.outcomes.register import storage
from services.outcomes.register.domain.blocks import Block, merged, unsqueezed
from services.outcomes.register.domain.marks import POSITIONS, monday_of
from services.outcomes.register.storage import REGISTER_CHANGE, Held, Written
from services.outcomes.register.withdrawals import before_withdrawal, on_roll, row_of

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two children who are one: the number that is kept and the one that is read through it."""

    survivor: int
    merged: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A session of which the two records say different things.

    Attributes:
        urn: The school.
        day: `date.toordinal()`.
        session: 0 morning, 1 afternoon.
        kept: The code that stands: that of the child who is kept.
        dropped: The other's, which stays in the history.
    """

    urn: str
    day: int
    session: int
    kept: str
    dropped: str


def conflicts(
    connection: Connection, tenant: str, pair: Pair, urns: Iterable[str]
) -> list[Conflict]:
    """Return the sessions of which two children's marks differ, in order of school and time."""
    found = []
    for known in storage.blocks(connection, tenant, urns=urns):
        own, theirs = _rows(known, pair)
        clash = _stands(own) & _stands(theirs) & (own != theirs)
        for position in np.flatnonzero(clash).tolist():
            day = monday_of(known.week) + position // 2
            kept, dropped = (BY_INDEX[int(codes[position])].code for codes in (own, theirs))
            found.append(Conflict(known.urn, day, position % 2, kept, dropped))
    return found


def join(work: UnitOfWork, pair: Pair, urns: Sequence[str], *, change_id: str) -> None:
    """Record the merged child's marks for the one who is kept, where that one has none."""
    reference.lock_schools(work.connection, work.tenant, urns)
    written = []
    for known in storage.blocks(work.connection, work.tenant, urns=urns):
        own, theirs = _rows(known, pair)
        said = _stands(theirs)
        if said.any():
            taken = np.where(said & ~_stands(own), theirs, 0)
            left = np.where(said, WITHDRAWN, 0)
            written += _change(known, pair, taken, left)
    storage.write_blocks(work.connection, work.tenant, written, import_id=change_id, at=work.at)


def part(
    work: UnitOfWork,
    pair: Pair,
    *,
    joined_by: str,
    own: Sequence[Enrolment],
    theirs: Sequence[Enrolment],
) -> None:
    """Give the merged child its marks back, with what was recorded for it since.

    Args:
        work: The unit of work.
        pair: The two.
        joined_by: The change that brought their marks together.
        own: Times on roll of the child who is kept.
        theirs: Those of the merged child.
    """
    moved = _moved(work.connection, work.tenant, pair, joined_by)
    urns = sorted({one.urn for one in theirs} | {urn for urn, _ in moved})
    reference.lock_schools(work.connection, work.tenant, urns)
    written = []
    for known in storage.blocks(work.connection, work.tenant, urns=urns):
        taken, left = moved.get((known.urn, known.week), (_NONE, _NONE))
        now, _ = _rows(known, pair)
        mine = on_roll(known.week, [one for one in own if one.urn == known.urn])
        hers = on_roll(known.week, [one for one in theirs if one.urn == known.urn])
        goes = _stands(now) & ((taken != 0) | (hers & ~mine))
        stays = (left != 0) & (taken == 0)
        back = np.where(goes, now, 0)
        if stays.any():
            back = np.where(stays, before_withdrawal(work, known, pair.merged), back)
        written += _change(known, pair, np.where(goes, WITHDRAWN, 0), back)
    storage.write_blocks(
        work.connection, work.tenant, written, import_id=work.command_id, at=work.at
    )


_NONE: Codes = np.zeros(POSITIONS, np.uint8)


def _moved(
    connection: Connection, tenant: str, pair: Pair, change_id: str
) -> dict[tuple[str, int], tuple[Codes, Codes]]:
    """Return what a change did to the two, by school and week."""
    table = REGISTER_CHANGE.c
    query = select(table.urn, table.week, table.overlay).where(
        table.tenant == tenant, table.import_id == change_id
    )
    found = {}
    for urn, week, overlay in connection.execute(query):
        block = unsqueezed(overlay)
        taken, left = row_of(block, pair.survivor), row_of(block, pair.merged)
        found[urn, week] = (
            _NONE if taken is None else taken,
            _NONE if left is None else left,
        )
    return found


def _rows(known: Held, pair: Pair) -> tuple[Codes, Codes]:
    own, theirs = row_of(known.block, pair.survivor), row_of(known.block, pair.merged)
    return (_NONE if own is None else own), (_NONE if theirs is None else theirs)


def _stands(codes: Codes) -> NDArray[np.bool_]:
    return np.asarray((codes != 0) & (codes != WITHDRAWN))


def _change(
    known: Held, pair: Pair, survivor: NDArray[np.integer], other: NDArray[np.integer]
) -> list[Written]:
    """Return a block with what changes for each of the two; nothing when nothing does."""
    rows = sorted(((pair.survivor, survivor), (pair.merged, other)), key=lambda row: row[0])
    numbers = np.array([number for number, _ in rows], np.int32)
    codes = np.stack([codes.astype(np.uint8) for _, codes in rows])
    some = codes.any(axis=1)
    if not some.any():
        return []
    outcome = merged(known.block, Block(numbers[some], codes[some]))
    return [] if outcome is None else [Written(known.urn, known.week, known, outcome)]
