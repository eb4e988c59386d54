"""The rows of "check your answers": what was asked, what was said, and where to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.pages import words
from gateway.pages.ask.draft import Draft
from gateway.pages.ask.steps import Choices, Step
from gateway.pages.vocabulary import MEASURES, URGENCIES, VAT_RATES, YEAR_GROUPS


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; each of `values` stands on a line of its own."""

    slug: str
    name: str
    values: tuple[str, ...]


def summary(draft: Draft, choices: Choices, *, steps: Sequence[Step]) -> list[Row]:
    """Return one row for each question."""
    said = _said(draft, choices)
    return [Row(step.slug, step.short, said[step.slug]) for step in steps]


def _said(draft: Draft, choices: Choices) -> dict[str, tuple[str, ...]]:
    review = words.day(date.fromisoformat(draft.review))
    return {
        "school": (choices.schools.get(draft.school, draft.school),),
        "children": tuple(
            choices.children.get(child, "Not on roll now") for child in draft.children
        ),
        "group": _group(draft),
        "category": (choices.categories.get(draft.category, draft.category),),
        "need": (draft.need,),
        "items": _items(draft),
        "supplier": (draft.supplier,),
        "when": (URGENCIES.get(draft.urgency, ""),),
        "change": (
            MEASURES.get(draft.measure, draft.measure),
            f"To be looked at on {review}",
        ),
    }


def _group(draft: Draft) -> tuple[str, ...]:
    years = tuple(YEAR_GROUPS[year] for year in draft.years if year in YEAR_GROUPS)
    cohort = (f"Cohort {draft.cohort}",) if draft.cohort else ()
    return (*years, *cohort) or ("Not stated",)


def _items(draft: Draft) -> tuple[str, ...]:
    items = tuple(
        f"{line.description}: {line.quantity:,} at {line.price}, {_vat(line.vat_rate)}"
        for line in draft.lines
    )
    return (*items, f"{draft.net} in all, before VAT")


def _vat(rate: int) -> str:
    words_of_rate = VAT_RATES.get(str(rate), f"{rate / 100:g}%")
    return "no VAT" if rate == 0 else f"and {words_of_rate} VAT"
