"""One rpc of one HTTP request: deadline, metadata, and refusals read back as problems."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import Message

from gateway import refusals
from gateway.api.contract import Rpc
from gateway.api.pointers import problem
from gateway.api.routing import Match
from gateway.channels import Channels

DEADLINE_S = 30.0
STREAM_DEADLINE_S = 600.0

Part = TypeVar("Part")


def bound(rpc: Rpc, kind: Callable[..., Any]) -> Any:
    """Return an rpc that can be called.

    Args:
        rpc: Of the contract.
        kind: The method of its service's channel for what it streams, such as `unary_stream`.
    """
    return kind(
        rpc.path,
        request_serializer=rpc.request.SerializeToString,
        response_deserializer=rpc.answer.FromString,
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is ready to be made, as often as its pages need."""

    channels: Channels
    match: Match
    message: Message
    metadata: tuple[tuple[str, str], ...]
    conditional: bool = False

    async def unary(self, message: Message | None = None) -> Message:
        """Return the one answer.

        Raises:
            Problem: The service refused, or does not answer.
        """
        rpc = self.match.rpc
        call = bound(rpc, self.channels[rpc.service].unary_unary)
        sent = self.message if message is None else message
        try:
            answer = await call(sent, timeout=DEADLINE_S, metadata=self.metadata)
        except grpc.aio.AioRpcError as error:
            raise self._problem(error) from None
        return cast("Message", answer)

    async def stream(self) -> AsyncGenerator[Message]:
        """Return the answers of a server stream as they come.

        Raises:
            Problem: As `unary`, at any moment.
        """
        rpc = self.match.rpc
        call = bound(rpc, self.channels[rpc.service].unary_stream)
        answers = call(self.message, timeout=STREAM_DEADLINE_S, metadata=self.metadata)
        try:
            async for answer in answers:
                yield answer
        except grpc.aio.AioRpcError as error:
            raise self._problem(error) from None
        finally:
            # A reader that leaves early ends the call; after the last answer this does nothing.
            answers.cancel()

    def _problem(self, error: grpc.aio.AioRpcError) -> Exception:
        return problem(refusals.of_call(error), self.match, conditional=self.conditional)


async def started(parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
    """Wait for the first part, so that an early refusal still has a status of its own."""
    try:
        first = [await anext(parts)]
    except StopAsyncIteration:
        first = []

    async def going_on() -> AsyncIterator[Part]:
        for part in first:
            yield part
        async for part in parts:
            yield part

    return going_on()
