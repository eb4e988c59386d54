"""The templates that come with the software, in plain English and Welsh."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from services.notify.domain.template import Placeholder, Template, Text
from services.notify.domain.words import Category, Channel, Kind, Language, Urgency

FILES = ("requests", "decisions", "money", "outcomes")


@cache
def shipped() -> dict[str, Template]:
    """Return every shipped template by id, as version 1."""
    found = {}
    for name in FILES:
        text = resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8")
        for entry in tomllib.loads(text)["template"]:
            found[entry["id"]] = _template(entry)
    return found


def _template(entry: dict[str, Any]) -> Template:
    return Template(
        template_id=entry["id"],
        category=Category(entry["category"]),
        urgency=Urgency(entry.get("urgency", "normal")),
        channels=tuple(Channel(each) for each in entry.get("channels", ["in_app", "email"])),
        texts={
            language: Text(
                title=entry[language]["title"],
                subject=entry[language]["subject"],
                body=entry[language]["body"].strip(),
                sms=entry[language].get("sms", ""),
            )
            for language in Language
        },
        placeholders=tuple(
            Placeholder(
                name=each["name"],
                kind=Kind(each["kind"]),
                sample=each["sample"],
                optional=each.get("optional", False),
            )
            for each in entry.get("placeholders", [])
        ),
        version=1,
    )
