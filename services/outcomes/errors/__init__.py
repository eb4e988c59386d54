"""Refusals of schools, children and registers, in order of precedence.

InvalidArgument
├── CalendarSpanInvalid   SchoolTwice   UpnInvalid   EnrolmentDatesInvalid   ChildUnnamed
├── FileUnreadable   HeaderWrong   LineTooLong   TooManyRows   StreamInvalid
├── RowsRefused           a file with wrong rows is refused whole
├── AgreementInvalid   ProofOutOfRange
└── MethodVersionUnknown   AsOfInFuture
NotFound
└── SchoolNotFound   ChildNotFound   ImportNotFound   EpisodeNotFound   AnalysisRunNotFound
    CohortNotFound   AuthorityNotFound
AlreadyExists
└── AlreadyOnRoll
FailedPrecondition
├── AgreementLapsed   ReleaseStateWrong   SecondPersonNeeded   ReleaseDifferenced
└── NotOnRoll   IdentifiersDisagree   AnalysisNotCompleted

Those of measures, of cohorts, of analyses, of children's events, of unfunded support and of what is
known of children stand in modules of their own beside this one.
"""

from __future__ import annotations

from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from services.outcomes.errors import analyses as analyses
from services.outcomes.errors import child_events as child_events
from services.outcomes.errors import children as children
from services.outcomes.errors import cohorts as cohorts
from services.outcomes.errors import measures as measures
from services.outcomes.errors import support as support


class CalendarSpanInvalid(InvalidArgument):
    """A span ends before it begins, or is too long."""

    reason = "CALENDAR_SPAN_INVALID"


class SchoolTwice(InvalidArgument):
    """A URN stands twice in one request."""

    reason = "SCHOOL_TWICE"


class UpnInvalid(InvalidArgument):
    """A unique pupil number is malformed or its check letter is wrong."""

    reason = "UPN_INVALID"


class EnrolmentDatesInvalid(InvalidArgument):
    """An enrolment ends before it begins."""

    reason = "ENROLMENT_DATES_INVALID"


class ChildUnnamed(InvalidArgument):
    """A child has neither an identifier nor an id."""

    reason = "CHILD_UNNAMED"


class FileUnreadable(InvalidArgument):
    """The file is empty, not UTF-8, holds a NUL, or is not CSV."""

    reason = "FILE_UNREADABLE"


class HeaderWrong(InvalidArgument):
    """A column is missing from the header, or stands twice in it."""

    reason = "HEADER_WRONG"


class LineTooLong(InvalidArgument):
    """A line is longer than any real row."""

    reason = "LINE_TOO_LONG"


class TooManyRows(InvalidArgument):
    """The import holds more rows than allowed."""

    reason = "TOO_MANY_ROWS"


class StreamInvalid(InvalidArgument):
    """A stream of columns has no header, two, or columns of unequal length."""

    reason = "STREAM_INVALID"


class RowsRefused(InvalidArgument):
    """Rows are wrong; nothing was kept."""

    reason = "ROWS_REFUSED"


class SchoolNotFound(NotFound):
    """No such school in the caller's authority."""

    reason = "SCHOOL_NOT_FOUND"

    def __init__(self, urn: str, *, field: str = "urn") -> None:
        super().__init__(f"there is no school {urn}", field=field, urn=urn)


class ChildNotFound(NotFound):
    """No such child in the caller's authority."""

    reason = "CHILD_NOT_FOUND"

    def __init__(self, child_id: str, *, field: str = "child_id") -> None:
        super().__init__(f"there is no child {child_id}", field=field, child_id=child_id)


class ImportNotFound(NotFound):
    """No such import in the caller's authority."""

    reason = "IMPORT_NOT_FOUND"

    def __init__(self, import_id: str) -> None:
        super().__init__(f"there is no import {import_id}", field="import_id", import_id=import_id)


class AuthorityNotFound(NotFound):
    """No authority of England has that code."""

    reason = "AUTHORITY_NOT_FOUND"

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no authority {code}", field="ons_code", ons_code=code)


class AlreadyOnRoll(AlreadyExists):
    """The child is on this roll in that time already."""

    reason = "ALREADY_ON_ROLL"


class NotOnRoll(FailedPrecondition):
    """The child is not on this roll."""

    reason = "NOT_ON_ROLL"


class IdentifiersDisagree(FailedPrecondition):
    """The identifiers given belong to two children; a person must decide."""

    reason = "IDENTIFIERS_DISAGREE"


class MethodVersionUnknown(InvalidArgument):
    """No version of the method has that name."""

    reason = "METHOD_VERSION_UNKNOWN"


class AsOfInFuture(InvalidArgument):
    """Nothing can be read as of a moment that has not come."""

    reason = "AS_OF_IN_FUTURE"


class EpisodeNotFound(NotFound):
    """No such episode in the caller's authority."""

    reason = "EPISODE_NOT_FOUND"

    def __init__(self, episode_id: str) -> None:
        super().__init__(
            f"there is no episode {episode_id}", field="episode_id", episode_id=episode_id
        )


class AnalysisRunNotFound(NotFound):
    """No such run in the caller's authority."""

    reason = "ANALYSIS_RUN_NOT_FOUND"

    def __init__(self, analysis_run_id: str) -> None:
        super().__init__(
            f"there is no analysis run {analysis_run_id}",
            field="analysis_run_id",
            analysis_run_id=analysis_run_id,
        )


class AnalysisNotCompleted(FailedPrecondition):
    """The run has no results: it is still queued or running, or it failed."""

    reason = "ANALYSIS_NOT_COMPLETED"


class CohortNotFound(NotFound):
    """No such frozen cohort in the caller's authority."""

    reason = "COHORT_NOT_FOUND"

    def __init__(self, cohort_id: str, *, field: str = "rule.cohort_id") -> None:
        super().__init__(f"there is no cohort {cohort_id}", field=field, cohort_id=cohort_id)


class AgreementInvalid(InvalidArgument):
    """An agreement ends before it begins, or allows groups smaller than the floor."""

    reason = "AGREEMENT_INVALID"


class ProofOutOfRange(InvalidArgument):
    """The log never had that size, or no such item at it."""

    reason = "PROOF_OUT_OF_RANGE"


class AgreementNotFound(NotFound):
    """No such agreement in the caller's authority, or it is another evaluator's."""

    reason = "AGREEMENT_NOT_FOUND"

    def __init__(self, agreement_id: str) -> None:
        super().__init__(
            f"there is no agreement {agreement_id}",
            field="agreement_id",
            agreement_id=agreement_id,
        )


class AgreementLapsed(FailedPrecondition):
    """The agreement is not in force today."""

    reason = "AGREEMENT_LAPSED"


class ReleaseNotFound(NotFound):
    """No such release in the caller's authority, or it is not published."""

    reason = "RELEASE_NOT_FOUND"

    def __init__(self, release_id: str) -> None:
        super().__init__(
            f"there is no release {release_id}", field="release_id", release_id=release_id
        )


class ReleaseStateWrong(FailedPrecondition):
    """The release is not in the state that this needs."""

    reason = "RELEASE_STATE_WRONG"


class SecondPersonNeeded(FailedPrecondition):
    """Who drafted a release may not publish it."""

    reason = "SECOND_PERSON_NEEDED"


class ReleaseDifferenced(FailedPrecondition):
    """Subtracting it from an earlier release or feed would leave a few children."""

    reason = "RELEASE_DIFFERENCED"
