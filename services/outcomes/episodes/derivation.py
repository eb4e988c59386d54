"""From a new fact to new versions of episodes: derive everything again, keep what differs."""

from __future__ import annotations

from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection

from services.chassis.events import Event
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes.children import merged
from services.outcomes.children import storage as children
from services.outcomes.episodes import snapshots
from services.outcomes.episodes.domain.calendar import SchoolDays
from services.outcomes.episodes.domain.episode import Episode, EpisodeState, episodes_of
from services.outcomes.episodes.domain.purchase import purchase_of
from services.outcomes.episodes.facts import fact_of
from services.outcomes.episodes.storage import rows
from services.outcomes.episodes.storage.versions import Version, body_of
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import DayKind, bank_holidays


def record_fact(work: UnitOfWork, event: Event) -> None:
    """Keep one event of a purchase as given, then derive the episodes of its children.

    A fact that is already kept changes nothing; in whatever order facts come, the same set of
    them ends in the same episodes.
    """
    fact = fact_of(event.type, event.data, event.sequence)
    row = {
        "purchase_id": fact.purchase_id,
        "sequence": event.sequence,
        "event_id": event.id,
        "type": event.type,
        "time": event.time,
        "data": event.data,
        "recorded_at": work.at,
    }
    if not rows.add_fact(work.connection, work.tenant, row):
        return
    linked = rows.link_children(work.connection, work.tenant, fact.purchase_id, fact.child_ids)
    if fact.approved_at is not None:
        snapshots.take(work, fact)
    elif not rows.is_in_an_episode(work.connection, work.tenant, fact.purchase_id):
        # What was never approved is no support, and an older fact adds nothing to a newer one.
        return
    through = merged.survivor_ids(work.connection, work.tenant)
    for child_id in dict.fromkeys(through.get(child_id, child_id) for child_id in linked):
        derive(work, child_id)


def derive(work: UnitOfWork, child_id: str) -> None:
    """Derive a child's episodes from every fact held, and add a version where one differs.

    What was bought for a child that is read through this one is part of it; a child that is read
    through another has no episodes of its own.
    """
    connection, tenant = work.connection, work.tenant
    rows.hold_child(connection, tenant, child_id)
    through = merged.survivor_ids(connection, tenant)
    others = [one for one, survivor in through.items() if survivor == child_id]
    facts = rows.facts_of_child(connection, tenant, child_id, others=others)
    if child_id in through:
        facts = {}
    purchases = [purchase_of(each) for each in facts.values()]
    known = rows.current_of_child(connection, tenant, child_id)
    derived = episodes_of(child_id, purchases, _school_days(connection, tenant, child_id))
    for episode in derived:
        _keep(work, episode, known.get(episode.id))
    kept = {episode.id for episode in derived}
    for gone in known.values():
        if gone.id not in kept and gone.state is not EpisodeState.VOID:
            _void(work, gone)


def _keep(work: UnitOfWork, episode: Episode, known: Version | None) -> None:
    body = body_of(episode)
    if known is not None and known.body == body and known.state is episode.state:
        return
    version = (known.version if known else 0) + 1
    sequence = _announce(work, episode, version=version, told=known.sequence if known else 0)
    new = Version(
        id=episode.id,
        child_id=episode.child_id,
        school_urn=episode.school_urn,
        state=episode.state,
        version=version,
        derived_at=work.at,
        episode=episode,
        body=body,
        sequence=sequence,
    )
    rows.save(work.connection, work.tenant, new)


def _void(work: UnitOfWork, gone: Version) -> None:
    sequence = gone.sequence
    if sequence:
        sequence += 1
        revised = events.EpisodeRevised(episode_id=gone.id, version=gone.version + 1)
        work.emit(revised, resource=gone.id, sequence=sequence)
    new = Version(
        id=gone.id,
        child_id=gone.child_id,
        school_urn=gone.school_urn,
        state=EpisodeState.VOID,
        version=gone.version + 1,
        derived_at=work.at,
        episode=None,
        body='{"parts":[]}',
        sequence=sequence,
    )
    rows.save(work.connection, work.tenant, new)


def _announce(work: UnitOfWork, episode: Episode, *, version: int, told: int) -> int:
    """Tell of an episode from its first delivery on; return how many events it now has."""
    index_on = episode.index_on
    if index_on is None and not told:
        return 0
    purchase_ids = [part.purchase_id for part in episode.parts]
    day = date_to_proto(index_on) if index_on else None
    message: events.EpisodeOpened | events.EpisodeRevised = events.EpisodeOpened(
        episode_id=episode.id,
        child_id=episode.child_id,
        school_urn=episode.school_urn,
        index_date=day,
        purchase_ids=purchase_ids,
    )
    if told:
        message = events.EpisodeRevised(
            episode_id=episode.id,
            version=version,
            index_date=day,
            purchase_ids=purchase_ids,
            cost_minor=episode.cost_minor,
        )
    work.emit(message, resource=episode.id, sequence=told + 1)
    return told + 1


def _school_days(connection: Connection, tenant: str, child_id: str) -> SchoolDays:
    """Return the calendar of the child's schools, each while the child was on its roll."""
    numbers = children.by_id(connection, tenant, [child_id])
    child = children.children(connection, tenant, numbers.values()).get(numbers.get(child_id, -1))
    if child is None:
        return SchoolDays((), bank_holidays())
    calendars = reference.calendars(connection, tenant, child.urns())
    open_days: set[int] = set()
    for enrolment in child.enrolments:
        days = calendars[enrolment.urn]
        first = enrolment.first.toordinal()
        last = enrolment.last.toordinal() if enrolment.last else days.start + len(days.kinds)
        held = (days.kinds == DayKind.OPEN).any(axis=1).nonzero()[0] + days.start
        open_days.update(held[(held >= first) & (held <= last)].tolist())
    return SchoolDays(open_days, bank_holidays())
