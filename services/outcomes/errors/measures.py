"""Refusals of measures, instruments, frameworks and observations."""

from __future__ import annotations

from services.chassis.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)


class MeasureInvalid(InvalidArgument):
    """A measure cannot be as it is asked for; the field says which part."""

    reason = "MEASURE_INVALID"


class InstrumentInvalid(InvalidArgument):
    """An instrument cannot be as it is asked for; the field says which part."""

    reason = "INSTRUMENT_INVALID"


class FrameworkInvalid(InvalidArgument):
    """A framework names a measure twice, or one that is not there."""

    reason = "FRAMEWORK_INVALID"


class ObservationInvalid(InvalidArgument):
    """An answer does not fit its measure: out of range, too fine, from the wrong informant."""

    reason = "OBSERVATION_INVALID"


class MappingInvalid(InvalidArgument):
    """A provider's measure cannot be mapped so."""

    reason = "MAPPING_INVALID"


class MeasureNotFound(NotFound):
    """No such measure or version in the authority's catalogue."""

    reason = "MEASURE_NOT_FOUND"

    def __init__(self, measure: str, *, field: str = "measure_id") -> None:
        super().__init__(f"there is no measure {measure}", field=field, measure=measure)


class InstrumentNotFound(NotFound):
    """No such instrument or version in the authority's catalogue."""

    reason = "INSTRUMENT_NOT_FOUND"

    def __init__(self, instrument: str, *, field: str = "instrument_id") -> None:
        super().__init__(f"there is no instrument {instrument}", field=field, instrument=instrument)


class FrameworkNotFound(NotFound):
    """No such framework or version in the authority."""

    reason = "FRAMEWORK_NOT_FOUND"

    def __init__(self, framework: str) -> None:
        super().__init__(
            f"there is no framework {framework}", field="framework_id", framework=framework
        )


class ObservationNotFound(NotFound):
    """No such observation in the caller's authority."""

    reason = "OBSERVATION_NOT_FOUND"

    def __init__(self, observation_id: str) -> None:
        super().__init__(
            f"there is no observation {observation_id}",
            field="observation_id",
            observation_id=observation_id,
        )


class ProviderMeasureNotFound(NotFound):
    """The provider has sent no measure of that code."""

    reason = "PROVIDER_MEASURE_NOT_FOUND"

    def __init__(self, provider: str, code: str) -> None:
        super().__init__(
            f"{provider} has sent no measure {code}", field="code", provider=provider, code=code
        )


class MeasureExists(AlreadyExists):
    """There is a measure of that id; make a version of it."""

    reason = "MEASURE_EXISTS"


class InstrumentExists(AlreadyExists):
    """There is an instrument of that id; make a version of it."""

    reason = "INSTRUMENT_EXISTS"


class FrameworkExists(AlreadyExists):
    """There is a framework of that id; make a version of it."""

    reason = "FRAMEWORK_EXISTS"


class ObservationExists(AlreadyExists):
    """The child has another answer of that measure, informant and day; correct that one."""

    reason = "OBSERVATION_EXISTS"


class ObservationSuperseded(FailedPrecondition):
    """A correction of it is there already; correct that one."""

    reason = "OBSERVATION_SUPERSEDED"


class VersionStale(Aborted):
    """Somebody made a version first: read again and decide."""

    reason = "VERSION_STALE"
