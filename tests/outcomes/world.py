"""A small authority in a database: a school, its calendar, children and their registers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.fund.v1 import fund_types_pb2, purchase_types_pb2
from sqlalchemy import Connection, insert

from services.chassis.auth import Principal
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.events import Event, event_type_of
from services.chassis.ids import derived_id
from services.outcomes.children import enrolments
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Enrolment
from services.outcomes.reference import storage as reference
from services.outcomes.reference.calendars import DayKind, Span
from services.outcomes.reference.domain import Phase, School
from services.outcomes.register import storage as register
from services.outcomes.register.domain.blocks import Block, Merged
from services.outcomes.register.domain.marks import week_of
from services.outcomes.storage.metadata import metadata

TENANT = "E06000050"
SYSTEM = Principal.system(TENANT)
URN = "100001"
FIRST = date(2025, 9, 1)
LAST = date(2026, 7, 17)
LOADED = datetime(2026, 7, 20, 8, tzinfo=UTC)
PRESENT, ILL = 1, 17
_HALF_TERMS = (
    (FIRST, date(2025, 10, 24)),
    (date(2025, 11, 3), date(2025, 12, 19)),
    (date(2026, 1, 5), date(2026, 2, 13)),
    (date(2026, 2, 23), date(2026, 3, 27)),
    (date(2026, 4, 13), date(2026, 5, 22)),
    (date(2026, 6, 1), LAST),
)


def school_days() -> list[date]:
    """Return the authority's open weekdays; none of these terms holds a bank holiday but one."""
    found = []
    for first, last in _HALF_TERMS:
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        found += [day for day in days if day.weekday() < 5 and day != date(2026, 5, 4)]
    return found


def prepare(url: str, absent: npt.NDArray[np.bool_]) -> None:
    """Make the tables of the service and load the small authority."""
    engine = writer_engine(url)
    with engine.connect() as connection, connection.begin():
        metadata.create_all(connection)
        load(connection, absent)
    engine.dispose()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    database.start()
    try:
        yield database
    finally:
        await asyncio.to_thread(database.close)


def child_id(number: int) -> str:
    return derived_id("child", str(number))


def load(connection: Connection, absent: npt.NDArray[np.bool_]) -> None:
    """Load one school whose children's absence is given: a row a child, a column a session."""
    school = School(urn=URN, name="Demonstration School", phase=Phase.SECONDARY)
    reference.add_schools(connection, TENANT, [school], at=LOADED)
    spans = [Span(first, last, DayKind.OPEN) for first, last in _HALF_TERMS]
    reference.add_spans(connection, TENANT, reference.AUTHORITY, spans, at=LOADED)
    rows: list[dict[str, Any]] = [
        {
            "tenant": TENANT,
            "number": number,
            "id": child_id(number),
            "reception_year": 2016 - number % 5,
            "sequence": 0,
            "recorded_at": LOADED,
        }
        for number in range(1, len(absent) + 1)
    ]
    connection.execute(insert(children.CHILD), rows)
    enrolled = [
        enrolments.enrolment_row(
            TENANT, row["number"], Enrolment(urn=URN, first=FIRST), version=1, at=LOADED
        )
        for row in rows
    ]
    connection.execute(insert(enrolments.ENROLMENT), enrolled)
    load_marks(connection, np.where(absent, ILL, PRESENT).astype(np.uint8), at=LOADED)


def load_marks(connection: Connection, codes: npt.NDArray[np.uint8], *, at: datetime) -> None:
    numbers = np.arange(1, len(codes) + 1, dtype=np.int32)
    weeks: dict[int, npt.NDArray[np.uint8]] = {}
    for place, day in enumerate(school_days()):
        week = weeks.setdefault(week_of(day.toordinal()), np.zeros((len(codes), 14), np.uint8))
        start = 2 * day.weekday()
        week[:, start : start + 2] = codes[:, 2 * place : 2 * place + 2]
    written = [
        register.Written(URN, week, None, Merged(Block(numbers, held), Block(numbers, held), 0, 0))
        for week, held in sorted(weeks.items())
    ]
    register.write_blocks(connection, TENANT, written, import_id="import", at=at)


def bought(
    purchase_id: str,
    child_ids: tuple[str, ...],
    *,
    asked: date,
    delivered: date,
    pence: int = 10_000,
) -> list[Event]:
    """Return the fund's events of a purchase from its request to its invoice."""
    snapshot = _snapshot(purchase_id, child_ids, asked)
    approved = fund.PurchaseSnapshot()
    approved.CopyFrom(snapshot)
    approved.state = purchase_types_pb2.PURCHASE_STATE_APPROVED
    approved.approve_time.CopyFrom(_noon(asked + timedelta(days=1)))
    arrived = fund.PurchaseSnapshot()
    arrived.CopyFrom(approved)
    arrived.state = purchase_types_pb2.PURCHASE_STATE_DELIVERED
    day = Date(year=delivered.year, month=delivered.month, day=delivered.day)
    arrived.first_delivered_date.CopyFrom(day)
    arrived.sources.add(
        source_id="council", source_kind=fund_types_pb2.SOURCE_KIND_COUNCIL, received_minor=pence
    )
    paid = fund.PurchaseSnapshot()
    paid.CopyFrom(arrived)
    paid.sources[0].received_minor = 0
    paid.sources[0].spent_minor = pence
    messages = [
        fund.PurchaseSubmitted(purchase=snapshot),
        fund.PurchaseApproved(purchase=approved),
        fund.PurchaseDelivered(purchase=arrived, delivered_date=day),
        fund.PurchaseInvoiced(purchase=paid),
    ]
    return [event(purchase_id, place, each) for place, each in enumerate(messages, start=1)]


def event(purchase_id: str, sequence: int, message: Any) -> Event:
    return Event(
        id=derived_id(purchase_id, str(sequence)),
        type=event_type_of(message.DESCRIPTOR),
        tenant=TENANT,
        resource=purchase_id,
        sequence=sequence,
        time=LOADED.isoformat(),
        data=message.SerializeToString(),
    )


def _snapshot(purchase_id: str, child_ids: tuple[str, ...], asked: date) -> fund.PurchaseSnapshot:
    return fund.PurchaseSnapshot(
        purchase_id=purchase_id,
        state=purchase_types_pb2.PURCHASE_STATE_SUBMITTED,
        school_urn=URN,
        child_ids=child_ids,
        category="travel",
        supplier_id="bus-company",
        submit_time=_noon(asked),
    )


def _noon(day: date) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    return stamp
