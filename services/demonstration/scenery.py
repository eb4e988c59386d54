"""Puts a stage together: a council's children, staff and registers from one seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from services.demonstration.api import Api, GrpcApi
from services.demonstration.borough import build
from services.demonstration.marks import Registers
from services.demonstration.people import cast
from services.demonstration.stage import Stage
from services.outcomes.simulate.bands import propensities

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
    phases = {school.urn: school.phase for school in borough.schools}
    propensity = propensities(
        [(phases[child.urn], child.year_group) for child in borough.children], random
    )
    return Stage(
        api=api,
        bulk=bulk,
        borough=borough,
        cast=cast(tenant, tuple(school.urn for school in borough.schools)),
        registers=Registers(borough, propensity, random),
        move=move,
    )
