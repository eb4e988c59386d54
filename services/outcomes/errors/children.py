"""Refusals of characteristics, of the matching queue and of merges, in order of precedence.

InvalidArgument
└── CharacteristicInvalid
"""

from __future__ import annotations

from services.chassis.errors import InvalidArgument


class CharacteristicInvalid(InvalidArgument):
    """A characteristic has no such code, not on that day, or takes the place of nothing."""

    reason = "CHARACTERISTIC_INVALID"
