"""What happens to fictional children beside their registers: suspensions, and two who leave.

Drawn from a chance of their own, so that the story's marks stay the same with and without them.
Children who are absent much are suspended more, as in the published figures; of the two who go,
neither was supported.
"""

from __future__ import annotations

import numpy as np

from services.demonstration.api import Json, bytes_field
from services.demonstration.calendar import HalfTerm
from services.demonstration.stage import Stage

SHARE = 0.02
"""Children of secondary age with a suspension in a half-term. Source: DfE, 2022/23, about."""

_SECONDARY_FROM = 7
_REASONS = ("DB", "VA", "PP", "DM", "VP")
_HEADER = "upn,urn,kind,first_date,sessions,reason_1,status"
_SEED = 1033
_EXCLUDES_IN, _TEACHES_AT_HOME_IN = 3, 4


async def record_half_term(stage: Stage, term: HalfTerm) -> Json:
    """Import what happened in a half-term as the liaison officer of every school."""
    random = np.random.default_rng([_SEED, term.number])
    recent = stage.registers.recent_absence(30)
    ranked = [
        place
        for place in np.argsort(-recent, kind="stable").tolist()
        if stage.borough.children[place].year_group >= _SECONDARY_FROM
    ]
    count = max(1, round(SHARE * len(ranked)))
    lots = random.permutation(min(len(ranked), 6 * count))[:count]
    rows = [_suspension(stage, term, ranked[lot], random) for lot in sorted(lots.tolist())]
    if term.number in {_EXCLUDES_IN, _TEACHES_AT_HOME_IN}:
        # Every second child is never funded: those with an odd place.
        gone = next(place for place in ranked if place % 2 and place not in lots)
        rows.append(_gone(stage, term, gone))
    content = "\r\n".join([_HEADER, *rows, ""]).encode()
    body = {"content": bytes_field(content)}
    return await stage.call("outcomes.ChildEventsService.ImportChildEvents", "liaison", body)


def _suspension(stage: Stage, term: HalfTerm, place: int, random: np.random.Generator) -> str:
    child = stage.borough.children[place]
    day = term.days[int(random.integers(0, max(1, len(term.days) - 5)))]
    sessions, reason = int(random.integers(1, 7)), _REASONS[int(random.integers(0, 5))]
    return f"{child.upn},{child.urn},suspension,{day},{sessions},{reason},"


def _gone(stage: Stage, term: HalfTerm, place: int) -> str:
    child, day = stage.borough.children[place], term.days[len(term.days) // 2]
    if term.number == _EXCLUDES_IN:
        return f"{child.upn},{child.urn},permanent_exclusion,{day},,DB,upheld"
    return f"{child.upn},{child.urn},home_education,{day},,,"
