"""`make bench`, or `python -m bench P1 P3` for some of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvloop

from bench.report import Result, heading, show
from services.chassis.telemetry import configure_logging

Bench = Callable[[], AsyncIterator[Result]]


def _benches() -> dict[str, Bench]:
    found = {}
    for file in sorted(Path(__file__).parent.glob("p[0-9]*_*.py")):
        module = importlib.import_module(f"bench.{file.stem}")
        found[f"P{int(file.stem[1:3])}"] = module.run
    return found


async def _main(wanted: list[str]) -> int:
    benches = _benches()
    unknown = [name for name in wanted if name not in benches]
    if unknown:
        print(f"there is no {', '.join(unknown)}; there are {', '.join(benches)}", file=sys.stderr)
        return 2
    configure_logging("error")
    heading()
    for name in wanted or benches:
        async for result in benches[name]():
            show(result)
    return 0


if __name__ == "__main__":
    sys.exit(uvloop.run(_main([name.upper() for name in sys.argv[1:]])))
