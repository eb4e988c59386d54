"""The echo contract with a database, events and a consumer of them, as a service of the product."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, select

from services.chassis.clock import Clock
from services.chassis.consumers import Consumer
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.errors import FailedPrecondition
from services.chassis.events import Event
from services.chassis.service import Service, Servicer
from services.chassis.settings import Settings
from services.chassis.tables import add_to
from services.chassis.unit_of_work import Commands, UnitOfWork
from tests.support.echo import ACTIONS, SERVICE, EchoServicer, message

METADATA = MetaData()
add_to(METADATA)
WORDS = Table(
    "words",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("text", String(10), nullable=False),
)
HEARD = Table("heard", METADATA, Column("id", String(36), primary_key=True), Column("n", Integer))


class Rude(FailedPrecondition):
    reason = "ECHO_RUDE"


class Speaker(EchoServicer):
    """Keeps what it is told and announces it."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def Say(self, request: Any, context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        if not request.request_id:
            return await super().Say(request, context)
        said = type(message("Said"))
        return await self._commands.run(request, said, lambda work: _say(work, request))


def _say(work: UnitOfWork, request: Any) -> Message:
    if request.text == "rude":
        raise Rude("not that")
    work.connection.execute(WORDS.insert().values(id=work.command_id, text=request.text))
    event = message("WordSaid", length=len(request.text))
    work.emit(event, resource=work.command_id, sequence=1)
    return message("Said", text=request.text)


def _hear(work: UnitOfWork, event: Event) -> None:
    length = message("WordSaid").FromString(event.data).length  # type: ignore[attr-defined]  # made at run time
    work.connection.execute(HEARD.insert().values(id=event.resource, n=length))


def create_tables(url: str) -> None:
    """Make the tables that are missing; the echo service has no history to migrate."""
    engine = writer_engine(url)
    METADATA.create_all(engine)
    engine.dispose()


def build(settings: Settings, clock: Clock) -> Service:
    """Return the service, as a composition root does."""
    url = settings.database_url("echo")
    create_tables(url)
    database = Database(url)
    handlers = {"localresponse.echo.word.said.v1": _hear}
    return Service(
        name="echo",
        database=database,
        servicers=[Servicer(Speaker(Commands(database, clock)), SERVICE)],
        actions=ACTIONS,
        package="tests.support.echo_service",
        consumers=[Consumer(name="echo-echo", subjects=("lr.*.echo.>",), handlers=handlers)],
    )


def count(table: Table) -> Any:
    """Return a read that counts the rows of a table."""

    def read(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()

    return read
