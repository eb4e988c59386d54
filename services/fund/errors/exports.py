"""Refusals of what exports are told, and of exports that may not leave yet."""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


class FinanceMappingInvalid(InvalidArgument):
    """The mapping for the finance system names an account twice, not at all, or an unknown one."""

    reason = "FINANCE_MAPPING_INVALID"


class NothingToPublish(NotFound):
    """Nothing is published of such a supplier."""

    reason = "NOTHING_TO_PUBLISH"


class PublicationNotReviewed(FailedPrecondition):
    """Suppliers whose names would be published have not been reviewed."""

    reason = "PUBLICATION_NOT_REVIEWED"
