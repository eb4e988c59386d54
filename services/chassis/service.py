"""What a service hands to the runtime: the one shape that every composition root builds.

A service's `app.build(settings, clock)` answers with a `Service` and starts nothing; the
runtime starts, supervises and drains it, in a process of its own or beside the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from services.chassis.auth import ActionTable
    from services.chassis.clock import Clock
    from services.chassis.consumers import Consumer
    from services.chassis.database import Database
    from services.chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that the runtime repeats for as long as the process lives.

    Args:
        name: For logs and metrics, unique in its service, such as `close-windows`.
        every_s: Seconds from the end of one run to the start of the next, above zero.
        run: The work. An exception is logged and counted, and the job runs again later.
    """

    name: str
    every_s: float
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Servicer:
    """An implementation and the proto service that it implements.

    Args:
        implementation: Has one `async def` (or async generator) for each rpc.
        service: The full name, such as `localresponse.fund.v1.PurchaseService`. Its generated
            module must be imported; routes, actions and messages are read from its descriptor.
    """

    implementation: object
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """All that the runtime needs to run one service.

    Args:
        name: One word, such as `fund`; also the audience of its tokens.
        database: Its own; no other service reads it.
        servicers: Served on one address. Methods without an action are refused to everyone.
        actions: Action -> role -> relation needed; what is not in it is refused.
        consumers: Durable consumers of other services' events.
        jobs: Repeated work.
        package: Such as `services.fund`; its Alembic history stands in `migrations` there.
    """

    name: str
    database: Database
    servicers: Sequence[Servicer]
    actions: ActionTable
    package: str
    consumers: Sequence[Consumer] = ()
    jobs: Sequence[Job] = ()


ServiceBuilder = Callable[["Settings", "Clock"], Service]
"""The signature of each service's `app.build`."""

WebBuilder = Callable[["Settings", "Clock"], "ASGIApp"]
"""The signature of the gateway's `app.build`; its lifespan opens and closes its channels."""
