"""What a rule answers: a template, whom it is for, and the values that it may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.notify.domain.audience import Audience


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Attributes:
        template_id: What is said.
        audience: Whom it is for, resolved when the message is made and asked again when it goes.
        values: Of the template's placeholders.
        link: Path of the page to go to; ids only.
    """

    template_id: str
    audience: Audience
    values: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


Rule = Callable[[Any], Sequence[Notice]]
"""Reads an event's message and answers whom to tell."""
