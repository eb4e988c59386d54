"""Demo sign-in: choose who to be, with no password, from this machine only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.identity.provider import Identity, SignInRefused
from services.chassis.settings import Settings, is_loopback

PERSONAS_FILE = "personas.json"
CHOOSE_PATH = "/sign-in"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to be: `id` is what the form and the command line name."""

    id: str
    identity: Identity


def load(path: Path) -> list[Persona]:
    """Read the personas, in the file's order; none when there is no file yet.

    The file is a JSON list of objects with `id`, `subject`, `name`, `role`, `tenant`,
    `authority` and `schools` (a list of URNs).

    Raises:
        ValueError: The file is not of that shape.
    """
    if not path.exists():
        return []
    try:
        return [_persona(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} is not a list of personas: {error!r}") from None


def _persona(entry: dict[str, Any]) -> Persona:
    identity = Identity(
        subject=entry["subject"],
        name=entry["name"],
        role=entry["role"],
        tenant=entry["tenant"],
        authority=entry["authority"],
        schools=tuple(entry.get("schools", ())),
    )
    return Persona(entry.get("id", identity.subject), identity)


class DemoProvider:
    """Lets anybody on this machine be any persona of the file.

    Args:
        settings: Must say `sign_in = demo` and a loopback host.

    Raises:
        ValueError: They do not.
    """

    name = "demo"

    def __init__(self, settings: Settings) -> None:
        if settings.sign_in != "demo" or not is_loopback(settings.gateway_host):
            raise ValueError("demo sign-in is for demo mode on a loopback address only")
        self._path = settings.data_dir / PERSONAS_FILE

    def personas(self) -> list[Persona]:
        """Return who there is to be, as the file says now."""
        return load(self._path)

    async def begin(self, request: Request) -> Response:  # noqa: ARG002  (the port's shape)
        """Send the browser to the page on which a persona is chosen."""
        return RedirectResponse(CHOOSE_PATH, 303)

    async def complete(self, request: Request) -> Identity:
        """Return the persona that the form names in `persona`.

        Raises:
            SignInRefused: There is none of that name, or the call is not from this machine.
        """
        if request.client is not None and not is_loopback(request.client.host):
            raise SignInRefused("demo sign-in works on this machine only")
        async with request.form() as form:
            chosen = form.get("persona")
        for persona in self.personas():
            if persona.id == chosen:
                return persona.identity
        raise SignInRefused("there is no such persona", field="persona")
