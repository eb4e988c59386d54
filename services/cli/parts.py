"""Every part of the product by name; with `services/__main__.py` the only place that knows all."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.service import ServiceBuilder, WebBuilder

SERVICES = ("fund", "outcomes", "notify")


def builders(names: Sequence[str] = SERVICES) -> list[ServiceBuilder]:
    """Return the composition roots of the named services, importing no other."""
    found: list[ServiceBuilder] = []
    for name in names:
        match name:
            case "fund":
                import services.fund.app

                found.append(services.fund.app.build)
            case "outcomes":
                import services.outcomes.app

                found.append(services.outcomes.app.build)
            case "notify":
                import services.notify.app

                found.append(services.notify.app.build)
            case _:
                raise ValueError(f"there is no service {name!r}; there are {', '.join(SERVICES)}")
    return found


def web() -> WebBuilder:
    """Return the gateway's composition root."""
    from gateway import app

    return app.build
