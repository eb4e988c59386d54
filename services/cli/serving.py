"""`localresponse serve`: one service, the gateway, or all of them in one process."""

from __future__ import annotations

from services.chassis import settings as chassis_settings
from services.chassis.runtime import serve
from services.cli import parts


def run(part: str) -> None:
    """Serve `part` (`fund`, `outcomes`, `notify`, `gateway` or `all`) until told to stop.

    Raises:
        SystemExit: 2, when the settings or the part's name are wrong.
    """
    settings = chassis_settings.load()
    names = parts.SERVICES if part == "all" else (part,) if part in parts.SERVICES else ()
    serve(
        settings,
        services=parts.builders(names),
        web=parts.web() if part in {"gateway", "all"} else None,
    )
