from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.chassis import audit
from services.chassis.auth import Principal
from services.chassis.calls import Guard, handler_of
from services.chassis.server import GrpcServer
from services.chassis.status import Failure, failure_of
from services.chassis.telemetry import REGISTRY, configure_logging
from services.chassis.tokens import TokenKeys, TokenMinter, TokenVerifier
from tests.support.clock import FakeClock
from tests.support.echo import ACTIONS, SERVICE, EchoServicer, message

PRACTITIONER = Principal("E06000050", "s-1", "practitioner", frozenset({"100001"}))
FINANCE = Principal("E06000050", "f-1", "finance_officer")
AUDITOR = Principal("E06000050", "a-1", "auditor")


class ListTrail:
    """Keeps entries in memory."""

    def __init__(self) -> None:
        self.entries: list[audit.Entry] = []

    async def write(self, entry: audit.Entry) -> None:
        self.entries.append(entry)

    @property
    def outcomes(self) -> list[tuple[str, str, str]]:
        return [(each.call.action, str(each.outcome), each.rule) for each in self.entries]


class Client:
    """Calls the echo service on a socket as whoever is asked for."""

    def __init__(self, channel: grpc.aio.Channel, minter: TokenMinter) -> None:
        self.channel, self.minter = channel, minter

    def bearer(self, who: Principal, *audience: str) -> tuple[tuple[str, str], ...]:
        token = self.minter.mint(who, audience or ("echo",))
        return (("authorization", f"Bearer {token}"),)

    async def call(self, method: str, who: Principal | None, text: str = "a", **fields: str) -> str:
        request = message("SayRequest", text=text, **fields)
        answer = await self.raw(
            method, request.SerializeToString(), self.bearer(who) if who else ()
        )
        return str(message("Said").FromString(answer).text)  # type: ignore[attr-defined]  # made at run time

    async def raw(self, method: str, content: bytes, metadata: Any, **options: Any) -> bytes:
        call: Any = self.channel.unary_unary(f"/{SERVICE}/{method}")
        return bytes(await call(content, metadata=metadata, **options))


async def failure(call: Awaitable[Any]) -> Failure:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return failure_of(caught.value)


@pytest.fixture
def trail() -> ListTrail:
    return ListTrail()


@pytest.fixture
async def client(tmp_path: Path, clock: FakeClock, trail: ListTrail) -> AsyncIterator[Client]:
    keys = TokenKeys(tmp_path / "tokens")
    keys.create_first()
    verifier = TokenVerifier(keys, "echo", clock)
    guard = Guard(actions=ACTIONS, verifier=verifier, trail=trail, clock=clock)
    handlers = {SERVICE: handler_of(EchoServicer(), SERVICE, guard)}
    server = GrpcServer(f"unix:{tmp_path}/echo.sock", handlers)
    target = await server.start()
    async with grpc.aio.insecure_channel(target) as channel:
        yield Client(channel, TokenMinter(keys, clock))
    await server.stop(0)


async def test_a_caller_with_the_role_is_answered_as_themselves(client: Client) -> None:
    assert await client.call("Say", FINANCE, "hello") == "finance_officer: hello"


async def test_a_call_without_a_token_is_refused(client: Client, trail: ListTrail) -> None:
    refused = await failure(client.call("Say", None))

    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "TOKEN_MISSING")
    assert trail.entries == []


async def test_a_token_older_than_five_minutes_is_refused(client: Client, clock: FakeClock) -> None:
    metadata = client.bearer(FINANCE)
    content = message("SayRequest", text="a").SerializeToString()
    await client.raw("Say", content, metadata)

    clock.advance(minutes=5)
    refused = await failure(client.raw("Say", content, metadata))

    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")


async def test_a_token_for_other_services_is_refused(client: Client) -> None:
    refused = await failure(client.raw("Say", b"", client.bearer(FINANCE, "fund", "notify")))

    assert refused.reason == "TOKEN_WRONG_AUDIENCE"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer", "e30.e30."])
async def test_what_is_no_token_is_refused(client: Client, token: str) -> None:
    refused = await failure(client.raw("Say", b"", (("authorization", f"Bearer {token}"),)))

    assert (refused.code, refused.reason) == ("UNAUTHENTICATED", "TOKEN_INVALID")


@pytest.mark.parametrize(
    ("method", "who", "rule"),
    [
        pytest.param("Unnamed", FINANCE, "unnamed/unknown-action", id="no action in the contract"),
        pytest.param("Unlisted", FINANCE, "echo.unlisted/unknown-action", id="not in the table"),
        pytest.param("Say", AUDITOR, "echo.say/auditor/role", id="role not in the table"),
    ],
)
async def test_what_the_table_does_not_allow_is_refused_and_recorded(
    client: Client, trail: ListTrail, method: str, who: Principal, rule: str
) -> None:
    refused = await failure(client.call(method, who))

    assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "ACTION_NOT_ALLOWED")
    assert refused.metadata["rule"] == rule
    assert [(outcome, by) for _, outcome, by in trail.outcomes] == [("denied", rule)]


async def test_a_narrowed_token_does_only_what_it_is_narrowed_to(client: Client) -> None:
    narrow = Principal("E06000050", "k-1", "practitioner", scopes=frozenset({"echo.read"}))

    assert await client.call("Read", narrow) == "a"
    refused = await failure(client.call("Say", narrow))
    assert refused.metadata["rule"] == "echo.say/practitioner/scope"


