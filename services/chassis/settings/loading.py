"""Reading the settings, or saying what is wrong with them."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from pydantic import ValidationError

from services.chassis.settings.model import Settings
from services.chassis.settings.secret_files import PREFIX, is_secret

_TESTS = f"{PREFIX}TEST_"


def load(**values: Any) -> Settings:
    """Read the settings, or end the process with 2 and say what is wrong, without any value.

    Args:
        values: From the command line; they go before the environment.
    """
    known = {
        f"{PREFIX}{name}{'_FILE' if is_secret(field) else ''}".upper()
        for name, field in Settings.model_fields.items()
    }
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and not name.startswith(_TESTS) and name not in known
    )
    if unknown:
        _exit([_unknown(name, known) for name in unknown])
    try:
        return Settings(**values)
    except ValidationError as error:
        _exit([_sentence(part["loc"], part["msg"]) for part in error.errors(include_input=False)])
    except ValueError as error:
        _exit([str(error)])


def _unknown(name: str, known: set[str]) -> str:
    if f"{name}_FILE" in known:
        return f"{name} is a secret: put it in a file of mode 0600 and name that in {name}_FILE"
    return f"{name}: there is no such setting"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    reason = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {reason}" if location else reason


def _exit(sentences: list[str]) -> NoReturn:
    for sentence in sentences:
        sys.stderr.write(f"localresponse: {sentence}\n")
    raise SystemExit(2)
