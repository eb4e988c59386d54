"""A kept answer turned back into what stands in the fields of its page."""

from __future__ import annotations

from datetime import date

from gateway.pages.ask.draft import Draft
from gateway.pages.ask.steps import Choices, Step, year_box
from gateway.pages.downloads import pounds


def typed(step: Step, draft: Draft, choices: Choices) -> dict[str, str]:
    """Return the field values of a step's page.

    Year groups that nobody has stated yet are those of the chosen children's roll.
    """
    match step.slug:
        case "items":
            return _items(draft)
        case "group":
            return _group(draft, choices)
        case "change":
            return {"measure": draft.measure, **_date("review", draft.review)}
        case "when":
            return {"urgency": str(draft.urgency or "")}
        case _:
            return {
                "school": draft.school,
                "category": draft.category,
                "need": draft.need,
                "supplier": draft.supplier,
            }


def _group(draft: Draft, choices: Choices) -> dict[str, str]:
    known = (choices.years[child] for child in draft.children if child in choices.years)
    years = draft.years if "group" in draft.done else known
    return {"cohort": draft.cohort, **{year_box(year): "yes" for year in years}}


def _items(draft: Draft) -> dict[str, str]:
    values = {}
    for number, line in enumerate(draft.lines, start=1):
        values[f"description-{number}"] = line.description
        values[f"quantity-{number}"] = str(line.quantity)
        values[f"price-{number}"] = pounds(line.price_minor)
        values[f"vat-{number}"] = str(line.vat_rate)
    return values


def _date(name: str, text: str) -> dict[str, str]:
    if not text:
        return {}
    day = date.fromisoformat(text)
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}
