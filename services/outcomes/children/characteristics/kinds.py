"""The kinds of characteristics and the closed codes of each, dated.

Source: Department for Education, common basic data set and school census, as schools send them.
A code that ended stays, so that what was recorded with it can be read. The numbers of kinds are
the proto's and are stored; they are never given to another kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, IntFlag

FIRST = date(2006, 9, 1)


class Purpose(IntFlag):
    """What a characteristic may be used for; each is given when it is recorded."""

    SUPPORT = 1
    EVALUATION = 2
    STATUTORY = 4


class Kind(IntEnum):
    """Which characteristic."""

    YEAR_GROUP = 1
    PHASE = 2
    SEX = 3
    FREE_SCHOOL_MEALS = 4
    EVER_6_FREE_MEALS = 5
    SEN_PROVISION = 6
    SEN_PRIMARY_NEED = 7
    FIRST_LANGUAGE = 8
    ETHNIC_GROUP = 9
    SERVICE_CHILD = 10
    YOUNG_CARER = 11


@dataclass(frozen=True, slots=True)
class Code:
    """One value that a characteristic may have.

    Attributes:
        code: As the census writes it.
        description: What it says.
        first: First day on which it may begin to hold.
        last: Last such day; None while it may.
    """

    code: str
    description: str
    first: date = FIRST
    last: date | None = None

    def in_force(self, day: date) -> bool:
        """Return whether it may begin to hold on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class KindRule:
    """A kind, its codes, and how it is kept.

    Attributes:
        kind: Which.
        column: Its name in a file.
        title: What it is.
        codes: Every code that ever was.
        sealed: Kept encrypted with the child's key, seen by those who may identify the child
            alone, and out of every analysis: it tells of health, origin or family.
    """

    kind: Kind
    column: str
    title: str
    codes: tuple[Code, ...]
    sealed: bool = False

    def find(self, text: str) -> Code | None:
        """Return the code written as `text`, in any case, or None."""
        wanted = text.strip().upper()
        return next((code for code in self.codes if code.code == wanted), None)


_YES_NO = (Code("Y", "Yes"), Code("N", "No"))
_SEN_2014 = date(2014, 9, 1)


def _plain(pairs: Iterable[tuple[str, str]]) -> tuple[Code, ...]:
    return tuple(Code(code, description) for code, description in pairs)


_YEARS = _plain(
    [
        ("N1", "Nursery, first year"),
        ("N2", "Nursery, second year"),
        ("R", "Reception"),
        *((str(year), f"Year {year}") for year in range(1, 15)),
        ("X", "Not following the national curriculum by year"),
    ]
)
_PHASES = _plain(
    (name, name.replace("_", " ").capitalize())
    for name in ("NURSERY", "PRIMARY", "SECONDARY", "ALL_THROUGH", "SPECIAL", "ALTERNATIVE")
)
_SEN = (
    Code("N", "No special educational need"),
    Code("A", "School action", last=date(2015, 8, 31)),
    Code("P", "School action plus", last=date(2015, 8, 31)),
    Code("S", "Statement", last=date(2018, 3, 31)),
    Code("K", "Special educational needs support", _SEN_2014),
    Code("E", "Education, health and care plan", _SEN_2014),
)
_NEEDS = (
    Code("SPLD", "Specific learning difficulty"),
    Code("MLD", "Moderate learning difficulty"),
    Code("SLD", "Severe learning difficulty"),
    Code("PMLD", "Profound and multiple learning difficulty"),
    Code("BESD", "Behavioural, emotional and social difficulty", last=date(2015, 8, 31)),
    Code("SEMH", "Social, emotional and mental health", _SEN_2014),
    Code("SLCN", "Speech, language and communication needs"),
    Code("HI", "Hearing impairment"),
    Code("VI", "Vision impairment"),
    Code("MSI", "Multi-sensory impairment"),
    Code("PD", "Physical disability"),
    Code("ASD", "Autistic spectrum disorder"),
    Code("OTH", "Other difficulty or disability"),
    Code("NSA", "Support without an assessment of the type of need", _SEN_2014),
)
_LANGUAGES = _plain(
    [
        ("ENG", "English"),
        ("ENB", "Believed to be English"),
        ("OTH", "Other than English"),
        ("OTB", "Believed to be other than English"),
        ("REF", "Refused"),
        ("NOT", "Not obtained"),
    ]
)
_ORIGINS = _plain(
    [
        ("WBRI", "White, British"),
        ("WIRI", "White, Irish"),
        ("WIRT", "Traveller of Irish heritage"),
        ("WROM", "Gypsy or Roma"),
        ("WOTH", "Any other white background"),
        ("MWBC", "White and Black Caribbean"),
        ("MWBA", "White and Black African"),
        ("MWAS", "White and Asian"),
        ("MOTH", "Any other mixed background"),
        ("AIND", "Indian"),
        ("APKN", "Pakistani"),
        ("ABAN", "Bangladeshi"),
        ("AOTH", "Any other Asian background"),
        ("BCRB", "Black Caribbean"),
        ("BAFR", "Black African"),
        ("BOTH", "Any other Black background"),
        ("CHNE", "Chinese"),
        ("OOTH", "Any other ethnic group"),
        ("REFU", "Refused"),
        ("NOBT", "Not yet obtained"),
    ]
)
_CARERS = tuple(
    Code(code, description, date(2023, 1, 1))
    for code, description in (
        ("N", "Not declared"),
        ("P", "Identified by a parent or guardian"),
        ("S", "Identified by the school"),
    )
)

KINDS = (
    KindRule(Kind.YEAR_GROUP, "year_group", "National curriculum year", _YEARS),
    KindRule(Kind.PHASE, "phase", "Phase of the child's education", _PHASES),
    KindRule(Kind.SEX, "sex", "Sex", _plain([("F", "Female"), ("M", "Male"), ("U", "Not known")])),
    KindRule(
        Kind.FREE_SCHOOL_MEALS, "free_school_meals", "Eligible for free school meals", _YES_NO
    ),
    KindRule(
        Kind.EVER_6_FREE_MEALS,
        "ever_6_free_meals",
        "Eligible at any time in the last six years",
        _YES_NO,
    ),
    KindRule(Kind.SEN_PROVISION, "sen_provision", "Special educational needs provision", _SEN),
    KindRule(Kind.SEN_PRIMARY_NEED, "sen_primary_need", "Primary need", _NEEDS, sealed=True),
    KindRule(Kind.FIRST_LANGUAGE, "first_language", "First language", _LANGUAGES, sealed=True),
    KindRule(Kind.ETHNIC_GROUP, "ethnic_group", "Ethnic group", _ORIGINS, sealed=True),
    KindRule(
        Kind.SERVICE_CHILD, "service_child", "Child of a service family", _YES_NO, sealed=True
    ),
    KindRule(Kind.YOUNG_CARER, "young_carer", "Young carer", _CARERS, sealed=True),
)
RULES = {rule.kind: rule for rule in KINDS}
BY_COLUMN = {rule.column: rule for rule in KINDS}
