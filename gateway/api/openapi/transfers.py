"""Files in the OpenAPI document: how they come, and how they are sent."""

from __future__ import annotations

from gateway.api.file_routes import FileRoute
from gateway.api.openapi.constraints import Schema
from gateway.api.uploads import FileField

_NAMED = {
    "ETag": "ETag",
    "RateLimit": "RateLimit",
    "RateLimit-Policy": "RateLimitPolicy",
    "Content-Disposition": "ContentDisposition",
    "Repr-Digest": "ReprDigest",
}


def file_response(route: FileRoute) -> Schema:
    """Return the answer that is a file; its media type is the service's to say."""
    fixed = route.answer.media_type
    media_type = fixed.partition(";")[0] if "/" in fixed else "*/*"
    names = (
        _NAMED
        if route.answer.sha256
        else {name: named for name, named in _NAMED.items() if name not in {"ETag", "Repr-Digest"}}
    )
    return {
        "description": "The file, as it is.",
        "content": {media_type: {}},
        "headers": {
            name: {"$ref": f"#/components/headers/{named}"} for name, named in names.items()
        },
    }


def ending_parameter(route: FileRoute) -> Schema:
    """Return the part of the path that chooses the file's form."""
    return {
        "name": route.field,
        "in": "path",
        "required": True,
        "description": "The form, as the ending of the file's name.",
        "schema": {"type": "string", "enum": list(route.endings)},
    }


def file_content(file: FileField) -> dict[str, Schema]:
    """Return the ways, besides JSON, in which a body may bring a file."""
    name = file.field.json_name
    form: Schema = {
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "string", "format": "binary"}},
        "additionalProperties": {"type": "string"},
    }
    return {"application/octet-stream": {"schema": {}}, "multipart/form-data": {"schema": form}}
