"""Which episodes a run is about: conditions as data, so that a run can be made again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from services.outcomes.episodes.domain.episode import Episode
from services.outcomes.episodes.measuring import Roll


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRule:
    """Conditions joined by `and`; a list is met by any of its values, and when it is empty.

    Attributes:
        name: For people.
        index_from, index_to: First and last index date; None for any.
        cohort_id: A frozen cohort; empty for none.
        phases, year_groups: As at the first request.
    """

    name: str = ""
    index_from: date | None = None
    index_to: date | None = None
    school_urns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    supplier_ids: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    year_groups: tuple[int, ...] = ()
    cohort_id: str = field(default="")

    def holds(self, episode: Episode, roll: Roll) -> bool:
        """Return whether an episode that has begun meets every condition."""
        index_on = episode.index_on
        if index_on is None or not self._in_time(index_on):
            return False
        year = roll.year_group(episode.child_id, episode.requested_on)
        years = frozenset() if year is None else frozenset((year,))
        return all(
            not wanted or bool(set(wanted) & held)
            for wanted, held in (
                (self.school_urns, {episode.school_urn}),
                (self.categories, {part.category for part in episode.parts}),
                (self.supplier_ids, {part.supplier_id for part in episode.parts}),
                (self.source_ids, {cost.source_id for cost in episode.costs()}),
                (self.phases, {roll.phase(episode.school_urn)}),
                (self.year_groups, years),
            )
        )

    def _in_time(self, index_on: date) -> bool:
        early = self.index_from is not None and index_on < self.index_from
        late = self.index_to is not None and index_on > self.index_to
        return not early and not late


def rule_to_text(rule: CohortRule) -> str:
    """Return a rule as canonical JSON."""
    return json.dumps(asdict(rule), sort_keys=True, separators=(",", ":"), default=str)


def rule_from_text(text: str) -> CohortRule:
    """Return the rule that a text holds."""
    held: dict[str, Any] = json.loads(text)
    for name in ("index_from", "index_to"):
        held[name] = date.fromisoformat(held[name]) if held[name] else None
    values: dict[str, Any] = {
        each.name: tuple(value) if isinstance(value := held[each.name], list) else value
        for each in fields(CohortRule)
    }
    return CohortRule(**values)
