"""Addresses of files: which rpc's answer holds one, read from the `file` option of the contract."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.descriptor import Descriptor, MethodDescriptor
from localresponse.options.v1 import options_pb2

from gateway.api.templates import Template, TemplateError, parse

_CHOSEN = re.compile(r"(.*)\.\{([a-z_]+)\}")
_FIXED = re.compile(r"(.*)\.([a-z0-9]+)")

Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class FileRoute:
    """One address of a file.

    Attributes:
        template: The path, without its ending.
        endings: What may come after the last dot, and the enum value's name that it stands for;
            a fixed ending stands for nothing, and a path without one has the ending "".
        field: The request's field that an ending sets; empty when it sets none.
        answer: What the option says of the file.
    """

    template: Template
    endings: Mapping[str, str]
    field: str
    answer: options_pb2.FileAnswer

    def variables(self, ending: str) -> dict[str, str]:
        """Return what an ending binds besides the path's own variables."""
        return {self.field: self.endings[ending]} if self.field else {}


def of_method(method: MethodDescriptor) -> tuple[FileRoute, ...]:
    """Return the addresses that a method declares.

    Raises:
        TemplateError: The path breaks the grammar, or its ending is no annotated enum.
    """
    declared = method.GetOptions().Extensions[options_pb2.file]
    return tuple(_route(one, method.input_type) for one in declared)


def _route(answer: options_pb2.FileAnswer, request: Descriptor) -> FileRoute:
    chosen = _CHOSEN.fullmatch(answer.path)
    if chosen:
        endings = _endings(request, chosen[2])
        return FileRoute(parse(chosen[1]), endings, chosen[2], answer)
    fixed = _FIXED.fullmatch(answer.path)
    if fixed:
        return FileRoute(parse(fixed[1]), {fixed[2]: ""}, "", answer)
    return FileRoute(parse(answer.path), {"": ""}, "", answer)


def _endings(request: Descriptor, name: str) -> dict[str, str]:
    field: Any = request.fields_by_name.get(name)
    values = field.enum_type.values if field is not None and field.enum_type else ()
    found = {value.GetOptions().Extensions[options_pb2.ending]: value.name for value in values}
    found.pop("", None)
    if not found:
        raise TemplateError(f"{request.full_name}.{name} has no endings")
    return found


class FileRoutes(Generic[Owner]):
    """Finds the file that a path means, among all that the owners declare."""

    def __init__(self, declared: Iterable[tuple[Owner, FileRoute]]) -> None:
        self._by_ending: dict[str, list[tuple[Owner, FileRoute]]] = defaultdict(list)
        for owner, route in declared:
            for ending in route.endings:
                self._by_ending[ending].append((owner, route))

    def find(self, raw_path: str) -> tuple[Owner, FileRoute, dict[str, str]] | None:
        """Return the owner, the route and the variables of a percent-encoded path, or None.

        Raises:
            UnicodeDecodeError: A segment decodes to bytes that are not UTF-8.
        """
        return next(self._found(raw_path), None)

    def _found(self, raw_path: str) -> Iterator[tuple[Owner, FileRoute, dict[str, str]]]:
        head, _, last = raw_path.removeprefix("/").rpartition("/")
        stem, _, ending = last.rpartition(".")
        for name, ended in ((stem, ending), (last, "")):
            for owner, route in self._by_ending.get(ended, ()):
                variables = route.template.match([*head.split("/"), name])
                if variables is not None:
                    yield owner, route, {**variables, **route.variables(ended)}
