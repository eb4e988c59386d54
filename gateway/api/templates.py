"""Path templates of google.api.http: read once at start, matched on every request.

Grammar (google/api/http.proto):

    Template = "/" Segments [ Verb ] ;
    Segments = Segment { "/" Segment } ;
    Segment  = "*" | "**" | LITERAL | Variable ;
    Variable = "{" FieldPath [ "=" Segments ] "}" ;
    FieldPath = IDENT { "." IDENT } ;
    Verb     = ":" LITERAL ;
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_TOKEN = re.compile(r"\*\*|[/*{}=:.]|[^/*{}=:.]+")
_IDENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENCODED_SLASH = re.compile("(%2[Ff])")


class TemplateError(ValueError):
    """A template in a proto breaks the grammar: a mistake of ours, found at start."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A field that the path binds: segments `start` to `end`; `end` is None after a `**`."""

    path: str
    start: int
    end: int | None
    multiple: bool

    @property
    def name(self) -> str:
        """The last step of the field's path, as people and OpenAPI name it."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Template:
    """One parsed template; `segments` hold literals, `*` or `**`, and `verb` may be empty."""

    text: str
    segments: tuple[str, ...]
    verb: str
    variables: tuple[Variable, ...]

    @property
    def open_ended(self) -> bool:
        """Whether the last segment takes any number of path segments."""
        return self.segments[-1] == "**"

    @property
    def rank(self) -> tuple[int, ...]:
        """A key by which the more literal template sorts first."""
        return tuple({"*": 1, "**": 2}.get(segment, 0) for segment in self.segments)

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """Return the decoded variables for raw (percent-encoded) segments, or None."""
        fixed = self.segments[:-1] if self.open_ended else self.segments
        if len(segments) < len(fixed) or (len(segments) > len(fixed) and not self.open_ended):
            return None
        for expected, given in zip(fixed, segments, strict=False):
            if expected == "*":
                if not given:
                    return None
            elif expected not in {given, unquote(given)}:
                return None
        return {item.path: _value(item, segments) for item in self.variables}


def _value(variable: Variable, segments: list[str]) -> str:
    taken = segments[variable.start : variable.end]
    if not variable.multiple:
        return unquote(taken[0], errors="strict")
    return "/".join(
        "".join(part if _ENCODED_SLASH.fullmatch(part) else unquote(part, errors="strict")
                for part in _ENCODED_SLASH.split(segment))
        for segment in taken
    )  # fmt: skip


@dataclass(slots=True)
class _Reader:
    text: str
    tokens: list[str]
    segments: list[str] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = expected or "more"
            raise TemplateError(f"{self.text}: expected {wanted}, found {token or 'the end'}")
        return self.tokens.pop(0)

    def read_segments(self, *, inside: bool) -> None:
        self.read_segment(inside=inside)
        while self.peek() == "/":
            self.take("/")
            self.read_segment(inside=inside)

    def read_segment(self, *, inside: bool) -> None:
        if "**" in self.segments:
            raise TemplateError(f"{self.text}: nothing but a verb may follow **")
        if self.peek() == "{":
            if inside:
                raise TemplateError(f"{self.text}: a variable may not hold another")
            self.read_variable()
            return
        self.segments.append(self.take() if self.peek() in {"*", "**"} else self.literal())

    def literal(self) -> str:
        parts = []
        while self.peek() and self.peek() not in {"/", "*", "**", "{", "}", "=", ":"}:
            parts.append(self.take())
        if not parts:
            raise TemplateError(f"{self.text}: an empty segment before {self.peek() or 'the end'}")
        return "".join(parts)

    def read_variable(self) -> None:
        self.take("{")
        names = [self.identifier()]
        while self.peek() == ".":
            self.take(".")
            names.append(self.identifier())
        start = len(self.segments)
        if self.peek() == "=":
            self.take("=")
            self.read_segments(inside=True)
        else:
            self.segments.append("*")
        self.take("}")
        path = ".".join(names)
        if any(known.path == path for known in self.variables):
            raise TemplateError(f"{self.text}: {path} is bound twice")
        covered = self.segments[start:]
        end = None if covered[-1] == "**" else len(self.segments)
        multiple = len(covered) > 1 or covered[-1] == "**"
        self.variables.append(Variable(path, start, end, multiple))

    def identifier(self) -> str:
        name = self.take()
        if not _IDENT.fullmatch(name):
            raise TemplateError(f"{self.text}: {name} is not a field name")
        return name


def parse(text: str) -> Template:
    """Read a template.

    Raises:
        TemplateError: It breaks the grammar, binds a field twice, or goes on after `**`.
    """
    reader = _Reader(text, _TOKEN.findall(text))
    reader.take("/")
    reader.read_segments(inside=False)
    verb = ""
    if reader.peek() == ":":
        reader.take(":")
        verb = reader.literal()
    if reader.tokens:
        raise TemplateError(f"{text}: unexpected {reader.peek()}")
    return Template(text, tuple(reader.segments), verb, tuple(reader.variables))
