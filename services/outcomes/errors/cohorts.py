"""Refusals of cohorts and comparison pools."""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


class CohortRuleInvalid(InvalidArgument):
    """A rule is not one of the grammar; the field says where."""

    reason = "COHORT_RULE_INVALID"


class PoolNotFound(NotFound):
    """No such comparison pool of the cohort."""

    reason = "COMPARISON_POOL_NOT_FOUND"

    def __init__(self, pool_id: str) -> None:
        super().__init__(f"there is no comparison pool {pool_id}", field="pool_id", pool_id=pool_id)


class CohortStateWrong(FailedPrecondition):
    """The cohort is not frozen, or not in the state that this needs."""

    reason = "COHORT_STATE_WRONG"


class MemberUnchanged(FailedPrecondition):
    """The child is in the cohort already, or out of it already."""

    reason = "MEMBER_UNCHANGED"
