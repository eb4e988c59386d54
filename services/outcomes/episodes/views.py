"""Episodes as they are shown: with their windows, changes and what was known at approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from services.outcomes.analysis.method.children import Changes, changes
from services.outcomes.episodes import snapshots
from services.outcomes.episodes.domain.episode import Episode
from services.outcomes.episodes.measuring import Measured, Support, measure, roll_of
from services.outcomes.episodes.snapshots import Snapshot
from services.outcomes.episodes.storage.versions import Version
from services.outcomes.episodes.windows import SPANS, WindowKind, Windows
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import HalfTerm

FOLLOW_UPS = (WindowKind.FOLLOW_UP_1, WindowKind.FOLLOW_UP_2, WindowKind.YEAR)


@dataclass(frozen=True, slots=True)
class View:
    """One version of an episode and, where asked for, what its windows hold.

    Attributes:
        row: Its row in `windows` and `changes`; None when there are none for it.
        windows: By kind, shared by all the views of one read.
        changes: From the baseline to each follow-up, likewise.
    """

    version: Version
    snapshot: Snapshot | None
    row: int | None
    windows: dict[WindowKind, Windows]
    changes: dict[WindowKind, Changes]


def views_of(
    connection: Connection,
    tenant: str,
    versions: Sequence[Version],
    *,
    with_windows: bool,
    as_of: datetime | None = None,
) -> list[View]:
    """Return versions as views, reading the register once for all of them."""
    live = [each.episode for each in versions if each.episode is not None]
    purchase_ids = [part.purchase_id for episode in live for part in episode.parts]
    frozen = snapshots.held(connection, tenant, purchase_ids)
    place: dict[str, int] = {}
    windows: dict[WindowKind, Windows] = {}
    if with_windows:
        place, windows = _windows(connection, tenant, live, as_of=as_of)
    moved = _changes(windows)
    return [
        View(each, _snapshot(each.episode, frozen), place.get(each.id), windows, moved)
        for each in versions
    ]


def all_windows(measured: Measured, years: Sequence[tuple[int, int]]) -> dict[WindowKind, Windows]:
    """Return every kind of window; `years` are first and last days of the YEAR window or 0."""
    found = {
        kind: measured.windows.measure(kind, requested=measured.requested, index=measured.index)
        for kind in SPANS
    }
    spans = np.array(years, np.int32).reshape(-1, 2)
    found[WindowKind.YEAR] = measured.windows.between(
        WindowKind.YEAR, first=spans[:, 0], last=spans[:, 1]
    )
    return found


def same_half_term_next_year(terms: Sequence[HalfTerm], day: date | None) -> tuple[int, int]:
    """Return first and last day, as ordinals, of a day's half-term one year on; 0 if unknown."""
    if day is None:
        return 0, 0
    mine = next((term for term in terms if day <= term.last), None)
    if mine is None:
        return 0, 0
    for term in terms:
        if (term.academic_year, term.number) == (mine.academic_year + 1, mine.number):
            return term.first.toordinal(), term.last.toordinal()
    return 0, 0


def _windows(
    connection: Connection, tenant: str, live: Sequence[Episode], *, as_of: datetime | None
) -> tuple[dict[str, int], dict[WindowKind, Windows]]:
    roll = roll_of(connection, tenant, [episode.child_id for episode in live], as_of=as_of)
    known = [episode for episode in live if episode.child_id in roll.children]
    if not known:
        return {}, {}
    wanted = [Support(each.child_id, each.requested_on, each.index_on) for each in known]
    measured = measure(connection, tenant, wanted, roll=roll, as_of=as_of)
    days = reference.calendars(connection, tenant, {each.school_urn for each in known}, as_of=as_of)
    terms = {urn: calendar.half_terms() for urn, calendar in days.items()}
    years = [same_half_term_next_year(terms[each.school_urn], each.index_on) for each in known]
    return {each.id: row for row, each in enumerate(known)}, all_windows(measured, years)


def _changes(windows: dict[WindowKind, Windows]) -> dict[WindowKind, Changes]:
    if not windows:
        return {}
    base = windows[WindowKind.BASELINE]
    return {kind: _change(base, windows[kind]) for kind in FOLLOW_UPS}


def _change(base: Windows, later: Windows) -> Changes:
    both: npt.NDArray[np.bool_] = base.measured & later.measured
    return changes((base.absent, base.possible), (later.absent, later.possible), measured=both)


def _snapshot(episode: Episode | None, frozen: dict[tuple[str, str], Snapshot]) -> Snapshot | None:
    if episode is None:
        return None
    first = sorted(episode.parts, key=lambda part: (part.approved_on, part.purchase_id))
    taken = (frozen.get((part.purchase_id, episode.child_id)) for part in first)
    return next((each for each in taken if each is not None), None)