async def test_every_field_that_breaks_a_rule_is_named_with_its_reason(client: Client) -> None:
    request = message("SayRequest", text="", parts=[message("SayRequest", text="x" * 11)])

    refused = await failure(client.raw("Say", request.SerializeToString(), client.bearer(FINANCE)))

    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")
    assert [(each.field, each.reason) for each in refused.violations] == [
        ("text", "STRING_MIN_LEN"),
        ("parts[0].text", "STRING_MAX_LEN"),
    ]


async def test_bytes_that_are_no_message_are_refused(client: Client) -> None:
    refused = await failure(client.raw("Say", b"\xff\xff\xff", client.bearer(FINANCE)))

    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "UNPARSABLE")


async def test_the_action_is_refused_before_the_fields(client: Client) -> None:
    refused = await failure(client.raw("Say", b"\xff", client.bearer(AUDITOR)))

    assert refused.code == "PERMISSION_DENIED"


async def test_a_refusal_reaches_the_caller_with_reason_field_and_values(client: Client) -> None:
    refused = await failure(client.call("Say", FINANCE, "full"))

    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "ECHO_FULL")
    assert refused.message == "no room for 3 more"
    assert refused.metadata == {"left": "3"}
    assert [(each.field, each.reason) for each in refused.violations] == [("text", "ECHO_FULL")]


async def test_our_own_mistake_is_internal_and_keeps_its_text_in(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging()

    refused = await failure(client.call("Say", FINANCE, "crash"))

    assert refused.code == "INTERNAL"
    assert "Lovelace" not in repr(refused)
    line = json.loads(capsys.readouterr().err)
    assert (line["code"], line["trace_id"]) == ("INTERNAL", refused.metadata["trace_id"])
    assert "builtins.ValueError" in line["exception"]
    assert "Lovelace" not in json.dumps(line)


async def test_a_call_ends_at_its_clients_deadline(client: Client) -> None:
    content = message("SayRequest", text="sleep").SerializeToString()

    refused = await failure(client.raw("Say", content, client.bearer(FINANCE), timeout=0.2))

    assert refused.code == "DEADLINE_EXCEEDED"


async def test_a_write_is_recorded_once_and_a_plain_read_is_not(
    client: Client, trail: ListTrail
) -> None:
    await client.call("Read", PRACTITIONER)
    await client.call("Say", PRACTITIONER)

    assert trail.outcomes == [("echo.say", "allowed", "echo.say/practitioner/own")]


async def test_a_read_that_can_show_a_person_is_recorded(client: Client, trail: ListTrail) -> None:
    await client.call("ReadPerson", PRACTITIONER)

    assert trail.outcomes == [("echo.read", "allowed", "echo.read/practitioner/own")]


async def test_another_school_is_refused_by_the_handler_and_recorded(
    client: Client, trail: ListTrail
) -> None:
    assert await client.call("Say", PRACTITIONER, "school", school="100001")

    refused = await failure(client.call("Say", PRACTITIONER, "school", school="100002"))

    assert refused.code == "PERMISSION_DENIED"
    assert [outcome for _, outcome, _ in trail.outcomes] == ["allowed", "denied"]


async def test_a_stream_of_answers_is_checked_and_served(client: Client) -> None:
    call: Any = client.channel.unary_stream(f"/{SERVICE}/Repeat")
    content = message("SayRequest", text="a").SerializeToString()

    answers = [answer async for answer in call(content, metadata=client.bearer(PRACTITIONER))]
    refused = await failure(anext(aiter(call(content, metadata=client.bearer(AUDITOR)))))

    assert answers == [message("Said", text=f"a {n}").SerializeToString() for n in range(3)]
    assert refused.code == "PERMISSION_DENIED"


async def test_every_message_of_a_stream_is_checked(client: Client) -> None:
    def stream(*texts: str) -> Awaitable[bytes]:
        requests = [message("SayRequest", text=text).SerializeToString() for text in texts]
        call: Any = client.channel.stream_unary(f"/{SERVICE}/Join")
        answer: Awaitable[bytes] = call(iter(requests), metadata=client.bearer(FINANCE))
        return answer

    joined: Message = message("Said").FromString(await stream("a", "b"))
    refused = await failure(stream("a", "x" * 11))

    assert joined == message("Said", text="a+b")
    assert [(each.field, each.reason) for each in refused.violations] == [
        ("text", "STRING_MAX_LEN")
    ]


async def test_calls_are_counted_by_rpc_and_code(client: Client) -> None:
    def count() -> float:
        labels = {"rpc": f"{SERVICE}/Say", "code": "UNAUTHENTICATED"}
        return REGISTRY.get_sample_value("grpc_server_handling_seconds_count", labels) or 0

    before = count()
    await failure(client.call("Say", None))

    assert count() == before + 1


async def test_health_is_served_without_a_token(client: Client) -> None:
    stub = health_pb2_grpc.HealthStub(client.channel)

    answer = await stub.Check(health_pb2.HealthCheckRequest(service=SERVICE))

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_servicer_without_a_method_of_its_contract_is_refused(
    clock: FakeClock, tmp_path: Path
) -> None:
    keys = TokenKeys(tmp_path)
    verifier = TokenVerifier(keys, "echo", clock)
    guard = Guard(actions=ACTIONS, verifier=verifier, trail=ListTrail(), clock=clock)

    with pytest.raises(AttributeError, match="Say"):
        handler_of(object(), SERVICE, guard)
