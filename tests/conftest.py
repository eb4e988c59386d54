"""Servers and databases that any test may ask for, and the rule that no test is skipped."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from services.chassis.database import Database
from tests.support import providers
from tests.support.clock import FakeClock
from tests.support.databases import DIALECTS, Databases, Prepare
from tests.support.providers import Provided
from tests.support.wire import Wire, opened

pytest_plugins = ("pytester",)

# A busy machine draws examples slowly; that says nothing about the rule under test.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_PROVIDED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_PROVIDED] = []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001  (named by the hook)
    """Take over what a worker of a divided run was provided with."""
    node.config.stash[_PROVIDED] += getattr(node, "workeroutput", {}).get("provided", [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    servers: list[str] = config.stash[_PROVIDED]
    for server in sorted(set(servers)):
        terminalreporter.write_line(server)
    if terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("a test was skipped: this run fails", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    told: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["provided"] = session.config.stash[_PROVIDED]
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def start_postgres(request: pytest.FixtureRequest) -> Callable[[], Provided]:
    """Start PostgreSQL at the first call; a run that only needs SQLite never pays for it."""
    return functools.cache(lambda: _started(request, providers.postgres))


@pytest.fixture(scope="session")
def postgres_url(start_postgres: Callable[[], Provided]) -> str:
    return start_postgres().url


@pytest.fixture(scope="session")
def nats_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a NATS server without users, shared by the run."""
    return _started(request, providers.nats).url


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, start_postgres: Callable[[], Provided]
) -> Iterator[Databases]:
    made = Databases(Path(tmp_path_factory.mktemp("databases")), start_postgres)
    yield made
    made.close()


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, databases: Databases) -> str:
    """Return the URL of a fresh, empty database; the test runs once on each kind."""
    return databases.fresh(dialect)


@pytest.fixture
def prepared_database_url(dialect: str, databases: Databases) -> Callable[[str, Prepare], str]:
    """Return a maker of copies: `prepared_database_url("fund", migrate)`, prepared once."""
    return functools.partial(databases.prepared, dialect)


def _started(request: pytest.FixtureRequest, start: Callable[[], Provided]) -> Provided:
    server = start()
    line = f"{server.what} {server.version} ({server.provider})"
    request.config.stash[_PROVIDED].append(line)
    request.session.config.add_cleanup(server.stop)
    return server


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    """Return an embedded broker of the test's own, which it may kill and wipe."""
    wire = Wire(tmp_path / "nats")
    await wire.start()
    yield wire
    await wire.stop()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return an open database with the chassis's tables."""
    async with opened(database_url) as database:
        yield database
