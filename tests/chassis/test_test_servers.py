"""The servers that every other test stands on."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy

from tests.support.databases import Databases
from tests.support.postgres import LocalPostgres, psycopg_url
from tests.support.providers import _wheel_binaries


def test_each_test_gets_an_empty_database_of_its_own(database_url: str, dialect: str) -> None:
    engine = sqlalchemy.create_engine(database_url)

    assert engine.dialect.name == dialect
    assert sqlalchemy.inspect(engine).get_table_names() == []

    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table mine (id integer)"))
    engine.dispose()


def test_a_prepared_database_is_copied_and_not_shared(databases: Databases, dialect: str) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("create table shape (id integer)"))
        engine.dispose()

    urls = [databases.prepared(dialect, "a shape", prepare) for _ in range(2)]

    assert len(prepared) == 1
    assert len({*urls, *prepared}) == 3
    for url in urls:
        engine = sqlalchemy.create_engine(url)
        assert sqlalchemy.inspect(engine).get_table_names() == ["shape"]
        engine.dispose()


def test_postgresql_keeps_what_it_acknowledged(postgres_url: str) -> None:
    with psycopg.connect(psycopg_url(postgres_url)) as connection:
        rows = [connection.execute(f"show {name}").fetchone() for name in ("fsync",)]

    assert rows == [("on",)]


def test_postgresql_starts_from_the_wheel_with_no_package_installed() -> None:
    binaries = _wheel_binaries()
    assert isinstance(binaries, Path)
    server = LocalPostgres(binaries)

    try:
        server.start()
        with psycopg.connect(psycopg_url(server.url)) as connection:
            row = connection.execute("select current_user").fetchone()
    finally:
        server.stop()

    assert row == ("tests",)


def test_a_nats_server_without_users_answers(nats_url: str) -> None:
    address = urlsplit(nats_url)
    assert address.hostname is not None
    assert address.port is not None

    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        assert connection.recv(4) == b"INFO"


def test_a_skipped_test_fails_the_run(pytester: pytest.Pytester) -> None:
    rules = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(rules.read_text(encoding="utf-8"))
    pytester.makepyfile("import pytest\ndef test_it(): pytest.importorskip('absent_package')")

    outcome = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    assert outcome.ret == pytest.ExitCode.TESTS_FAILED
