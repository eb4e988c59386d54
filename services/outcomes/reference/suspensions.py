"""The reasons for which a child may be suspended or excluded, dated as the census dated them.

Source: Department for Education, school census and common basic data set, exclusion reasons: the
list of 2006 and that of autumn 2020, which also allowed up to three reasons to an event. The
list is data: a reason that is added or ends gets a row, and no event's past reading changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FIRST = date(2006, 9, 1)
LIST_2020 = date(2020, 9, 1)
_EVE_2020 = date(2020, 8, 31)

REASONS_MAX_BEFORE_2020 = 1
REASONS_MAX = 3


@dataclass(frozen=True, slots=True)
class SuspensionReason:
    """One reason.

    Attributes:
        code: Two capitals, as the census writes it.
        description: What it says.
        first: First day on which an event may begin with it.
        last: Last such day; None while it may be used.
    """

    code: str
    description: str
    first: date = FIRST
    last: date | None = None


REASONS = (
    SuspensionReason("PP", "Physical assault against a pupil"),
    SuspensionReason("PA", "Physical assault against an adult"),
    SuspensionReason("VP", "Verbal abuse or threatening behaviour against a pupil"),
    SuspensionReason("VA", "Verbal abuse or threatening behaviour against an adult"),
    SuspensionReason(
        "OW", "Use or threat of use of an offensive weapon or prohibited item", LIST_2020
    ),
    SuspensionReason("BU", "Bullying"),
    SuspensionReason("RA", "Racist abuse"),
    SuspensionReason("LG", "Abuse against sexual orientation and gender identity", LIST_2020),
    SuspensionReason("DS", "Abuse relating to disability", LIST_2020),
    SuspensionReason("SM", "Sexual misconduct"),
    SuspensionReason("DA", "Drug and alcohol related"),
    SuspensionReason("DM", "Damage"),
    SuspensionReason("TH", "Theft"),
    SuspensionReason("DB", "Persistent or general disruptive behaviour"),
    SuspensionReason("MT", "Inappropriate use of social media or online technology", LIST_2020),
    SuspensionReason(
        "PH", "Wilful and repeated breach of measures that protect public health", LIST_2020
    ),
    SuspensionReason("OT", "Other", last=_EVE_2020),
)
_BY_CODE = {reason.code: reason for reason in REASONS}


def find(text: str) -> SuspensionReason | None:
    """Return the reason that a record writes as `text`, in any case, or None."""
    return _BY_CODE.get(text.strip().upper())


def in_force(reason: SuspensionReason, day: date) -> bool:
    """Return whether an event that begins on `day` may give this reason."""
    return reason.first <= day and (reason.last is None or day <= reason.last)


def reasons(on: date | None = None) -> Sequence[SuspensionReason]:
    """Return the reasons in the order of the census: those of a day, or all that ever were."""
    return [reason for reason in REASONS if on is None or in_force(reason, on)]


def reasons_max(day: date) -> int:
    """Return how many reasons an event that begins on `day` may give: one before autumn 2020."""
    return REASONS_MAX if day >= LIST_2020 else REASONS_MAX_BEFORE_2020
