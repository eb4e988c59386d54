"""The questions, in order, and how each answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.pages.ask.draft import Draft, Line
from gateway.pages.forms import FieldError, Form
from gateway.pages.vocabulary import MEASURES, URGENCIES, VAT_RATES, YEAR_GROUPS

LINES_MAX = 50
CHILDREN_MAX = 100
COHORT_MAX = 40
_COHORT = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
PRICE_FIELDS = ("description", "quantity", "price", "vat")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: names by id, and the year groups of the children whose are known."""

    schools: Mapping[str, str]
    children: Mapping[str, str]
    years: Mapping[str, int]
    categories: Mapping[str, str]
    today: date


Answers = dict[str, Any]
Reader = Callable[[Form, Draft, Choices], Answers]


@dataclass(frozen=True, slots=True)
class Step:
    """One question: its address, its words, and its reader, which notes faults in the form."""

    slug: str
    question: str
    short: str
    read: Reader


def read_school(form: Form, draft: Draft, choices: Choices) -> Answers:
    """Read which of the person's schools asks; another school has other children."""
    school = form.choice("school", choices.schools, missing="Select the school that asks")
    children = draft.children if school == draft.school else ()
    return {"school": school, "children": children}


def read_children(form: Form, draft: Draft, choices: Choices) -> Answers:
    """Read one more child, or that one is to be taken off the list."""
    chosen = [child for child in draft.children if child in choices.children]
    removed = form.values.get("remove", "")
    if removed:
        return {"children": tuple(child for child in chosen if child != removed)}
    child = form.values.get("child", "")
    if child in choices.children and child not in chosen:
        chosen.append(child)
    if not chosen:
        form.refuse("child", "Select the child this is for")
    if len(chosen) > CHILDREN_MAX:
        form.refuse("child", f"One request can be for {CHILDREN_MAX} children at most")
    return {"children": tuple(chosen)}


def read_group(form: Form, _: Draft, __: Choices) -> Answers:
    """Read the year groups and the cohort that a funder may ask for; both may be left out."""
    years = tuple(year for year in YEAR_GROUPS if form.values.get(year_box(year)))
    cohort = form.text("cohort", longest=COHORT_MAX)
    if cohort and not _COHORT.fullmatch(cohort):
        form.refuse(
            "cohort",
            "Cohort must be lower-case letters, digits, dashes and underlines, without spaces",
        )
    return {"years": years, "cohort": cohort}


def year_box(year: int) -> str:
    """Return the name of a year group's box, such as `year-7` or `year-n1`."""
    return f"year-{year}" if year >= 0 else f"year-n{3 + year}"


def read_category(form: Form, _: Draft, choices: Choices) -> Answers:
    """Read the kind of support."""
    missing = "Select the kind of support"
    return {"category": form.choice("category", choices.categories, missing=missing)}


def read_need(form: Form, _: Draft, __: Choices) -> Answers:
    """Read what is needed and why."""
    return {"need": form.text("need", missing="Enter what is needed and why")}


def read_items(form: Form, _: Draft, __: Choices) -> Answers:
    """Read the rows that hold anything; a row that was left empty is not one."""
    lines = [_line(form, number) for number in filled_rows(form.values)]
    if not lines:
        form.refuse("description-1", "Enter what should be bought")
    return {"lines": tuple(line for line in lines if line is not None)}


def read_supplier(form: Form, _: Draft, __: Choices) -> Answers:
    """Read who supplies it."""
    missing = "Enter the name of the supplier"
    return {"supplier": form.text("supplier", missing=missing, longest=120)}


def read_when(form: Form, _: Draft, __: Choices) -> Answers:
    """Read how soon a decision is needed."""
    allowed = {str(number) for number in URGENCIES}
    chosen = form.choice("urgency", allowed, missing="Select how soon you need a decision")
    return {"urgency": int(chosen or 0)}


def read_change(form: Form, _: Draft, choices: Choices) -> Answers:
    """Read what should change, and when that will be looked at."""
    measure = form.choice("measure", MEASURES, missing="Select the change you expect")
    review = form.day("review", missing="Enter the date when you will look at what changed")
    if review is not None and review <= choices.today:
        form.refuse("review-day", "The date must be in the future")
    return {"measure": measure, "review": review.isoformat() if review else ""}


STEPS: tuple[Step, ...] = (
    Step("school", "Which school is asking?", "School", read_school),
    Step("children", "Who is it for?", "Child or children", read_children),
    Step("group", "Which year groups is it for?", "Year groups and cohort", read_group),
    Step("category", "What kind of support is it?", "Kind of support", read_category),
    Step("need", "What is needed, and why?", "Need", read_need),
    Step("items", "What should be bought?", "Items and cost", read_items),
    Step("supplier", "Who is the supplier?", "Supplier", read_supplier),
    Step("when", "How soon do you need a decision?", "Decision needed", read_when),
    Step("change", "What do you expect to change?", "Expected change", read_change),
)
STEP_BY_SLUG = {step.slug: step for step in STEPS}


def next_open(draft: Draft, steps: Sequence[Step] = STEPS) -> Step | None:
    """Return the first question without an answer; None when all are answered."""
    return next((step for step in steps if step.slug not in draft.done), None)


def filled_rows(values: Mapping[str, str]) -> list[int]:
    """Return the numbers of the item rows in which something was typed."""
    return [
        number
        for number in range(1, LINES_MAX + 1)
        if any(values.get(f"{name}-{number}", "").strip() for name in ("description", "price"))
    ]


def _line(form: Form, number: int) -> Line | None:
    before = len(form.errors)
    description = form.text(f"description-{number}", missing="Enter what it is", longest=200)
    quantity = form.number(f"quantity-{number}", most=10_000, missing="Enter how many")
    price = form.money(f"price-{number}", missing="Enter the price of one")
    vat = form.choice(f"vat-{number}", VAT_RATES, missing="Select the VAT")
    if len(form.errors) > before or quantity is None or price is None:
        _name_the_row(form, number, before)
        return None
    return Line(description, quantity, price.minor, int(vat))


def _name_the_row(form: Form, number: int, first: int) -> None:
    # The summary lists faults of all rows together, so each says which row it means.
    for index in range(first, len(form.errors)):
        error = form.errors[index]
        form.errors[index] = FieldError(error.field, f"{error.message} (item {number})")
