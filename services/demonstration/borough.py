"""Fictional schools and children of a demonstration council."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_FORENAMES = (
    *("Aisha", "Ben", "Chloe", "Dev", "Ella", "Finn", "Grace", "Hamza"),
    *("Isla", "Jack", "Kezia", "Leo", "Maya", "Noah", "Olive", "Reuben"),
    *("Sana", "Theo", "Uma", "Violet", "Will", "Xanthe", "Yusuf", "Zara"),
)
_SURNAMES = (
    *("Abbott", "Bello", "Carter", "Dhillon", "Ellis", "Farah", "Green", "Hughes"),
    *("Iqbal", "Jones", "Khan", "Lewis", "Marsh", "Ndlovu", "Osei", "Patel"),
    *("Quinn", "Reid", "Silva", "Taylor", "Underhill", "Vaughan", "White", "Young"),
)


@dataclass(frozen=True, slots=True)
class School:
    """One fictional school.

    Attributes:
        urn: Six digits from a range that is not given out.
        laestab: Authority 999 and the establishment's number.
        name: Fictional.
        phase: PRIMARY or SECONDARY.
        cluster: The secondary's name and its feeders.
        pupils: Children on roll.
    """

    urn: str
    laestab: str
    name: str
    phase: str
    cluster: str
    pupils: int


@dataclass(frozen=True, slots=True)
class Child:
    """One fictional child on one roll, from the first day of the story."""

    upn: str
    forename: str
    surname: str
    date_of_birth: date
    year_group: int
    urn: str


@dataclass(frozen=True, slots=True)
class Borough:
    """A council's schools and the children on their rolls, in school order."""

    tenant: str
    schools: tuple[School, ...]
    children: tuple[Child, ...]

    def roll(self, urn: str) -> list[int]:
        """Return the positions in `children` of one school's roll."""
        return [place for place, child in enumerate(self.children) if child.urn == urn]


def build(tenant: str, *, seed: int, scale: float = 1.0) -> Borough:
    """Return three secondary schools with two feeder primaries each.

    Args:
        tenant: The council's code; its last digit tells the URNs of councils apart.
        seed: The same seed gives the same children.
        scale: 1.0 is 1,620 children.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    schools = _schools(int(tenant[-1]), scale)
    children: list[Child] = []
    for school in schools:
        years = range(7, 12) if school.phase == "SECONDARY" else range(1, 7)
        for number in range(school.pupils):
            year_group = years[number % len(years)]
            children.append(_child(school, number, year_group=year_group, random=random))
    return Borough(tenant, schools, tuple(children))


def upn(authority: int, establishment: int, *, year: int, serial: int) -> str:
    """Return a unique pupil number with its check letter.

    Source: GovTalk, Unique Pupil Number 2.0: weights 2 to 13, modulus 23.
    """
    digits = f"{authority:03d}{establishment:04d}{year % 100:02d}{serial:03d}"
    weighted = sum(int(digit) * weight for weight, digit in enumerate(digits, start=2))
    return UPN_LETTERS[weighted % 23] + digits


def _schools(council: int, scale: float) -> tuple[School, ...]:
    clusters = {
        "Northgate": ("Northgate Academy", "Ashfield Primary", "Beacon Lane Primary"),
        "Millbrook": ("Millbrook School", "Canal Street Primary", "Dovecote Primary"),
        "Southmere": ("Southmere High", "Elm Tree Primary", "Foxglove Primary"),
    }
    # Secondaries come first, so that the two practitioners work in two of them.
    named = sorted(
        ((place, cluster, name) for cluster, names in clusters.items()
         for place, name in enumerate(names)),
        key=lambda item: min(item[0], 1),
    )  # fmt: skip
    return tuple(
        School(
            urn=f"{990000 + council * 100 + number}",
            laestab=f"999{(4000 if place == 0 else 2000) + council * 100 + number}",
            name=name,
            phase="SECONDARY" if place == 0 else "PRIMARY",
            cluster=cluster,
            pupils=max(6, int((300 if place == 0 else 120) * scale)),
        )
        for number, (place, cluster, name) in enumerate(named, start=1)
    )


def _child(school: School, number: int, *, year_group: int, random: np.random.Generator) -> Child:
    born = date(2025 - 5 - year_group, 9, 1).toordinal() + int(random.integers(0, 365))
    return Child(
        upn=upn(
            999,
            2000 + int(school.urn) % 1000,
            year=2025 - year_group,
            serial=number,
        ),
        forename=_FORENAMES[int(random.integers(len(_FORENAMES)))],
        surname=_SURNAMES[int(random.integers(len(_SURNAMES)))],
        date_of_birth=date.fromordinal(born),
        year_group=year_group,
        urn=school.urn,
    )
