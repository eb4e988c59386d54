"""`localresponse demo` and `localresponse token`."""

from __future__ import annotations

import sys
from pathlib import Path

from services.chassis import telemetry
from services.chassis.clock import SharedClock
from services.chassis.tokens import TokenKeys, TokenMinter
from services.cli import parts
from services.cli.progress import progress
from services.demonstration.house import CLOCK, House, NotADemonstration


def check() -> int:
    """Run the slice; 0 when every step held."""
    import uvloop

    from services.demonstration.check import check as run

    telemetry.configure_logging("error")
    return 0 if uvloop.run(run(parts.builders(), parts.web())) else 1


def visit(data: Path, port: int, *, leave: bool) -> int:
    """Serve the demonstration until told to stop; 2 when the directory is not one."""
    import uvloop

    from services.demonstration.visit import Visit

    telemetry.configure_logging("warning")
    house = House(data.expanduser().absolute())
    settings = house.settings(gateway_port=port, operations_port=0 if port == 0 else 9464)
    here = Visit(house, settings, parts.builders(), parts.web())
    try:
        with progress("Building the demonstration") as show:
            uvloop.run(here.run(show, leave=leave))
    except NotADemonstration as refusal:
        sys.stderr.write(f"localresponse: {refusal}\n")
        return 2
    return 0


def token(data: Path, persona: str) -> int:
    """Print a token for a persona; 2 when there is none of that id."""
    from gateway.identity.demo import load
    from services.demonstration.api import AUDIENCE

    house = House(data.expanduser().absolute())
    known = {each.id: each for each in load(house.home / "personas.json")}
    if persona not in known:
        there = ", ".join(known) or "none: run `localresponse demo` first"
        sys.stderr.write(f"localresponse: there is no persona {persona!r}; there are {there}\n")
        return 2
    clock = SharedClock(house.home / CLOCK)
    minter = TokenMinter(TokenKeys(house.settings().tokens_dir), clock)
    sys.stdout.write(minter.mint(known[persona].identity.principal(), AUDIENCE) + "\n")
    return 0
