"""The register behind its real server: a stream of columns, and a file as large as it may be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import children_service_pb2_grpc as children_rpc
from localresponse.outcomes.v1 import register_service_pb2 as pb
from localresponse.outcomes.v1 import register_service_pb2_grpc as rpc
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb
from localresponse.outcomes.v1 import schools_service_pb2_grpc as schools_rpc

from services.chassis.clock import SystemClock
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.outcomes.app import build
from tests.outcomes.authority import ADMINISTRATOR, MANAGER, MONDAY, URN, on, rid, upn

EPOCH = date(1970, 1, 1)
BLANK = b" " * 1022 + b"\r\n"


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Running]:
    settings = Settings(data_dir=tmp_path, operations_port=0, gateway_port=0)
    async with running(settings, services=[build]) as process:
        yield process


@pytest.fixture
async def channel(process: Running) -> AsyncIterator[grpc.aio.Channel]:
    options = [("grpc.max_send_message_length", 1 << 26)]
    async with grpc.aio.insecure_channel(process.targets["outcomes"], options=options) as channel:
        await _prepare(process, channel)
        yield channel


def bearer(process: Running, who: Any = ADMINISTRATOR) -> tuple[tuple[str, str], ...]:
    minter = TokenMinter(TokenKeys(process.settings.tokens_dir), SystemClock())
    return (("authorization", f"Bearer {minter.mint(who, ('outcomes',))}"),)


async def _prepare(process: Running, channel: grpc.aio.Channel) -> None:
    metadata = bearer(process)
    schools: Any = schools_rpc.SchoolsServiceStub(channel)
    children: Any = children_rpc.ChildrenServiceStub(channel)
    school = schools_pb.School(urn=URN, name="A school", phase=schools_pb.PHASE_PRIMARY)
    span = schools_pb.CalendarSpan(
        first_date=on(MONDAY), last_date=on(MONDAY), kind=schools_pb.DAY_KIND_OPEN
    )
    columns = children_pb.ChildColumns(upns=[upn(1), upn(2)], first_dates=["2024-09-01"] * 2)
    await schools.UpsertSchool(
        schools_pb.UpsertSchoolRequest(request_id=rid(), school=school), metadata=metadata
    )
    await schools.SetCalendar(
        schools_pb.SetCalendarRequest(request_id=rid(), spans=[span]), metadata=metadata
    )
    await children.ImportChildren(
        children_pb.ImportChildrenRequest(request_id=rid(), urn=URN, columns=columns),
        metadata=metadata,
    )


def header(**fields: Any) -> pb.ImportRegisterRequest:
    values = {"request_id": rid(), "source": "a test", **fields}
    return pb.ImportRegisterRequest(header=pb.RegisterHeader(**values))


def chunk(places: Sequence[int], sessions: Sequence[int], **fields: Any) -> Any:
    count = len(places)
    values = {
        "urns": [URN],
        "children": [upn(1), upn(2)],
        "codes": ["/", "I"],
        "urn_index": np.zeros(count, "<u2").tobytes(),
        "child_index": np.array(places, "<u4").tobytes(),
        "day": np.full(count, (MONDAY - EPOCH).days, "<u4").tobytes(),
        "session": np.array(sessions, "u1").tobytes(),
        "code_index": np.zeros(count, "u1").tobytes(),
        **fields,
    }
    return pb.ImportRegisterRequest(chunk=pb.RegisterChunk(**values))


async def send(
    process: Running, channel: grpc.aio.Channel, *messages: Any, who: Any = ADMINISTRATOR
) -> Any:
    stub: Any = rpc.RegisterServiceStub(channel)
    return await stub.ImportRegister(iter(messages), metadata=bearer(process, who))


async def refusal(process: Running, channel: grpc.aio.Channel, *messages: Any, **who: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await send(process, channel, *messages, **who)
    status: Any = rpc_status.from_call(error.value)
    info = ErrorInfo()
    status.details[0].Unpack(info)
    return str(info.reason)


async def test_chunks_of_columns_are_one_import(
    process: Running, channel: grpc.aio.Channel
) -> None:
    other = chunk([0, 1], [0, 1], children=[upn(2), upn(1)], codes=["I"])

    done = await send(process, channel, header(), chunk([0], [0]), other)

    assert (done.marks, done.marks_added, done.children) == (3, 3, 2)
    assert done.imported_by == "administrator"
    assert len(done.sha256) == 64


async def test_a_stream_is_refused_for_its_own_reason(
    process: Running, channel: grpc.aio.Channel
) -> None:
    answers = [
        await refusal(process, channel, chunk([0], [0])),
        await refusal(process, channel, header(), header()),
        await refusal(process, channel, header(), chunk([0], [0, 1])),
        await refusal(process, channel, header(), chunk([7], [0])),
        await refusal(process, channel, header(), chunk([0], [2])),
        await refusal(process, channel, header(), chunk([0], [0], day=b"abc")),
        await refusal(process, channel, header(), chunk([0, 0], [0, 0])),
        await refusal(process, channel, header(), chunk([0], [0], urns=["999999"])),
        await refusal(process, channel, header(), chunk([0], [0], urns=["x"])),
        await refusal(process, channel, header(request_id="x")),
        await refusal(process, channel, header(), chunk([0], [0]), who=MANAGER),
    ]

    assert answers == [
        *["STREAM_INVALID"] * 6,
        "ROWS_REFUSED",
        "ROWS_REFUSED",
        "INVALID_FIELD",
        "INVALID_FIELD",
        "ACTION_NOT_ALLOWED",
    ]


async def test_a_stream_sent_again_is_answered_as_before(
    process: Running, channel: grpc.aio.Channel
) -> None:
    request_id = rid()

    first = await send(process, channel, header(request_id=request_id), chunk([0], [0]))
    again = await send(process, channel, header(request_id=request_id), chunk([0], [0]))

    assert first == again
    reason = await refusal(process, channel, header(request_id=request_id), chunk([1], [0]))
    assert reason == "REQUEST_ID_REUSED"


async def test_a_file_of_fifteen_megabytes_is_taken_and_more_is_refused(
    process: Running, channel: grpc.aio.Channel
) -> None:
    row = f"{upn(1)},{MONDAY},AM,/\r\n".encode()
    content = b"upn,date,session,code\r\n" + row + BLANK * (14 << 10)
    stub: Any = rpc.RegisterServiceStub(channel)
    request = pb.ImportRegisterFileRequest(
        request_id=rid(), urn=URN, source="large.csv", content=content
    )

    done = await stub.ImportRegisterFile(request, metadata=bearer(process))

    assert done.marks == 1
    request.content = content + BLANK * (2 << 10)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await stub.ImportRegisterFile(request, metadata=bearer(process))
    assert error.value.code() in {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
