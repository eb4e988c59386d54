"""Numbers facts after their commit, and copies them into feeds as items, leaves and checkpoints.

An identity column is taken when a row is written and seen when it commits; a reader that asks for
what is above its last number loses the rows that commit late. So facts have no number until they
are committed, and one sequencer at a time gives it, holding the row that counts. Source: ADR on
feeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from localresponse.client.items import line_of
from localresponse.client.note import Checkpoint
from localresponse.client.tree import Frontier, leaf_hash
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection, bindparam, func, insert, select, update

from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.agreements.storage import Agreement, AgreementState
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.tables import (
    FEED,
    FEED_CHECKPOINT,
    FEED_FACT,
    FEED_ITEM,
    FEED_NUMBERING,
)

AT_ONCE = 1_000
_IN_MAX = 500


def number_facts(connection: Connection, tenant: str) -> int:
    """Give the committed facts that have no number the next ones, and return how many there were.

    On PostgreSQL the row that counts is locked, so that two replicas take turns.
    """
    table = FEED_FACT.c
    last = _counter(connection, tenant)
    waiting = connection.execute(
        select(table.id)
        .where(table.tenant == tenant, table.number.is_(None))
        .order_by(table.id)
        .limit(AT_ONCE)
    ).scalars()
    rows = [{"fact": fact, "next": last + at} for at, fact in enumerate(waiting, start=1)]
    if rows:
        connection.execute(
            update(FEED_FACT).where(table.id == bindparam("fact")).values(number=bindparam("next")),
            rows,
        )
        connection.execute(
            update(FEED_NUMBERING)
            .where(FEED_NUMBERING.c.tenant == tenant)
            .values(last=last + len(rows))
        )
    return len(rows)


def fill(work: UnitOfWork, agreement: Agreement, keys: FeedKeys, *, state: AgreementState) -> int:
    """Copy the next facts into the feed of an agreement, sign its new end; return facts taken.

    A lapsed agreement's feed still takes back what was given, and gets nothing else.
    """
    if state is AgreementState.PENDING:
        return 0
    feed = _feed(work.connection, agreement)
    facts = _next_facts(work.connection, agreement.tenant, feed.fact_number)
    if not facts:
        return 0
    writer = _Writer(work, agreement, keys, feed=feed)
    writer.write(facts, only_retract=state is AgreementState.LAPSED)
    writer.close(facts[-1].number)
    return len(facts)


class _Writer:
    """Adds items to one feed inside one transaction."""

    def __init__(
        self, work: UnitOfWork, agreement: Agreement, keys: FeedKeys, *, feed: Any
    ) -> None:
        self._work, self._agreement, self._keys, self._feed = work, agreement, keys, feed
        self._tree = Frontier.read(feed.size, bytes(feed.peaks))
        self._rows: list[Row] = []
        self._retracted = 0

    def write(self, facts: Sequence[Any], *, only_retract: bool) -> None:
        terms = self._agreement.terms
        wanted = [fact for fact in facts if fact.measure in terms.measures]
        names = {
            fact.child_id: self._keys.pseudonym(
                self._agreement.tenant, terms.evaluator, terms.project, child_id=fact.child_id
            )
            for fact in wanted
        }
        given = self._given(sorted(set(names.values())))
        for fact in wanted:
            slot = names[fact.child_id], f"{fact.measure}|{fact.span}"
            before = given.get(slot)
            if (fact.gone and before is None) or (only_retract and not fact.gone):
                continue
            given[slot] = self._add(fact, slot, before)

    def close(self, fact_number: int) -> None:
        """Write the items, the feed's new end and its checkpoint."""
        connection, feed = self._work.connection, FEED.c
        if self._rows:
            connection.execute(insert(FEED_ITEM), self._rows)
            connection.execute(insert(FEED_CHECKPOINT), self._checkpoint())
        connection.execute(
            update(FEED)
            .where(feed.tenant == self._agreement.tenant, feed.id == self._agreement.id)
            .values(
                fact_number=fact_number,
                size=self._tree.size,
                peaks=self._tree.stored(),
                retractions=feed.retractions + (1 if self._retracted else 0),
            )
        )
        if self._retracted:
            message = events.FeedRetracted(data_set_id=self._agreement.id, items=self._retracted)
            sequence = self._feed.retractions + 1
            self._work.emit(message, resource=self._agreement.id, sequence=sequence)

    def _given(self, subjects: Sequence[str]) -> dict[tuple[str, str], int | None]:
        """Return the item that holds for each slot of these children; None when retracted."""
        table, found = FEED_ITEM.c, dict[tuple[str, str], int | None]()
        for start in range(0, len(subjects), _IN_MAX):
            query = (
                select(table.subject, table.slot, table.feed_seq, table.retracts)
                .where(
                    table.tenant == self._agreement.tenant,
                    table.feed_id == self._agreement.id,
                    table.subject.in_(subjects[start : start + _IN_MAX]),
                )
                .order_by(table.feed_seq)
            )
            for row in self._work.connection.execute(query):
                found[row.subject, row.slot] = None if row.retracts else row.feed_seq
        return found

    def _add(self, fact: Any, slot: tuple[str, str], before: int | None) -> int | None:
        seq, fields = self._tree.size + 1, self._agreement.terms.fields
        op = "retract" if fact.gone else "assert" if before is None else "correct"
        line = line_of(
            {
                "feed_seq": seq,
                "op": op,
                "pseudonym": slot[0],
                "measure": fact.measure,
                "window": fact.span,
                "value": None if fact.gone else fact.value,
                "symbol": "" if fact.gone else fact.symbol,
                "valid_from": fact.valid_from,
                "valid_to": fact.valid_to,
                "recorded_at": stamp(self._work.at),
                "supersedes": before,
                "basis": self._agreement.id,
                "age_years": fact.age_years if "age_years" in fields else None,
                "phase": fact.phase if "phase" in fields else "",
            }
        )
        self._tree.append(leaf_hash(line.encode()))
        self._retracted += fact.gone
        self._rows.append(
            {
                "tenant": self._agreement.tenant,
                "feed_id": self._agreement.id,
                "feed_seq": seq,
                "subject": slot[0],
                "slot": slot[1],
                "measure": fact.measure,
                "period": fact.valid_to,
                "retracts": fact.gone,
                "recorded_at": self._work.at,
                "line": line,
            }
        )
        return None if fact.gone else seq

    def _checkpoint(self) -> Row:
        tenant, feed_id = self._agreement.tenant, self._agreement.id
        point = Checkpoint(origin_of(tenant, feed_id), self._tree.size, self._tree.root())
        return {
            "tenant": tenant,
            "feed_id": feed_id,
            "size": point.size,
            "note": self._keys.signer(tenant).sign(point),
            "signed_at": self._work.at,
        }


