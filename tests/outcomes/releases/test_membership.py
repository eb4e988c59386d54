"""By cohort, every child stands once: a table that did not add up could be subtracted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from services.chassis.ids import new_id
from services.outcomes.cohorts import storage
from services.outcomes.cohorts.domain.membership import Cause, Change
from services.outcomes.cohorts.storage import Cohort, Freeze
from services.outcomes.disclosure.tables import TOTAL
from services.outcomes.releases.membership import SEVERAL, cohort_labels
from tests.outcomes.authority import TENANT
from tests.outcomes.feeds.house import House

DAY = date(2026, 1, 7)


def frozen(connection: Connection, house: House, name: str, *children: str) -> str:
    """Keep a cohort of these children as it was frozen now, and return its id."""
    now = house.clock.now()
    cohort = Cohort(id=new_id(), name=name, purpose="p", created_at=now, created_by="m")
    storage.add_cohort(connection, TENANT, cohort)
    freeze = Freeze(
        number=1,
        rule_version=1,
        on=DAY,
        as_of=now,
        joined=len(children),
        left=0,
        unknown=0,
        frozen_at=now,
        frozen_by="m",
    )
    changes = [
        Change(
            number=number,
            child_id=child,
            joined=True,
            on=DAY,
            cause=Cause.RULE,
            reason="",
            rule_version=1,
            baseline="",
            recorded_at=now,
            recorded_by="m",
        )
        for number, child in enumerate(children, start=1)
    ]
    storage.add_freeze(connection, TENANT, cohort.id, freeze)
    storage.add_changes(connection, TENANT, cohort.id, changes)
    return cohort.id


async def test_each_child_has_one_label_and_names_are_told_apart(small: House) -> None:
    def work(connection: Connection) -> tuple[dict[str, str], str]:
        frozen(connection, small, "Spring", "a", "b")
        frozen(connection, small, "Summer", "b", "c")
        total = frozen(connection, small, TOTAL, "d")
        return cohort_labels(connection, TENANT, small.clock.now()), total

    labels, total = await small.database.write(work)

    assert labels == {"a": "Spring", "b": SEVERAL, "c": "Summer", "d": f"Total ({total[-4:]})"}


async def test_a_cohort_that_was_frozen_later_is_not_known(small: House) -> None:
    before = small.clock.now()
    small.clock.advance(hours=1)

    def work(connection: Connection) -> dict[str, str]:
        frozen(connection, small, "Later", "a")
        return cohort_labels(connection, TENANT, before)

    assert await small.database.write(work) == {}
