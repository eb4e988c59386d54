"""What waits for a person, and what a person may decide."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from services.outcomes.children.domain import Enrolment, Person, Scheme, normal

TEMPORARY_ENDS = "ABCDEFGHJKLMNPQRTUVWXYZ"


class CaseKind(IntEnum):
    """What kind of row waits; the numbers are the proto's."""

    CHILD = 1
    REGISTER = 2


class Reason(IntEnum):
    """Why it waits; the numbers are the proto's."""

    LIKE_A_KNOWN_CHILD = 1
    IDENTIFIERS_DISAGREE = 2
    UNKNOWN_IDENTIFIER = 3


class Decision(IntEnum):
    """What became of it; the numbers are the proto's."""

    OPEN = 0
    SAME_CHILD = 1
    NEW_CHILD = 2
    REJECTED = 3
    FOUND_LATER = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child that a row may be about.

    Attributes:
        child_id: The child.
        why: Which likenesses, such as `full_name_and_birth`; or `identifier`.
    """

    child_id: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A row of children that waits."""

    person: Person
    enrolment: Enrolment | None


@dataclass(frozen=True, slots=True)
class RegisterRows:
    """Marks of one identifier at one school that wait.

    Attributes:
        scheme: Which identifier it is.
        identifier: As the file gives it.
        marks: Day as an ordinal, session (0 morning), register code.
    """

    scheme: Scheme
    identifier: str
    marks: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something that waits, or waited.

    Attributes:
        id: In order of time.
        urn: The school whose row it is.
        blind: Of the identifier that would find the child; None when there is none.
        rows: How many rows or marks wait in it.
        decision: OPEN until somebody decided.
        child_id: Whose it was decided to be; empty until then and when it was rejected.
    """

    id: str
    kind: CaseKind
    reason: Reason
    urn: str
    blind: bytes | None
    candidates: tuple[Candidate, ...]
    source: str
    rows: int
    created_at: datetime
    created_by: str
    decision: Decision
    child_id: str
    decided_at: datetime | None
    decided_by: str


def likenesses(person: Person) -> dict[str, str]:
    """Return what a child has in common with children like it, by what it is; {} if unknown.

    Names are compared without case, accents, spaces and signs; a date of birth is always part.
    """
    if person.date_of_birth is None:
        return {}
    born = person.date_of_birth.isoformat()
    forename, surname = _letters(person.forename), _letters(person.surname)
    found = {}
    if forename and surname:
        found["full_name_and_birth"] = f"full|{forename}|{surname}|{born}"
    if surname:
        found["surname_and_birth"] = f"surname|{surname}|{born}"
    if forename:
        found["forename_and_birth"] = f"forename|{forename}|{born}"
    return found


def is_candidate(given: Person, known: Person, why: Mapping[str, object]) -> bool:
    """Return whether a known child may be the one that a row is about.

    Of two children with permanent pupil numbers that differ, twins say, a part of the name is
    not enough; the whole name is, since a child may have been given two numbers.
    """
    if "full_name_and_birth" in why:
        return True
    return not (_permanent(given.upn) and _permanent(known.upn))


def _permanent(upn: str) -> bool:
    value = normal(upn)
    return bool(value) and value[-1] not in TEMPORARY_ENDS


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalpha())
