"""An episode as text and back: equal episodes give equal text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.outcomes.episodes.domain.episode import Episode, EpisodeState, Part
from services.outcomes.episodes.domain.purchase import SourceCost


@dataclass(frozen=True, slots=True)
class Version:
    """An episode as it was derived at a moment.

    Attributes:
        episode: None when void: nothing that was approved is left of it.
        sequence: Events told of it so far.
    """

    id: str
    child_id: str
    school_urn: str
    state: EpisodeState
    version: int
    derived_at: datetime
    episode: Episode | None
    body: str
    sequence: int = 0


def body_of(episode: Episode) -> str:
    """Return an episode as canonical JSON: equal episodes give equal text."""
    parts = [
        {
            "purchase_id": part.purchase_id,
            "school_urn": part.school_urn,
            "category": part.category,
            "supplier_id": part.supplier_id,
            "places": part.places,
            "places_total": part.places_total,
            "costs": [[c.source_id, c.source_kind, c.cost_minor] for c in part.costs],
            "requested_on": part.requested_on.isoformat(),
            "approved_on": part.approved_on.isoformat(),
            "delivered_on": part.delivered_on.isoformat() if part.delivered_on else None,
        }
        for part in episode.parts
    ]
    return json.dumps({"parts": parts}, sort_keys=True, separators=(",", ":"))


def episode_in(episode_id: str, child_id: str, body: str) -> Episode:
    """Return the episode that a body holds."""
    parts: Sequence[dict[str, Any]] = json.loads(body)["parts"]
    return Episode(id=episode_id, child_id=child_id, parts=tuple(map(_part_in, parts)))


def _part_in(part: dict[str, Any]) -> Part:
    delivered = part["delivered_on"]
    return Part(
        purchase_id=part["purchase_id"],
        school_urn=part["school_urn"],
        category=part["category"],
        supplier_id=part["supplier_id"],
        places=part["places"],
        places_total=part["places_total"],
        costs=tuple(SourceCost(*cost) for cost in part["costs"]),
        requested_on=date.fromisoformat(part["requested_on"]),
        approved_on=date.fromisoformat(part["approved_on"]),
        delivered_on=date.fromisoformat(delivered) if delivered else None,
    )
