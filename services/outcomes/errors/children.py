"""Refusals of characteristics, of the matching queue and of merges, in order of precedence.

InvalidArgument
└── CharacteristicInvalid
NotFound
└── RejectedRowsNotFound
"""

from __future__ import annotations

from services.chassis.errors import InvalidArgument, NotFound


class CharacteristicInvalid(InvalidArgument):
    """A characteristic has no such code, not on that day, or takes the place of nothing."""

    reason = "CHARACTERISTIC_INVALID"


class RejectedRowsNotFound(NotFound):
    """The import refused no row, or its rejected rows are no longer kept."""

    reason = "REJECTED_ROWS_NOT_FOUND"

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"import {import_id} has no file of rejected rows",
            field="import_id",
            import_id=import_id,
        )
