"""Secrets come from files: never from the environment, where every child process sees them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from services.chassis.keyfiles import refuse_readable

PREFIX = "LOCALRESPONSE_"


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `LOCALRESPONSE_<NAME>_FILE` for every setting that is a secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the file's content for a secret, None for every other setting."""
        if not is_secret(field):
            return None, field_name, False
        name = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not name:
            return None, field_name, False
        refuse_readable(Path(name))
        return Path(name).read_text(encoding="utf-8").strip(), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return every secret whose file is named."""
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None:
                found[key] = value
        return found


def is_secret(field: FieldInfo) -> bool:
    """Return whether the setting may only come from a file."""
    return "SecretStr" in repr(field.annotation)
