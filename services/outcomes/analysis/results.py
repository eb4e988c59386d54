"""Figures as stored text and back, and the children behind them as rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import Any

from services.chassis.tables import Row
from services.outcomes.analysis.breakdowns import Breakdown, shares_in
from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.figures import Counts, Figures, SpendPart, rounded
from services.outcomes.analysis.method.adjusted import Estimate, Withheld
from services.outcomes.analysis.method.attribution import Attribution
from services.outcomes.analysis.method.costs import Cost, Outcome
from services.outcomes.analysis.rows import EMPTY_PANEL, HEADLINE, Panel, together
from services.outcomes.analysis.rows import Row as PanelRow
from services.outcomes.analysis.suspensions import GroupSuspensions, SuspensionFigures

Json = dict[str, Any]

ONLY_BEFORE = "before its own support: in the comparison with those funded later alone"


def body_of(figures: Figures) -> str:
    """Return figures as canonical JSON, rounded to the digits that are kept."""
    return json.dumps(_plain(figures), sort_keys=True, separators=(",", ":"))


def sha256_of(body: str) -> str:
    """Return the digest that a run carries of its results."""
    return hashlib.sha256(body.encode()).hexdigest()


def figures_in(body: str) -> Figures:
    """Return the figures that a stored text holds."""
    held: Json = json.loads(body)
    for name in ("naive", "adjusted", "placebo"):
        held[name] = _estimate_in(held[name])
    later = held.get("not_yet_funded")
    held["not_yet_funded"] = _estimate_in(later) if later else None
    held["costs"] = _costs_in(held["costs"])
    held["breakdowns"] = tuple(
        Breakdown(
            **{
                **each,
                "attribution": Attribution(each["attribution"]),
                "adjusted": _estimate_in(each["adjusted"]),
                "costs": _costs_in(each["costs"]),
            }
        )
        for each in held.get("breakdowns", ())
    )
    held["counts"] = Counts(**held["counts"])
    held["spend_parts"] = tuple(SpendPart(**part) for part in held["spend_parts"])
    held["notes"] = tuple(held["notes"])
    if held.get("suspensions"):
        held["suspensions"] = _suspensions_in(held["suspensions"])
    return Figures(**held)


def _suspensions_in(held: Json) -> SuspensionFigures:
    groups = {name: GroupSuspensions(**held[name]) for name in ("supported", "comparison")}
    return SuspensionFigures(**{**held, **groups})


def _estimate_in(held: Json) -> Estimate:
    return Estimate(**{**held, "withheld": Withheld(held["withheld"])})


def _costs_in(held: list[Json]) -> tuple[Cost, ...]:
    return tuple(
        Cost(**{**c, "outcome": Outcome(c["outcome"]), "withheld": Withheld(c["withheld"])})
        for c in held
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value


def members_of(cohort: Cohort) -> list[Row]:
    """Return every child of a run with its windows, its part of the cost, and why it is out."""
    panel = cohort.panel or EMPTY_PANEL
    reasons = _left_out(panel)
    if cohort.later is not None:
        reasons += [ONLY_BEFORE] * len(cohort.later.rows)
        panel = together([panel, cohort.later])
    rows = []
    for number, row in enumerate(panel.rows):
        held = [cohort.episodes[each] for each in row.episode_ids]
        body = {
            "supported": row.supported,
            "episode_id": row.episode_ids[0] if row.episode_ids else "",
            "purchase_ids": sorted({part.purchase_id for each in held for part in each.parts}),
            "cost_minor": row.cost_minor,
            "shares": _shares(cohort, row),
            "others": _others(cohort, row),
            "left_out": reasons[number],
            "windows": [_window(panel, kind, number) for kind in HEADLINE],
        }
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        rows.append({"number": number, "child_id": row.child_id, "body": text})
    return rows


def _shares(cohort: Cohort, row: PanelRow) -> list[list[Any]]:
    """Return for each purchase its pence and its millionths of the gain, mode by mode."""
    held = shares_in(cohort, row)
    return [
        [
            part.purchase_id,
            part.cost_minor,
            *(held.by_mode[m][part.purchase_id] for m in Attribution),
        ]
        for part in held.parts
    ]


def _others(cohort: Cohort, row: PanelRow) -> list[list[Any]]:
    """Return for each support from elsewhere its kind and its millionths of the gain."""
    held = shares_in(cohort, row).by_mode if row.supported else {}
    return [
        [
            each.id,
            int(each.details.kind),
            *(held[mode][each.id] if held else 0 for mode in Attribution),
        ]
        for each in row.others
    ]


def _window(panel: Panel, kind: Any, number: int) -> list[int]:
    held = panel.windows[kind]
    told = panel.happened
    columns = (held.start_day, held.end_day, held.possible, held.absent)
    events = (told.spells[kind], told.sessions[kind])
    return [int(kind), *(int(column[number]) for column in (*columns, *events))]


def _left_out(panel: Panel) -> list[str]:
    reasons = []
    told = panel.happened
    gone = (panel.left_early, told.home_educated, told.excluded)
    for left, home, excluded, measured, triggered in zip(
        *gone, panel.measured, panel.triggered, strict=True
    ):
        reason = "" if triggered else "absence had not met the trigger"
        reason = reason if measured else "a window is running or has too few possible sessions"
        reason = "left the roll before follow-up 1 ended" if left else reason
        reason = "moved to home education before follow-up 1 ended" if home else reason
        reasons.append("permanently excluded before follow-up 1 ended" if excluded else reason)
    return reasons
