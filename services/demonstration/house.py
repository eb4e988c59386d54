"""A data directory of a demonstration: its people, its clock, and the sign that it is one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from services.chassis.settings import Settings
from services.demonstration.people import COUNCILS, Persona

MARK = "demonstration.json"
PERSONAS = "personas.json"
CLOCK = "clock.json"


class NotADemonstration(Exception):
    """The directory holds data that no demonstration made."""


@dataclass(frozen=True, slots=True)
class House:
    """Where a demonstration lives.

    Attributes:
        home: The data directory.
    """

    home: Path

    @property
    def told(self) -> bool:
        """Whether the story was told to its end here."""
        mark = self.home / MARK
        return mark.exists() and bool(json.loads(mark.read_text(encoding="utf-8"))["told"])

    def open(self) -> None:
        """Make the directory and its mark.

        Raises:
            NotADemonstration: There is something else in it, or a story that broke off.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = self.home / MARK
        if mark.exists():
            if not self.told:
                raise NotADemonstration(
                    f"{self.home} holds a demonstration that was not finished: remove it, or give "
                    "another directory with --data"
                )
            return
        if any(self.home.iterdir()):
            raise NotADemonstration(
                f"{self.home} is not empty and is not a demonstration: give another directory "
                "with --data"
            )
        self._write(MARK, {"told": False})

    def finish(self) -> None:
        """Record that the story was told."""
        self._write(MARK, {"told": True})

    def settings(self, **values: object) -> Settings:
        """Return settings for this directory: loopback, personas, the demonstration's clock."""
        return Settings.model_validate(
            {"data_dir": self.home, "clock_file": self.home / CLOCK, **values}
        )

    def people(self, casts: list[dict[str, Persona]]) -> None:
        """Write who a visitor can be."""
        entries = [
            {
                "id": persona.subject,
                "subject": persona.subject,
                "name": persona.title,
                "role": persona.role,
                "tenant": persona.tenant,
                "authority": COUNCILS[persona.tenant],
                "schools": list(persona.schools),
            }
            for cast in casts
            for persona in cast.values()
        ]
        self._write(PERSONAS, entries)

    def _write(self, name: str, content: object) -> None:
        (self.home / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
