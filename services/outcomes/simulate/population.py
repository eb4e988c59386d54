"""Children as real ones are absent: how much, and in spells of about three days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.intervals import Floats

SPELL_DAYS = 3.0
"""Mean length of an absence, in school days."""

TOP_BAND_END = 0.95
"""The published top band is 50 % and more; nobody on roll is always absent."""

CHILDREN_A_SCHOOL = 200
_DATA = "absence_bands_england_2021_22.json"


@dataclass(frozen=True, slots=True)
class Bands:
    """Pupils of England by phase, year group and band of absence.

    Attributes:
        phases, years: Of each row.
        chances: Share of all pupils in each row and band, flat; sums to 1.
        lower, upper: Ends of each band as shares of sessions.
    """

    phases: tuple[str, ...]
    years: npt.NDArray[np.int64]
    chances: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Children:
    """Generated children, one row each.

    Attributes:
        absent: bool, a column for each school day.
        phase: Place in `phases`.
    """

    absent: npt.NDArray[np.bool_]
    phase: npt.NDArray[np.int64]
    year_group: npt.NDArray[np.int64]
    school: npt.NDArray[np.int64]
    phases: tuple[str, ...]


@cache
def bands() -> Bands:
    """Return the shipped distribution.

    Source: Department for Education, absence distributions 2021/22, under the Open Government
    Licence v3.0; the file carries the notice.
    """
    text = resources.files("services.outcomes.simulate").joinpath("data", _DATA).read_text("utf-8")
    held = json.loads(text)
    pupils = np.array([row["pupils"] for row in held["rows"]], dtype=np.float64)
    lower = np.array(held["bands_percent"], dtype=np.float64) / 100
    return Bands(
        phases=tuple(row["phase"] for row in held["rows"]),
        years=np.array([row["year_group"] for row in held["rows"]], dtype=np.int64),
        chances=(pupils / pupils.sum()).ravel(),
        lower=lower,
        upper=np.append(lower[1:], TOP_BAND_END),
    )


def generate(count: int, days: int, rng: np.random.Generator) -> Children:
    """Return children with a register of whole days.

    Each child has a propensity drawn from the real bands and never changes it, so that every
    later change of attendance is chance, or the effect that a study adds.
    """
    real = bands()
    drawn = rng.choice(len(real.chances), size=count, p=real.chances)
    row, band = np.divmod(drawn, len(real.lower))
    propensity = rng.uniform(real.lower[band], real.upper[band])
    phases = tuple(sorted(set(real.phases)))
    of_row = np.array([phases.index(phase) for phase in real.phases], dtype=np.int64)
    return Children(
        absent=_spells(propensity, days, rng),
        phase=of_row[row],
        year_group=real.years[row],
        school=rng.integers(0, max(count // CHILDREN_A_SCHOOL, 1), size=count),
        phases=phases,
    )


def _spells(propensity: Floats, days: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Return a two-state chain for each child that is absent `propensity` of the time.

    Spells last three days on average; longer where somebody is absent so much that three days
    away would leave no day between.
    """
    leave = np.minimum(1 / SPELL_DAYS, (1 - propensity) / np.maximum(propensity, 1e-9))
    enter = leave * propensity / (1 - propensity)
    chance = rng.random((days, len(propensity)), dtype=np.float32)
    absent = np.empty((days, len(propensity)), dtype=np.bool_)
    absent[0] = chance[0] < propensity
    for day in range(1, days):
        absent[day] = chance[day] < np.where(absent[day - 1], 1 - leave, enter)
    return np.ascontiguousarray(absent.T)
