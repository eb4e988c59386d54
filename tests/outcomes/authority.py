"""An authority behind the service's own servicers: schools, children and registers by rpc."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import register_service_pb2 as register_pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb

from services.chassis import migrations
from services.chassis.auth import Principal, acting_as
from services.chassis.pagination import PageTokens
from services.outcomes.app import assemble
from services.outcomes.app.database import OutcomesDatabase
from services.outcomes.children.vault import Vault
from services.outcomes.feeds.keys import FeedKeys
from tests.support.clock import FakeClock

TENANT, OTHER_TENANT = "E06000050", "E06000049"
URN, OTHER_URN = "100001", "100002"
ADMINISTRATOR = Principal(TENANT, "administrator", "administrator")
MANAGER = Principal(TENANT, "manager", "programme_manager")
PRACTITIONER = Principal(TENANT, "practitioner", "practitioner", frozenset({URN}))
ELSEWHERE = Principal(TENANT, "elsewhere", "practitioner", frozenset({OTHER_URN}))
STRANGER = Principal(OTHER_TENANT, "stranger", "programme_manager")
MONDAY = date(2024, 9, 9)
_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def rid() -> str:
    return str(uuid.uuid4())


def on(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def upn(serial: int) -> str:
    """Return a unique pupil number with the right letter."""
    digits = f"{801200000000 + serial:012d}"
    total = sum(place * int(digit) for place, digit in enumerate(digits, start=2))
    return _LETTERS[total % 23] + digits


def table(*rows: Sequence[object]) -> bytes:
    """Return rows as a CSV file; the first is the header."""
    return "".join(",".join(str(cell) for cell in row) + "\r\n" for row in rows).encode()


def migrate(url: str) -> None:
    migrations.upgrade(url, "services.outcomes")


class Authority:
    """The service over a migrated database, with what the tests do most."""

    def __init__(self, url: str, keys: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.keys_url = f"sqlite:///{keys}"
        self.vault = Vault(self.keys_url, b"r" * 32)
        self.database = OutcomesDatabase(url, self.vault)
        tokens = PageTokens(b"p" * 32)
        self.service = assemble(
            self.database, self.vault, tokens=tokens, clock=clock, feeds=FeedKeys(b"f" * 32)
        )
        servicers: list[Any] = [one.implementation for one in self.service.servicers]
        self.schools, self.children, self.registers = servicers[:3]
        self._by_name: dict[str, Any] = {
            one.service.rpartition(".")[2]: one.implementation for one in self.service.servicers
        }

    def servicer(self, name: str) -> Any:
        return self._by_name[name]

    @property
    def measures(self) -> Any:
        return self.servicer("MeasuresService")

    @property
    def observations(self) -> Any:
        return self.servicer("ObservationsService")

    @property
    def providers(self) -> Any:
        return self.servicer("ProviderMeasuresService")

    @property
    def cohorts(self) -> Any:
        return self.servicer("CohortsService")

    @property
    def pools(self) -> Any:
        return self.servicer("ComparisonPoolsService")

    async def call(self, who: Principal, method: Any, request: Any) -> Any:
        with acting_as(who):
            return await method(request, None)

    def served(self, name: str) -> Any:
        """Return what implements a service, by the service's short name."""
        full = f"localresponse.outcomes.v1.{name}"
        return next(one.implementation for one in self.service.servicers if one.service == full)

    async def add_schools(self, *urns: str) -> None:
        schools = [
            schools_pb.School(urn=urn, name=f"School {urn}", phase=schools_pb.PHASE_PRIMARY)
            for urn in urns
        ]
        request = schools_pb.ImportSchoolsRequest(request_id=rid(), schools=schools)
        await self.call(ADMINISTRATOR, self.schools.ImportSchools, request)

    async def set_calendar(self, *spans: Any, urn: str = "") -> Any:
        given = [
            schools_pb.CalendarSpan(first_date=on(first), last_date=on(last), kind=kind)
            for first, last, kind in spans
        ]
        request = schools_pb.SetCalendarRequest(request_id=rid(), urn=urn, spans=given)
        return await self.call(ADMINISTRATOR, self.schools.SetCalendar, request)

    async def add_children(self, count: int, urn: str = URN, first: date = MONDAY) -> list[str]:
        rows = [(upn(serial), urn, first) for serial in range(1, count + 1)]
        content = table(("upn", "urn", "first_date"), *rows)
        request = children_pb.ImportChildrenRequest(request_id=rid(), csv=content)
        done = await self.call(ADMINISTRATOR, self.children.ImportChildren, request)
        return list(done.child_ids)

    async def load(
        self, rows: Iterable[Sequence[object]], who: Principal = PRACTITIONER, **fields: Any
    ) -> Any:
        """Import marks as (upn, date, session, code) rows."""
        content = table(("upn", "date", "session", "code"), *rows)
        return await self.load_file(content, who, **fields)

    async def load_file(self, content: bytes, who: Principal = PRACTITIONER, **fields: Any) -> Any:
        values = {"request_id": rid(), "urn": URN, "source": "register.csv", **fields}
        request = register_pb.ImportRegisterFileRequest(content=content, **values)
        return await self.call(who, self.registers.ImportRegisterFile, request)

    async def week(self, day: date = MONDAY, as_of: Any = None) -> list[list[str]]:
        request = register_pb.GetRegisterRequest(urn=URN, date=on(day), as_of_time=as_of)
        found = await self.call(PRACTITIONER, self.registers.GetRegister, request)
        return [list(row.codes) for row in found.rows]


@asynccontextmanager
async def opened(url: str, keys: Path, clock: FakeClock) -> AsyncIterator[Authority]:
    """Open an authority with one school, a calendar of two weeks and three children."""
    authority = Authority(url, keys, clock)
    authority.database.start()
    try:
        await authority.add_schools(URN, OTHER_URN)
        last = date(2024, 9, 20)
        await authority.set_calendar((MONDAY, last, schools_pb.DAY_KIND_OPEN))
        await authority.add_children(3)
        yield authority
    finally:
        authority.database.close()
