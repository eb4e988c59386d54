"""Puts a stage together: a council's children, staff and registers from one seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import numpy.typing as npt

from services.demonstration.api import Api, GrpcApi
from services.demonstration.borough import Borough, build
from services.demonstration.marks import Registers
from services.demonstration.people import cast
from services.demonstration.stage import Stage
from services.outcomes.simulate.population import bands

SEED = 2026


def staged(
    tenant: str,
    *,
    api: Api,
    bulk: GrpcApi,
    move: Callable[[datetime], None],
    scale: float = 1.0,
) -> Stage:
    """Return the stage of a council before its first scene; the same every time."""
    seed = SEED + int(tenant[-1])
    borough = build(tenant, seed=seed, scale=scale)
    random = np.random.Generator(np.random.PCG64(seed))
    return Stage(
        api=api,
        bulk=bulk,
        borough=borough,
        cast=cast(tenant, tuple(school.urn for school in borough.schools)),
        registers=Registers(borough, _propensities(borough, random), random),
        move=move,
    )


def _propensities(borough: Borough, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw each child's share of missed sessions from the bands of its phase and year group."""
    real = bands()
    chances = real.chances.reshape(len(real.phases), len(real.lower))
    phases = {school.urn: school.phase.lower() for school in borough.schools}
    rows = {key: row for row, key in enumerate(zip(real.phases, real.years, strict=True))}
    drawn = np.empty(len(borough.children))
    for place, child in enumerate(borough.children):
        chance = chances[rows[phases[child.urn], child.year_group]]
        band = random.choice(len(chance), p=chance / chance.sum())
        drawn[place] = random.uniform(real.lower[band], real.upper[band])
    return drawn
