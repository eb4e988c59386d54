"""An HTTP request put together as the rpc's request message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.message import Message
from starlette.requests import Request

from gateway.api import bodies, headers, uploads
from gateway.api.bodies import Allowance
from gateway.api.contract import shape
from gateway.api.json_reading import Reader
from gateway.api.problems import FieldError, Problem
from gateway.api.queries import PARAMETERS_MAX, bind_path, bind_query
from gateway.api.routing import Match
from gateway.api.uploads import FileField, file_field


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
    content_type = request.headers.get("content-type", "")
    file = file_field(rpc) if binding.body == "*" else None
    allowance = file.allowance(content_type) if file else Allowance()
    content = await bodies.read(request, allowance)
    raw = file is not None and bool(content) and not bodies.is_json(content_type)
    if raw and file is not None:
        errors = await _file(message, match, content, content_type, file=file)
    else:
        errors = _body(message, match, content, content_type)
        if file is not None:
            file.check(getattr(message, file.field.name))
    errors += _path(message, match)
    owned = file.field.name if raw and file else binding.body
    errors += _query(message, match, request.scope["query_string"], body=owned)
    if errors:
        raise invalid(errors)
    headers.bind_idempotency_key(rpc, message, request.headers)
    conditional = binding.method != "GET" and headers.bind_if_match(rpc, message, request.headers)
    return Assembled(message, conditional)


async def _file(
    message: Message, match: Match, content: bytes, content_type: str, *, file: FileField
) -> list[FieldError]:
    """Fill the file's field from a raw body or a form, whose other fields are parameters."""
    if not uploads.is_form(content_type):
        setattr(message, file.field.name, content)
        return []
    form = await uploads.read_form(content, content_type, file)
    file.check(form.content)
    setattr(message, file.field.name, form.content)
    errors = bind_query(message, form.pairs, taken={*match.variables, file.field.name})
    if file.name_field and form.file_name and not getattr(message, file.name_field):
        setattr(message, file.name_field, form.file_name)
    return errors


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


def _query(message: Message, match: Match, query: bytes, *, body: str) -> list[FieldError]:
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
