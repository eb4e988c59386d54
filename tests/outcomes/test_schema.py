"""The migrated schema is the one that the code describes, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table

from services.chassis import migrations
from services.chassis.database.engines import writer_engine
from services.outcomes.schema import INSERT_ONLY, metadata
from tests.outcomes.authority import migrate
from tests.support.databases import Prepare


def test_migrating_an_empty_database_makes_every_table(database_url: str) -> None:
    migrations.upgrade(database_url, "services.outcomes")

    engine = writer_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@pytest.mark.parametrize("table", INSERT_ONLY, ids=lambda table: table.name)
def test_recorded_facts_cannot_be_deleted(
    prepared_database_url: Callable[[str, Prepare], str], table: Table
) -> None:
    engine = writer_engine(prepared_database_url("outcomes", migrate))
    triggers = {
        "sqlite": "select count(*) from sqlite_master where type='trigger' and tbl_name={}",
        "postgresql": "select count(*) from information_schema.triggers "
        "where event_object_table={}",
    }
    with engine.connect() as connection:
        query = triggers[engine.dialect.name].format(f"'{table.name}'")
        assert connection.exec_driver_sql(query).scalar_one() == 2
    engine.dispose()
