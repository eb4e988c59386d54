"""A file in a request: raw, in a multipart form, or as base64 in JSON; never over its limit.

The limit is what the contract says of the field (`max_len`), else ten megabytes. Bytes are
counted while they arrive, so that a larger body is refused before it is held.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.api.bodies import BODY_MAX, Allowance, is_json, media_type
from gateway.api.contract import Rpc, shape
from gateway.api.problems import FieldError, Problem
from gateway.api.queries import PARAMETERS_MAX

# What may stand beside a file in a form, or around its base64 in JSON.
_BESIDE_MAX = 256 * 1024
_NAMES = ("name", "file_name")


@dataclass(frozen=True, slots=True)
class FileField:
    """The one `bytes` field of a request that a body may fill.

    Attributes:
        field: Its descriptor.
        limit: The most bytes that it may have.
        name_field: The field that a form's own file name fills; empty when there is none.
    """

    field: FieldDescriptor
    limit: int
    name_field: str

    def allowance(self, content_type: str) -> Allowance:
        """Return how long a body of this type may be."""
        pointer = f"#/{self.field.json_name}"
        if is_json(content_type):
            return Allowance(self.limit * 4 // 3 + _BESIDE_MAX, self.limit, pointer)
        beside = _BESIDE_MAX if is_form(content_type) else 0
        return Allowance(self.limit + beside, self.limit, pointer)

    def check(self, content: bytes) -> None:
        """Do nothing when the file is not over its limit.

        Raises:
            Problem: PAYLOAD_TOO_LARGE, with the field and the limit.
        """
        if len(content) > self.limit:
            raise Allowance(self.limit, self.limit, f"#/{self.field.json_name}").exceeded()


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form: its file, the file's own name, and the other fields as text."""

    content: bytes
    file_name: str
    pairs: list[tuple[str, str]]


def file_field(rpc: Rpc) -> FileField | None:
    """Return the field that a body may fill; None when there is not exactly one."""
    fields = shape(rpc.request).fields
    found = [one for one in fields if one.type == FieldDescriptor.TYPE_BYTES]
    if len(found) != 1 or found[0].is_repeated:
        return None
    rules = found[0].GetOptions().Extensions[validate_pb2.field].bytes
    limit = rules.max_len if rules.HasField("max_len") else BODY_MAX
    names = [name for name in _NAMES if rpc.takes(name)]
    return FileField(found[0], limit, names[0] if names else "")


def is_form(content_type: str) -> bool:
    """Whether a Content-Type says a multipart form."""
    return media_type(content_type) == "multipart/form-data"


async def read_form(content: bytes, content_type: str, file: FileField) -> Form:
    """Return what a multipart form holds.

    Raises:
        Problem: INVALID_FIELD when it is broken, or has not one file under the field's name.
    """

    async def stream() -> AsyncGenerator[bytes, None]:
        yield content

    headers = Headers({"content-type": content_type})
    parser = MultiPartParser(
        headers, stream(), max_files=1, max_fields=PARAMETERS_MAX, max_part_size=_BESIDE_MAX
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise _refused("is not in a multipart form that can be read", file) from None
    uploads = [(name, one) for name, one in form.multi_items() if isinstance(one, UploadFile)]
    pairs = [(name, one) for name, one in form.multi_items() if isinstance(one, str)]
    try:
        if len(uploads) != 1 or uploads[0][0] not in {file.field.name, file.field.json_name}:
            raise _refused(f"needs one file, in the part `{file.field.json_name}`", file)
        upload = uploads[0][1]
        return Form(await upload.read(), upload.filename or "", pairs)
    finally:
        await form.close()


def _refused(detail: str, file: FileField) -> Problem:
    error = FieldError(detail, pointer=f"#/{file.field.json_name}")
    return Problem("INVALID_FIELD", f"{error.pointer}: {detail}.", errors=(error,))
