"""The independent check agrees with a sound ledger, and finds what was changed behind its back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb
from sqlalchemy import Connection, text

from services.chassis.telemetry import REGISTRY
from services.outcomes.reference.codes import CODES
from services.outcomes.verification.comparing import differences
from services.outcomes.verification.findings import Difference, Kind
from services.outcomes.verification.nightly import Nightly
from tests.outcomes.authority import (
    MANAGER,
    MONDAY,
    PRACTITIONER,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    upn,
)

HALF_TERM_AWAY = date(2024, 11, 4)


def marks(seed: int, *, days: int = 10, children: int = 3) -> Iterator[tuple[object, ...]]:
    """Yield a mark of any code for every session."""
    draw = random.Random(seed)
    every = [code.code for code in CODES if code.code != "X**"]
    for step in range(days):
        day = MONDAY + timedelta(days=step)
        if day.weekday() < 5:
            for child in range(1, children + 1):
                for session in ("AM", "PM"):
                    yield (upn(child), day, session, draw.choice(every))


async def found(authority: Authority) -> list[Difference]:
    return await authority.database.read(lambda connection: differences(connection, TENANT))


async def behind_its_back(authority: Authority, table: str, column: str, at: int) -> None:
    """Flip one bit of one byte of a blob, past the triggers."""

    def flip(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER IF EXISTS register_change_no_update"))
        else:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        stored = connection.execute(text(f"SELECT {column} FROM {table} ORDER BY week")).scalars()
        content = bytearray(next(iter(stored.all())))
        content[at % len(content)] ^= 1
        connection.execute(
            text(
                f"UPDATE {table} SET {column} = :changed WHERE week = "
                f"(SELECT min(week) FROM {table})"
            ),
            {"changed": bytes(content)},
        )

    await authority.database.write(flip)


async def test_every_code_corrected_at_random_comes_to_the_same(authority: Authority) -> None:
    await authority.load(marks(1))
    await authority.load(list(marks(2))[::3])
    await authority.load(list(marks(3))[5::4])

    assert await found(authority) == []


async def test_half_terms_are_cut_alike(council: Authority) -> None:
    spans = (
        (MONDAY, date(2024, 10, 25), schools_pb.DAY_KIND_OPEN),
        (HALF_TERM_AWAY, date(2024, 12, 20), schools_pb.DAY_KIND_OPEN),
        (date(2024, 12, 26), date(2024, 12, 26), schools_pb.DAY_KIND_INSET),
        (date(2025, 7, 28), date(2025, 8, 8), schools_pb.DAY_KIND_OPEN),
    )
    await council.set_calendar(*spans)
    await council.set_calendar(
        (date(2024, 9, 30), date(2024, 10, 4), schools_pb.DAY_KIND_CLOSURE),
        (date(2024, 10, 8), date(2024, 10, 16), schools_pb.DAY_KIND_HOLIDAY),
        urn=URN,
    )
    await council.load(marks(4))
    late = [(upn(1), HALF_TERM_AWAY, "AM", "I"), (upn(2), date(2024, 10, 18), "PM", "/")]
    await council.load(late)

    assert await found(council) == []


async def test_a_block_and_a_digest_are_named_apart(council: Authority) -> None:
    await council.load([(upn(1), MONDAY, "AM", "/")])
    await behind_its_back(council, "register_block", "codes", 0)
    await behind_its_back(council, "register_change", "overlay_sha256", 0)

    kinds = {one.kind for one in await found(council)}

    assert kinds == {Kind.BLOCK, Kind.OVERLAY}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        pytest.param("register_block", "codes", id="codes of a block"),
        pytest.param("register_block", "children", id="children of a block"),
        pytest.param("register_change", "overlay", id="an overlay"),
    ],
)
@pytest.mark.parametrize("at", [0, 3, 5, -5, -1])
async def test_one_byte_changed_behind_its_back_is_found(
    council: Authority, table: str, column: str, at: int
) -> None:
    await council.load(marks(5))
    assert await found(council) == []

    await behind_its_back(council, table, column, at)

    assert await found(council)


async def test_a_change_that_vanished_is_found(council: Authority) -> None:
    await council.load(marks(6, days=5))
    await council.load(list(marks(7, days=5)))
    await council.database.write(
        lambda connection: connection.execute(text("DROP TRIGGER register_change_no_delete"))
    )
    await council.database.write(
        lambda connection: connection.execute(text("DELETE FROM register_change WHERE version = 1"))
    )

    assert Kind.HISTORY in {one.kind for one in await found(council)}


async def test_a_leavers_withdrawn_marks_count_on_neither_side(council: Authority) -> None:
    await council.load(marks(8))
    await leave(council, MONDAY + timedelta(days=2))

    assert await found(council) == []


async def leave(council: Authority, last: date) -> None:
    listed = await council.call(
        MANAGER, council.children.ListChildren, children_pb.ListChildrenRequest()
    )
    request = children_pb.EndEnrolmentRequest(
        request_id=rid(), child_id=listed.children[0].id, urn=URN, last_date=on(last)
    )
    await council.call(PRACTITIONER, council.children.EndEnrolment, request)


async def test_differences_are_counted_in_a_metric(council: Authority) -> None:
    labels = {"authority": TENANT, "kind": "block"}
    name = "lrf_outcome_recompute_differences_total"
    before = REGISTRY.get_sample_value(name, labels) or 0
    await council.load(marks(9))
    await behind_its_back(council, "register_block", "codes", 2)

    await Nightly(council.database, council.clock).run()

    assert (REGISTRY.get_sample_value(name, labels) or 0) == before + 1
