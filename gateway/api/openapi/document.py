"""The whole OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from gateway.api.contract import Contract, Rpc, shape
from gateway.api.openapi.constraints import Schema
from gateway.api.openapi.operations import Operations, path_of, tag_of
from gateway.api.openapi.schemas import Schemas, messages_within, prose
from gateway.api.problems import MEDIA_TYPE

_DESCRIPTION = """\
Everything that the pages can do, for programs. JSON is proto3 JSON: 64-bit numbers are strings,
times are RFC 3339, and unknown fields are refused. Every refusal is a problem (RFC 9457) whose
`type` says what it means; `GET /problems` lists them all. A write carries an Idempotency-Key:
sent again with the same key and input it answers the same and does nothing more."""

_STATUSES: dict[int, str] = {
    400: "A field, parameter, header or the body is wrong; `errors` names each.",
    401: "There is no token, or it is not good.",
    403: "The caller may not do this.",
    404: "Unknown, or not the caller's to know of.",
    409: "The state, or the money left, does not allow it.",
    412: "Somebody changed it since the ETag was read.",
    413: "The body, or the file in it, is larger than it may be.",
    415: "The body is not of a content type that the call takes.",
    422: "The Idempotency-Key was used before with other input.",
    428: "If-Match is missing.",
    429: "Too many requests; see Retry-After.",
    500: "A mistake of ours, logged under the trace id.",
    503: "A service behind the API does not answer; try again.",
    504: "A service took too long; a write may have happened, so send it again with its key.",
}


def document(contract: Contract, *, cookie: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a contract.

    Args:
        contract: What is served.
        cookie: Name of the session's cookie.
    """
    closed: set[str] = set()
    served = [rpc for rpc in contract.rpcs if rpc.bindings]
    for rpc in served:
        messages_within(shape(rpc.request), closed)
    schemas = Schemas(contract, closed)
    paths = _paths(served, Operations(schemas))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "localresponse",
            "version": version("localresponse"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": _tags(served, contract),
        "paths": paths,
        "components": {
            "schemas": {**dict(sorted(schemas.components.items())), "Problem": _problem()},
            "responses": {f"Problem{code}": _response(code) for code in _STATUSES},
            "parameters": _parameters(),
            "headers": _headers(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _paths(served: list[Rpc], operations: Operations) -> dict[str, Schema]:
    paths: dict[str, Schema] = {}
    for rpc in served:
        for number, binding in enumerate(rpc.bindings):
            path = path_of(binding)
            method = binding.method.lower()
            paths.setdefault(path, {})[method] = operations.operation(rpc, binding, number)
            named = not path.endswith("}") and not binding.template.verb
            if method == "get" and rpc.items is not None and named:
                paths[f"{path}.csv"] = {"get": operations.csv(rpc, binding)}
        for number, route in enumerate(rpc.files):
            path, operation = operations.file(rpc, route, number)
            paths[path] = {"get": operation}
    return dict(sorted(paths.items()))


def _tags(served: list[Rpc], contract: Contract) -> list[Schema]:
    tags: dict[str, str] = {}
    for rpc in served:
        service = rpc.descriptor.containing_service.full_name
        tags[tag_of(rpc)] = prose(contract.comments.get(service, ""))
    return [{"name": name, "description": text} for name, text in sorted(tags.items())]


def _problem() -> Schema:
    text = {"type": "string"}
    places = {"pointer": text, "parameter": text, "header": text, "detail": text}
    return {
        "type": "object",
        "description": "A refusal (RFC 9457).",
        "required": ["type", "title", "status", "detail", "reason"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "reason": {"type": "string", "description": "A stable name, such as POT_EXHAUSTED."},
            "errors": {
                "type": "array",
                "items": {"type": "object", "required": ["detail"], "properties": places},
            },
            "metadata": {"type": "object", "additionalProperties": text},
            "traceId": text,
        },
    }


def _response(code: int) -> Schema:
    schema = {"$ref": "#/components/schemas/Problem"}
    response: Schema = {
        "description": _STATUSES[code],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return response


def _parameters() -> dict[str, Schema]:
    return {
        "IdempotencyKey": _key(required=True),
        "IdempotencyKeyOptional": _key(required=False),
        "IfMatch": _if_match(required=False),
        "IfMatchRequired": _if_match(required=True),
    }


def _key(*, required: bool) -> Schema:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "A quoted string that names this write; a UUID by choice. `requestId` "
        "in the body does the same.",
        "schema": {"type": "string", "format": "uuid", "minLength": 1, "maxLength": 257},
    }


def _if_match(*, required: bool) -> Schema:
    return {
        "name": "If-Match",
        "in": "header",
        "required": required,
        "description": "The ETag that was read; `etag` in the body does the same.",
        "schema": {"type": "string", "pattern": '^"[!#-~]*"$'},
    }


def _headers() -> dict[str, Schema]:
    words = {
        "ETag": "The version, for If-Match and If-None-Match.",
        "Link": 'The next page, with rel="next"; absent on the last.',
        "RateLimit": "What is left of the quota (RateLimit header fields, draft 10).",
        "RateLimitPolicy": "The quota and its window in seconds.",
        "ContentDisposition": "The name to save the file under.",
        "ReprDigest": "SHA-256 of the whole file (RFC 9530).",
    }
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in words.items()
    }