def origin_of(tenant: str, feed_id: str) -> str:
    """Return the name of a feed's log in its checkpoints."""
    return f"localresponse.outcomes/{tenant}/feeds/{feed_id}"


def stamp(moment: datetime) -> str:
    """Return a moment as items write it: RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def waiting_tenants(connection: Connection) -> list[str]:
    """Return authorities with facts that have no number yet."""
    query = select(FEED_FACT.c.tenant).where(FEED_FACT.c.number.is_(None)).distinct()
    return list(connection.execute(query).scalars())


def behind(connection: Connection, agreement: Agreement) -> bool:
    """Return whether facts wait to be copied into an agreement's feed."""
    last = connection.execute(
        select(FEED_NUMBERING.c.last).where(FEED_NUMBERING.c.tenant == agreement.tenant)
    ).scalar_one_or_none()
    taken = connection.execute(
        select(func.coalesce(func.max(FEED.c.fact_number), 0)).where(
            FEED.c.tenant == agreement.tenant, FEED.c.id == agreement.id
        )
    ).scalar_one()
    return int(last or 0) > int(taken)


def _counter(connection: Connection, tenant: str) -> int:
    query = select(FEED_NUMBERING.c.last).where(FEED_NUMBERING.c.tenant == tenant)
    last = connection.execute(query.with_for_update()).scalar_one_or_none()
    if last is None:
        connection.execute(insert(FEED_NUMBERING), {"tenant": tenant, "last": 0})
    return last or 0


def _feed(connection: Connection, agreement: Agreement) -> Any:
    query = select(FEED).where(FEED.c.tenant == agreement.tenant, FEED.c.id == agreement.id)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        fresh = {"fact_number": 0, "size": 0, "peaks": b"", "retractions": 0}
        key = {"tenant": agreement.tenant, "id": agreement.id}
        connection.execute(insert(FEED), {**key, **fresh})
        row = connection.execute(query).one()
    return row


def _next_facts(connection: Connection, tenant: str, after: int) -> Sequence[Any]:
    table = FEED_FACT.c
    query = (
        select(FEED_FACT)
        .where(table.tenant == tenant, table.number > after)
        .order_by(table.number)
        .limit(AT_ONCE)
    )
    return connection.execute(query).all()
