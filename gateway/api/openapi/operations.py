"""One route of the contract as an OpenAPI operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.api.contract import Binding, Rpc, find_field, shape
from gateway.api.file_routes import FileRoute
from gateway.api.headers import requires
from gateway.api.json_reading import is_special
from gateway.api.openapi import constraints
from gateway.api.openapi.constraints import Schema
from gateway.api.openapi.schemas import Schemas, prose
from gateway.api.openapi.transfers import ending_parameter, file_content, file_response
from gateway.api.uploads import file_field

_HEADERS = {"request_id", "etag"}
_ALWAYS = (400, 401, 403, 404, 429, 500, 503, 504)


def path_of(binding: Binding) -> str:
    """Return the path as OpenAPI writes it: the pattern inside a variable is left out."""
    template = binding.template
    segments = list(template.segments)
    for variable in reversed(template.variables):
        segments[variable.start : variable.end] = ["{" + variable.name + "}"]
    verb = f":{template.verb}" if template.verb else ""
    return "/" + "/".join(segments) + verb


class Operations:
    """Writes operations and asks for the schemas that they need."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def operation(self, rpc: Rpc, binding: Binding, number: int) -> Schema:
        """Return an operation; `number` counts the bindings of one rpc from 0."""
        summary, _, description = prose(rpc.comment).partition(". ")
        name = f"{rpc.service}_{rpc.descriptor.name}" + (f"_{number + 1}" if number else "")
        operation: Schema = {
            "operationId": name,
            "summary": summary.removesuffix("."),
            "tags": [tag_of(rpc)],
            "security": [{"bearer": [rpc.action]}, {"session": [rpc.action]}],
            "x-action": rpc.action,
            "responses": self._responses(rpc, binding),
        }
        if description:
            operation["description"] = description
        parameters = [
            *self._path(rpc, binding),
            *self._query(rpc, binding),
            *_headers(rpc, binding),
        ]
        if parameters:
            operation["parameters"] = parameters
        if binding.body:
            operation["requestBody"] = self._body(rpc, binding)
        return operation

    def csv(self, rpc: Rpc, binding: Binding) -> Schema:
        """Return the operation of a list's CSV twin."""
        operation = self.operation(rpc, binding, 0)
        operation["operationId"] += "_csv"
        operation["summary"] += ", as CSV"
        operation["description"] = (
            "Every page, unless a page is named. Nested fields are columns with dotted names; "
            "text that a spreadsheet would run as a formula has an apostrophe in front."
        )
        content = {"text/csv": {"schema": {"type": "string"}}}
        operation["responses"]["200"] = {"description": "The rows.", "content": content}
        return operation

    def file(self, rpc: Rpc, route: FileRoute, number: int) -> tuple[str, Schema]:
        """Return a file's path and its operation; `number` counts the files of one rpc."""
        binding = Binding("GET", route.template, "", "")
        operation = self.operation(rpc, binding, 0)
        operation["operationId"] += f"_file{number + 1 if number else ''}"
        operation["summary"] += ", as a file"
        operation["responses"]["200"] = file_response(route)
        if not route.field:
            return path_of(binding) + "".join(f".{one}" for one in route.endings if one), operation
        parameters = [one for one in operation["parameters"] if one.get("name") != route.field]
        operation["parameters"] = [*parameters, ending_parameter(route)]
        return f"{path_of(binding)}.{{{route.field}}}", operation

    def _path(self, rpc: Rpc, binding: Binding) -> Iterator[Schema]:
        for variable in binding.template.variables:
            field = find_field(shape(rpc.request), variable.path)
            assert field is not None
            yield self._parameter(field, variable.name, "path", required=True)

    def _query(self, rpc: Rpc, binding: Binding) -> Iterator[Schema]:
        if binding.body == "*":
            return
        taken = {variable.path for variable in binding.template.variables} | {binding.body}
        if not rpc.read_only:
            taken |= _HEADERS
        for name, path, field in _leaves(shape(rpc.request), "", "", ()):
            if path not in taken and path.partition(".")[0] not in taken:
                yield self._parameter(field, name, "query", required=constraints.required(field))

    def _parameter(
        self, field: FieldDescriptor, name: str, place: str, *, required: bool
    ) -> Schema:
        schema = self._schemas.field(field)
        parameter: Schema = {"name": name, "in": place, "required": required}
        description = schema.pop("description", "")
        if description:
            parameter["description"] = description
        if place == "path" and schema.get("type") == "string":
            schema.setdefault("minLength", 1)
        return {**parameter, "schema": schema}

    def _body(self, rpc: Rpc, binding: Binding) -> Schema:
        request = shape(rpc.request)
        if binding.body == "*":
            bound = {variable.path for variable in binding.template.variables}
            schema = self._schemas.object(request, without=frozenset(bound))
            # Header or body may bring these two, so the body alone need not.
            needed = [
                name for name in schema.pop("required", []) if name not in {"requestId", "etag"}
            ]
            if needed:
                schema["required"] = needed
        else:
            schema = self._schemas.field(request.fields_by_name[binding.body])
        body: Schema = {
            "required": "required" in schema or binding.body != "*",
            "content": {"application/json": {"schema": schema}},
        }
        file = file_field(rpc) if binding.body == "*" else None
        if file is not None:
            body["content"] |= file_content(file)
            body["description"] = (
                f"As JSON; or `{file.field.json_name}` as it is, under any other content type, "
                "with the other fields as query parameters; or a form with both. The file has "
                f"at most {file.limit} bytes."
            )
        return body

    def _responses(self, rpc: Rpc, binding: Binding) -> Schema:
        answer = shape(rpc.answer)
        if binding.response_body:
            schema = self._schemas.field(answer.fields_by_name[binding.response_body])
        else:
            schema = self._schemas.reference(answer)
        streamed = rpc.descriptor.server_streaming
        if streamed and rpc.files and not rpc.files[0].answer.HasField("rows"):
            problems = self._problems(rpc, binding)
            return {"200": file_response(rpc.files[0]), **problems}
        media_type = "application/x-ndjson" if streamed else "application/json"
        success: Schema = {
            "description": "One line for each." if streamed else "The answer.",
            "content": {media_type: {"schema": schema}},
        }
        named = {"RateLimit": "RateLimit", "RateLimit-Policy": "RateLimitPolicy"}
        if "etag" in answer.fields_by_name and not binding.response_body:
            named["ETag"] = "ETag"
        if rpc.items and "next_page_token" in answer.fields_by_name:
            named["Link"] = "Link"
        success["headers"] = {
            name: {"$ref": f"#/components/headers/{component}"} for name, component in named.items()
        }
        return {"200": success, **self._problems(rpc, binding)}

    def _problems(self, rpc: Rpc, binding: Binding) -> Schema:
        return {
            str(status): {"$ref": f"#/components/responses/Problem{status}"}
            for status in sorted(_statuses(rpc, binding))
        }


