"""Which rpc a method and path mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.api.contract import Binding, Rpc
from gateway.api.file_routes import FileRoute, FileRoutes
from gateway.api.templates import TemplateError

_OPEN = -1


@dataclass(frozen=True, slots=True)
class Match:
    """The rpc found, with the decoded values of the path's variables.

    `file` is there when the answer goes out as a file's bytes.
    """

    rpc: Rpc
    binding: Binding
    variables: dict[str, str]
    file: FileRoute | None = None


class Routes:
    """A table of bindings by method, verb and number of segments; literals win over `*`."""

    def __init__(self, rpcs: Iterable[Rpc]) -> None:
        rpcs = tuple(rpcs)
        self._files = FileRoutes((rpc, route) for rpc in rpcs for route in rpc.files)
        self._table: dict[tuple[str, str, int], list[tuple[Rpc, Binding]]] = defaultdict(list)
        self._methods: set[str] = set()
        seen: dict[tuple[str, str, tuple[str, ...]], Rpc] = {}
        for rpc in rpcs:
            for binding in rpc.bindings:
                template = binding.template
                same = (binding.method, template.verb, template.segments)
                if same in seen:
                    other = seen[same].path
                    raise TemplateError(f"{template.text} means both {other} and {rpc.path}")
                seen[same] = rpc
                count = _OPEN if template.open_ended else len(template.segments)
                self._table[binding.method, template.verb, count].append((rpc, binding))
                self._methods.add(binding.method)
        for candidates in self._table.values():
            candidates.sort(key=lambda found: found[1].template.rank)

    def find(self, method: str, raw_path: str) -> Match | None:
        """Return the binding for a percent-encoded path, or None; a file's address comes first.

        Raises:
            UnicodeDecodeError: A segment decodes to bytes that are not UTF-8.
        """
        file = self._files.find(raw_path)
        if file is not None:
            rpc, route, variables = file
            binding = Binding("GET", route.template, "", "")
            return Match(rpc, binding, variables, route) if method == "GET" else None
        segments = raw_path.removeprefix("/").split("/")
        head, colon, verb = segments[-1].rpartition(":")
        if colon and verb:
            named = [*segments[:-1], head]
            found = self._among(method, verb, named)
            # A verb of another method's is still a verb, not the end of an id.
            if found is not None or any(self._among(one, verb, named) for one in self._methods):
                return found
        return self._among(method, "", segments)

    def allowed(self, raw_path: str) -> list[str]:
        """Return the methods that the path knows, in alphabetical order."""
        methods = self._methods | {"GET"}
        return sorted(method for method in methods if self.find(method, raw_path))

    def _among(self, method: str, verb: str, segments: list[str]) -> Match | None:
        for rpc, binding in self._candidates(method, verb, len(segments)):
            variables = binding.template.match(segments)
            if variables is not None:
                streamed = rpc.descriptor.server_streaming and rpc.files
                whole = streamed and not rpc.files[0].answer.HasField("rows")
                return Match(rpc, binding, variables, rpc.files[0] if whole else None)
        return None

    def _candidates(self, method: str, verb: str, count: int) -> Iterator[tuple[Rpc, Binding]]:
        yield from self._table.get((method, verb, count), ())
        yield from self._table.get((method, verb, _OPEN), ())
