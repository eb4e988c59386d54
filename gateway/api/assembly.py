"""An HTTP request put together as the rpc's request message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from starlette.requests import Request

from gateway.api import bodies, headers
from gateway.api.contract import Rpc, shape
from gateway.api.json_reading import Reader
from gateway.api.problems import FieldError, Problem
from gateway.api.queries import PARAMETERS_MAX, bind_path, bind_query
from gateway.api.routing import Match


@dataclass(frozen=True, slots=True)
class Assembled:
    """A request message; `conditional` says that If-Match was given."""

    message: Message
    conditional: bool


async def assemble(request: Request, match: Match) -> Assembled:
    """Read path, query, body and headers into one message.

    Raises:
        Problem: The first kind of fault found; faults of fields are gathered.
    """
    rpc, binding = match.rpc, match.binding
    message = rpc.request()
    content = await bodies.read(request)
    content_type = request.headers.get("content-type", "")
    file = file_field(rpc) if binding.body == "*" else None
    raw = file is not None and bool(content) and not bodies.is_json(content_type)
    if raw and file is not None:
        setattr(message, file.name, content)
        errors = []
    else:
        errors = _body(message, match, content, content_type)
    errors += _path(message, match)
    errors += _query(message, match, request.scope["query_string"], file=file if raw else None)
    if errors:
        raise invalid(errors)
    headers.bind_idempotency_key(rpc, message, request.headers)
    conditional = binding.method != "GET" and headers.bind_if_match(rpc, message, request.headers)
    return Assembled(message, conditional)


def file_field(rpc: Rpc) -> FieldDescriptor | None:
    """Return the one `bytes` field of a request, which a body that is no JSON may be as it is."""
    found = [one for one in shape(rpc.request).fields if one.type == FieldDescriptor.TYPE_BYTES]
    return found[0] if len(found) == 1 and not found[0].is_repeated else None


def _body(message: Message, match: Match, content: bytes, content_type: str) -> list[FieldError]:
    body = match.binding.body
    if not body:
        return [FieldError("this call takes no body", pointer="#")] if content else []
    reader = Reader()
    value = bodies.as_json(content, content_type)
    if body == "*":
        reader.message(message, value)
    elif content:
        reader.field(message, shape(message).fields_by_name[body], value, "#")
    return reader.errors


def _path(message: Message, match: Match) -> list[FieldError]:
    if match.binding.body != "*":
        return bind_path(message, match.variables)
    given = {path: _at(message, path) for path in match.variables}
    errors = bind_path(message, match.variables)
    for path, value in given.items():
        if value and value != _at(message, path):
            pointer = "#/" + path.replace(".", "/")
            errors.append(FieldError("differs from the path", pointer=pointer))
    return errors


def _at(message: Message, path: str) -> Any:
    value: Any = message
    for step in path.split("."):
        value = getattr(value, step)
    return value


def _query(
    message: Message, match: Match, query: bytes, *, file: FieldDescriptor | None
) -> list[FieldError]:
    if not query:
        return []
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        return [FieldError(f"not UTF-8, or more than {PARAMETERS_MAX} parameters", parameter="*")]
    body = match.binding.body if file is None else file.name
    if body == "*":
        return [FieldError("this call takes no parameters", parameter=pairs[0][0])] if pairs else []
    taken = {*match.variables, body} if body else set(match.variables)
    return bind_query(message, pairs, taken=taken)


def invalid(errors: list[FieldError]) -> Problem:
    """Return the problem that holds these faults; the first makes the sentence."""
    first = errors[0]
    where = first.pointer or first.parameter or first.header
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem("INVALID_FIELD", f"{where}: {first.detail}{more}.", errors=tuple(errors))
