"""Children, their identifiers and enrolments: what may be recorded of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum, StrEnum

_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")
_SCHOOL_YEAR_STARTS = 9
_RECEPTION_AGE = 4


class Scheme(StrEnum):
    """Whose identifier it is. A former unique pupil number stands beside the current ones.

    A likeness (a name with a date of birth) and a whole row are no identifiers; they are indexed
    in the same blind way, each apart from the others.
    """

    UPN = "upn"
    AUTHORITY = "authority"
    MIS = "mis"
    CHILD = "child"
    LIKENESS = "likeness"
    ROW = "row"


class EnrolmentStatus(IntEnum):
    """What an enrolment is; the numbers are the proto's."""

    SOLE = 1
    MAIN = 2
    SUBSIDIARY = 3


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in its normal form.

    Attributes:
        scheme: Whose it is.
        value: In capitals without spaces; an id of a school's system carries the URN before it,
            since it is unique inside the school only.
    """

    scheme: Scheme
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The personal facts of a child, all of them sealed at rest. Empty where not known.

    Attributes:
        mis_ids: Pairs of URN and the id in that school's system.
    """

    forename: str = ""
    surname: str = ""
    date_of_birth: date | None = None
    upn: str = ""
    former_upns: tuple[str, ...] = ()
    authority_child_id: str = ""
    mis_ids: tuple[tuple[str, str], ...] = ()

    def updated(self, other: Person) -> Person:
        """Return these facts with every fact that `other` knows put over them.

        A unique pupil number that gives way becomes a former one.
        """
        former = [*self.former_upns, *other.former_upns]
        upn = other.upn or self.upn
        if self.upn and other.upn and self.upn != other.upn:
            former.append(self.upn)
        return Person(
            forename=other.forename or self.forename,
            surname=other.surname or self.surname,
            date_of_birth=other.date_of_birth or self.date_of_birth,
            upn=upn,
            former_upns=tuple(dict.fromkeys(value for value in former if value != upn)),
            authority_child_id=other.authority_child_id or self.authority_child_id,
            mis_ids=tuple(sorted({**dict(self.mis_ids), **dict(other.mis_ids)}.items())),
        )

    def without(self, others: Collection[Identifier]) -> Person:
        """Return these facts without the identifiers that are somebody else's."""

        def upn_kept(upn: str) -> bool:
            return Identifier(Scheme.UPN, normal(upn)) not in others

        authority = Identifier(Scheme.AUTHORITY, normal(self.authority_child_id))
        return replace(
            self,
            upn=self.upn if upn_kept(self.upn) else "",
            former_upns=tuple(upn for upn in self.former_upns if upn_kept(upn)),
            authority_child_id="" if authority in others else self.authority_child_id,
            mis_ids=tuple(
                (urn, value)
                for urn, value in self.mis_ids
                if mis_identifier(urn, value) not in others
            ),
        )

    def identifiers(self) -> list[Identifier]:
        """Return every identifier that may find this child."""
        upns = [self.upn, *self.former_upns]
        found = [Identifier(Scheme.UPN, normal(upn)) for upn in upns if upn]
        if self.authority_child_id:
            found.append(Identifier(Scheme.AUTHORITY, normal(self.authority_child_id)))
        found.extend(mis_identifier(urn, value) for urn, value in self.mis_ids)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Time on the roll of a school.

    Attributes:
        urn: The school.
        first: First day on roll.
        last: Last day on roll; None while on roll.
        status: Sole, main or subsidiary.
    """

    urn: str
    first: date
    last: date | None = None
    status: EnrolmentStatus = EnrolmentStatus.SOLE

    def overlaps(self, other: Enrolment) -> bool:
        """Return whether both cover a day at one school."""
        if self.urn != other.urn:
            return False
        return (other.last is None or self.first <= other.last) and (
            self.last is None or other.first <= self.last
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child, with as much of it as the reader may see.

    Attributes:
        number: Tenant-local, for blocks of marks; never leaves the service.
        id: Random; safe in links and events.
        reception_year: The year in whose September the child's age group began Reception.
        person: None for a reader who may not see it, and after erasure.
        enrolments: In order of their first day.
    """

    number: int
    id: str
    reception_year: int | None = None
    person: Person | None = None
    enrolments: tuple[Enrolment, ...] = field(default=())

    def year_group(self, on: date) -> int | None:
        """Return the national curriculum year on a day: 0 Reception, 1 to 13; None if unknown."""
        if self.reception_year is None:
            return None
        started = on.year if on.month >= _SCHOOL_YEAR_STARTS else on.year - 1
        return started - self.reception_year

    def urns(self) -> list[str]:
        """Return the child's schools, latest first."""
        return list(dict.fromkeys(one.urn for one in reversed(self.enrolments)))


def normal(value: str) -> str:
    """Return an identifier as it is compared: capitals, no spaces."""
    return "".join(value.split()).upper()


def mis_identifier(urn: str, value: str) -> Identifier:
    """Return the identifier of a child in the system of one school."""
    return Identifier(Scheme.MIS, f"{urn}|{normal(value)}")


def identifier_of(scheme: Scheme, urn: str, value: str) -> Identifier:
    """Return an identifier as an input at a school gives it, in its normal form."""
    if scheme is Scheme.MIS:
        return mis_identifier(urn, value)
    return Identifier(scheme, value if scheme is Scheme.CHILD else normal(value))


def upn_is_valid(upn: str) -> bool:
    """Return whether a unique pupil number is well formed and its check letter is right.

    The letter is the sum of place (2 to 13) times value over the other characters, modulo 23,
    in an alphabet without I, O and S. A temporary number ends in a letter.
    Source: Department for Education, UPN 2.0 data standard.
    """
    value = normal(upn)
    if not _UPN.fullmatch(value) or not set(value) <= {*_LETTERS, *"0123456789"}:
        return False
    total = sum(
        place * (int(character) if character.isdigit() else _LETTERS.index(character))
        for place, character in enumerate(value[1:], start=2)
    )
    return _LETTERS[total % len(_LETTERS)] == value[0]


def reception_year(born: date) -> int:
    """Return the year in whose September children born on this day begin Reception."""
    return born.year + _RECEPTION_AGE + (1 if born.month >= _SCHOOL_YEAR_STARTS else 0)


def first_overlap(known: Iterable[Enrolment], new: Enrolment) -> Enrolment | None:
    """Return an enrolment at the same school that shares a day with `new`, or None."""
    return next((one for one in known if one.overlaps(new)), None)
