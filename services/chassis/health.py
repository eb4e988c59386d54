"""What operators ask a process: /metrics, /healthz (it runs) and /readyz (it can do its work).

Ready means proved: a write and a read in each database, and an event that the stream has on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client.exposition import choose_encoder
from sqlalchemy import Connection, MetaData
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.tables import add_to
from services.chassis.telemetry import REGISTRY

Check = Callable[[], Awaitable[object]]
"""Returns when its part works; raises when it does not."""

WITHIN_S = 3.0
_log = structlog.get_logger()
_METADATA = MetaData()
add_to(_METADATA)
_STATE = _METADATA.tables["wire_state"]
_NAME = "readiness"


class Readiness:
    """The checks of one process, run together.

    Args:
        checks: By name, such as `fund.database`.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)
        self._leaving = False
        self._one = asyncio.Lock()

    def leave(self) -> None:
        """Be unready from now on: the process is draining."""
        self._leaving = True

    async def states(self) -> dict[str, str]:
        """Return `ok` or `failed` for each check, and for `process`, whether it stays."""
        # However many ask, the databases and the stream are asked once at a time.
        async with self._one:
            states = await asyncio.gather(
                *(self._state(name, check) for name, check in self._checks.items())
            )
        process = "leaving" if self._leaving else "ok"
        return {"process": process, **dict(zip(self._checks, states, strict=True))}

    @staticmethod
    async def _state(name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(WITHIN_S):
                await check()
        except Exception as error:  # noqa: BLE001  (whatever it is, the part does not work)
            _log.warning("not ready", check=name, kind=type(error).__name__)
            return "failed"
        return "ok"


def database_check(database: Database, clock: Clock) -> Check:
    """Return the check that writes a row durably and reads it again."""

    async def check() -> None:
        moment = clock.now().isoformat()
        await database.write(lambda connection: _mark(connection, moment))
        await database.read(lambda connection: connection.execute(_STATE.select().limit(1)).first())

    return check


def _mark(connection: Connection, moment: str) -> None:
    changed = connection.execute(_STATE.update().where(_STATE.c.name == _NAME).values(value=moment))
    if not changed.rowcount:
        connection.execute(_STATE.insert().values(name=_NAME, value=moment))


def application(readiness: Readiness) -> Starlette:
    """Return the operators' web application; it shows no business data."""

    async def alive(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> JSONResponse:
        states = await readiness.states()
        good = all(state == "ok" for state in states.values())
        return JSONResponse(states, 200 if good else 503)

    async def metrics(request: Request) -> Response:
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(REGISTRY), headers={"content-type": kind})

    return Starlette(
        routes=[
            Route("/healthz", alive),
            Route("/readyz", ready),
            Route("/metrics", metrics),
        ]
    )
