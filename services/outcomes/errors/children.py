"""Refusals of characteristics, of the matching queue and of merges, in order of precedence.

InvalidArgument
└── CharacteristicInvalid   MatchDecisionInvalid   MergeInvalid
NotFound
└── RejectedRowsNotFound   MatchNotFound   MergeNotFound
FailedPrecondition
└── MatchDecided   MergeNotLast
"""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


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


class MatchDecisionInvalid(InvalidArgument):
    """That cannot be decided of this row: no child is named, or none can be made of it."""

    reason = "MATCH_DECISION_INVALID"


class MatchNotFound(NotFound):
    """Nothing of that id waits or waited in the caller's authority."""

    reason = "MATCH_NOT_FOUND"

    def __init__(self, match_id: str) -> None:
        super().__init__(f"there is no match {match_id}", field="match_id", match_id=match_id)


class MatchDecided(FailedPrecondition):
    """Somebody decided it before."""

    reason = "MATCH_DECIDED"


class MergeInvalid(InvalidArgument):
    """The two are one child already, or one of them is erased."""

    reason = "MERGE_INVALID"


class MergeNotFound(NotFound):
    """No such merge stands in the caller's authority."""

    reason = "MERGE_NOT_FOUND"

    def __init__(self, merge_id: str) -> None:
        super().__init__(f"there is no merge {merge_id}", field="merge_id", merge_id=merge_id)


class MergeNotLast(FailedPrecondition):
    """A later merge of either child stands."""

    reason = "MERGE_NOT_LAST"
