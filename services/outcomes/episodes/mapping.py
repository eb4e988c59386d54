"""Episodes between the wire and the domain."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import episodes_service_pb2 as pb

from services.chassis.money import Money
from services.chassis.wire import date_to_proto, money_to_proto, timestamp_to_proto
from services.outcomes.analysis.method.children import (
    Changes,
    attendance,
    persistently_absent,
    severely_absent,
)
from services.outcomes.analysis.method.intervals import wilson
from services.outcomes.episodes.domain.episode import Episode, EpisodeState, Part
from services.outcomes.episodes.queries import Filter
from services.outcomes.episodes.snapshots import Snapshot
from services.outcomes.episodes.views import View
from services.outcomes.episodes.windows import WindowKind, Windows

_STATES = {
    EpisodeState.AWAITING_DELIVERY: pb.EPISODE_STATE_AWAITING_DELIVERY,
    EpisodeState.OPEN: pb.EPISODE_STATE_OPEN,
    EpisodeState.VOID: pb.EPISODE_STATE_VOID,
}


def filter_of(request: pb.ListEpisodesRequest) -> Filter:
    """Return what a list is asked for."""
    states = {number: state for state, number in _STATES.items()}
    return Filter(
        child_id=request.child_id,
        school_urn=request.school_urn,
        category=request.category,
        purchase_id=request.purchase_id,
        state=states.get(request.state),
        with_windows=request.with_windows,
    )


def episode(view: View) -> pb.Episode:
    """Return an episode for the wire."""
    version = view.version
    message = pb.Episode(
        id=version.id,
        child_id=version.child_id,
        school_urn=version.school_urn,
        state=_STATES[version.state],
        version=version.version,
        derive_time=timestamp_to_proto(version.derived_at),
        cost=money_to_proto(Money(version.episode.cost_minor if version.episode else 0)),
        snapshot=_snapshot(view.snapshot) if view.snapshot else None,
    )
    if version.episode is not None:
        _fill(message, version.episode)
    if view.row is not None:
        message.windows.extend(window(each, view.row) for _, each in sorted(view.windows.items()))
        message.changes.extend(
            _change(kind, each, view.row) for kind, each in sorted(view.changes.items())
        )
    return message


def _fill(message: pb.Episode, held: Episode) -> None:
    message.request_date.CopyFrom(date_to_proto(held.requested_on))
    message.intent_date.CopyFrom(date_to_proto(held.intent_on))
    if held.index_on is not None:
        message.index_date.CopyFrom(date_to_proto(held.index_on))
    message.purchases.extend(_purchase(part) for part in held.parts)
    message.categories.extend(sorted({part.category for part in held.parts}))
    total = held.cost_minor
    message.costs.extend(
        pb.EpisodeCost(
            source_id=each.source_id,
            source_type=each.source_kind,
            cost=money_to_proto(Money(each.cost_minor)),
            weight=each.cost_minor / total if total else 0.0,
        )
        for each in held.costs()
    )


def _purchase(part: Part) -> pb.EpisodePurchase:
    return pb.EpisodePurchase(
        purchase_id=part.purchase_id,
        category=part.category,
        places=part.places,
        places_total=part.places_total,
        cost=money_to_proto(Money(part.cost_minor)),
        requested_date=date_to_proto(part.requested_on),
        approved_date=date_to_proto(part.approved_on),
        delivered_date=date_to_proto(part.delivered_on) if part.delivered_on else None,
    )


def window(held: Windows, row: int) -> pb.EpisodeWindow:
    """Return one child's window for the wire; rates only where it is measured."""
    possible, absent = int(held.possible[row]), int(held.absent[row])
    message = pb.EpisodeWindow(
        kind=_number(held.kind),
        status=_number(held.status[row]),
        start_date=day(int(held.start_day[row])),
        end_date=day(int(held.end_day[row])),
        nominal_sessions=int(held.nominal[row]),
        possible_sessions=possible,
        absent_sessions=absent,
        provisional_sessions=int(held.provisional[row]),
    )
    if held.measured[row]:
        counts = np.array([absent]), np.array([possible])
        message.attendance.CopyFrom(rate(absent, possible))
        message.persistently_absent = bool(persistently_absent(*counts)[0])
        message.severely_absent = bool(severely_absent(*counts)[0])
    return message


def rate(absent: int, possible: int) -> pb.RateInterval:
    """Return attendance with its Wilson interval."""
    trials = np.array([possible])
    lower, upper = wilson(trials - absent, trials)
    share = attendance(np.array([absent]), trials)
    return pb.RateInterval(rate=float(share[0]), lower=float(lower[0]), upper=float(upper[0]))


def day(ordinal: int) -> Date | None:
    """Return a day for the wire; None for 0, a day that the calendar does not reach."""
    return date_to_proto(date.fromordinal(ordinal)) if ordinal else None


def _number(value: Any) -> Any:
    """Return an enum of the domain as the proto's: their numbers are the same."""
    return int(value)


def _change(kind: WindowKind, held: Changes, row: int) -> pb.EpisodeChange:
    message = pb.EpisodeChange(
        window=_number(kind),
        direction=_number(held.direction[row]),
    )
    if held.direction[row]:
        message.change_pp = float(held.change_pp[row])
        message.lower_pp = float(held.lower_pp[row])
        message.upper_pp = float(held.upper_pp[row])
    return message


def _snapshot(held: Snapshot) -> pb.EpisodeSnapshot:
    return pb.EpisodeSnapshot(
        taken_time=timestamp_to_proto(held.taken_at),
        attendance=rate(held.absent, held.possible) if held.measured else None,
        possible_sessions=held.possible,
        absent_sessions=held.absent,
        year_group=held.year_group,
        phase=held.phase,
    )