def _statuses(rpc: Rpc, binding: Binding) -> set[int]:
    statuses = set(_ALWAYS)
    if binding.body:
        statuses |= {413, 415}
    if not rpc.read_only:
        statuses |= {409, 422}
    if not rpc.read_only and rpc.takes("etag"):
        statuses |= {412, 428}
    return statuses


def _headers(rpc: Rpc, binding: Binding) -> Iterator[Schema]:
    if rpc.read_only:
        return
    if rpc.takes("request_id"):
        name = "IdempotencyKey" if requires(rpc, "request_id") else "IdempotencyKeyOptional"
        yield {"$ref": f"#/components/parameters/{name}"}
    if rpc.takes("etag") and binding.method != "GET":
        name = "IfMatchRequired" if requires(rpc, "etag") else "IfMatch"
        yield {"$ref": f"#/components/parameters/{name}"}


def _leaves(
    descriptor: Descriptor, name: str, path: str, seen: tuple[str, ...]
) -> Iterator[tuple[str, str, FieldDescriptor]]:
    for field in descriptor.fields:
        here, proto = name + field.json_name, path + field.name
        inner = field.message_type
        if inner is None or (is_special(inner) and not field.is_repeated):
            yield here, proto, field
        elif not field.is_repeated and inner.full_name not in seen:
            deeper = (*seen, inner.full_name)
            yield from _leaves(inner, here + ".", proto + ".", deeper)


def tag_of(rpc: Rpc) -> str:
    """Return `Purchases` for `PurchasesService`."""
    service = cast("Any", rpc.descriptor.containing_service)
    return str(service.name).removesuffix("Service")
