"""The grammar of a cohort's rule: conditions over known facts, joined by all, any and not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

DEPTH_MAX = 6
CONDITIONS_MAX = 60
SCHOOL_DAYS_MAX = 190
MINIMUM_POSSIBLE_SESSIONS = 20
"""Of fewer possible sessions nothing is said, as in every window of an analysis."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds, or more."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold. What is not known of a child is not known of its opposite."""

    part: Rule


@dataclass(frozen=True, slots=True)
class AtSchool:
    """On the roll of one of these schools, or of a school of one of these clusters."""

    urns: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InPhase:
    """On the roll of a school of one of these phases, in lower case."""

    phases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InYear:
    """In one of these national curriculum years; 0 is Reception."""

    years: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days before the day of evaluation, which is not in it; one of the three.

    Attributes:
        school_days: The last so many of the school's own calendar; 0 for another form.
        year_to_date: From the first day of the academic year.
        first, last: Between two days, both in it.
    """

    school_days: int = 0
    year_to_date: bool = False
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Missed at least one share of the possible sessions and less than another.

    Whole numbers are compared: 100 x absent >= percent x possible.

    Attributes:
        span: In which days.
        from_percent: 0 to 100; 10 is persistent, 50 severe absence.
        below_percent: 1 to 100; 0 for no upper end.
        minimum_possible: Of fewer possible sessions nothing is known.
    """

    span: Span
    from_percent: int = 0
    below_percent: int = 0
    minimum_possible: int = MINIMUM_POSSIBLE_SESSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """The fund approved support by the day of evaluation.

    Attributes:
        categories: In one of these; in any when empty.
        first, last: Approved between these days; None for any.
    """

    categories: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A characteristic had one of these values on the day of evaluation."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Events of a child that stand.

    Attributes:
        kinds: Such as `suspension`; one or more.
        within_days: Begun in the last so many days; 0 for going on at the day of evaluation.
        at_least: How many.
    """

    kinds: tuple[str, ...]
    within_days: int = 0
    at_least: int = 1


Leaf = AtSchool | InPhase | InYear | Absent | Funded | Known | Happened
Rule = AllOf | AnyOf | Not | Leaf


def size_of(rule: Rule) -> tuple[int, int]:
    """Return how many conditions a rule has, and how deep they lie."""
    inner = _inner(rule)
    sizes = [size_of(each) for each in inner]
    return 1 + sum(count for count, _ in sizes), 1 + max((deep for _, deep in sizes), default=0)


def leaves(rule: Rule) -> list[Leaf]:
    """Return the conditions that ask for facts."""
    if isinstance(rule, AllOf | AnyOf | Not):
        return [leaf for each in _inner(rule) for leaf in leaves(each)]
    return [rule]


def _inner(rule: Rule) -> tuple[Rule, ...]:
    if isinstance(rule, AllOf | AnyOf):
        return rule.parts
    return (rule.part,) if isinstance(rule, Not) else ()


def plain(rule: Rule | None) -> Json | None:
    """Return a rule as JSON values: one key, which says what it is."""
    if rule is None:
        return None
    return {_NAMES[type(rule)]: _value(rule)}


def _value(rule: Rule) -> Any:
    if isinstance(rule, AllOf | AnyOf):
        return [plain(each) for each in rule.parts]
    return plain(rule.part) if isinstance(rule, Not) else _written(rule)


def _written(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _written(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def text_of(rule: Rule | None) -> str:
    """Return a rule as canonical JSON."""
    return json.dumps(plain(rule), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(rule: Rule | None) -> str:
    """Return the digest that tells two rules apart."""
    return hashlib.sha256(text_of(rule).encode()).hexdigest()


def read(text: str) -> Rule | None:
    """Return the rule that a stored text holds."""
    held: Json | None = json.loads(text)
    return None if held is None else _read(held)


def _read(held: Json) -> Rule:
    ((name, value),) = held.items()
    if name == "not":
        return Not(_read(value))
    if name in _GROUPS:
        return _GROUPS[name](tuple(_read(each) for each in value))
    return _LEAVES[name](**{field: _held(field, each) for field, each in value.items()})


def _held(name: str, value: Any) -> Any:
    if name == "span":
        return Span(**{field: _held(field, each) for field, each in value.items()})
    if isinstance(value, list):
        return tuple(value)
    return date.fromisoformat(value) if value and name in {"first", "last"} else value


_GROUPS: dict[str, type[AllOf | AnyOf]] = {"all": AllOf, "any": AnyOf}
_LEAVES: dict[str, type[Leaf]] = {
    "school": AtSchool,
    "phase": InPhase,
    "year_group": InYear,
    "absence": Absent,
    "funded": Funded,
    "characteristic": Known,
    "event": Happened,
}
_NAMES: dict[type[Rule], str] = {
    Not: "not",
    **{kind: name for name, kind in _GROUPS.items()},
    **{kind: name for name, kind in _LEAVES.items()},
}
