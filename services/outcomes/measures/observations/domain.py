"""Answers to a measure: what can be one, and how a score with gaps is prorated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.outcomes.errors.measures import ObservationInvalid
from services.outcomes.measures.catalogue.domain.entries import Instrument, Measure, in_force
from services.outcomes.measures.catalogue.domain.values import (
    MICRO,
    Informant,
    Ref,
    Scale,
    Scoring,
)


class Answer(StrEnum):
    """What came of asking."""

    VALUE = "value"
    NOT_ASKED = "not_asked"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"
    """It was recorded in error; only a correction says so."""


NON_ANSWERS = (Answer.NOT_ASKED, Answer.REFUSED, Answer.NOT_APPLICABLE)


class Method(StrEnum):
    """How it was found out."""

    QUESTIONNAIRE = "questionnaire"
    INTERVIEW = "interview"
    CONVERSATION = "conversation"
    SEEN = "seen"
    """The practitioner saw it."""
    RECORDS = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody says was answered, before it is known whether it can be.

    Attributes:
        measure: `id@version`, or `id` for the version in force on the day.
        value: Millionths; None with a non-answer, and for what is finer than a millionth.
        items_answered: Of the instrument's questions; 0 for all of them.
    """

    child_id: str
    measure: str
    answer: Answer
    informant: Informant
    method: Method
    observed_on: date
    value: int | None = None
    items_answered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An answer as it is kept.

    Attributes:
        value: Millionths, prorated where the instrument says so; None for a non-answer.
        given: The score as it was given, where that differs.
        instrument: That of the measure's version.
        source: What it came by: `rpc`, or a file's SHA-256.
        supersedes: The observation that this one corrects; empty for none.
        reason: Why it was corrected.
    """

    id: str
    child_id: str
    measure: Ref
    answer: Answer
    informant: Informant
    method: Method
    observed_on: date
    value: int | None
    given: int | None
    items_answered: int
    instrument: Ref | None
    source: str
    supersedes: str
    reason: str
    recorded_at: datetime
    recorded_by: str

    @property
    def key(self) -> tuple[str, str, Informant, date]:
        """What there is one of: a child's answer to a measure, by an informant, on a day."""
        return self.child_id, self.measure.id, self.informant, self.observed_on

    @property
    def said(self) -> tuple[Answer, int | None, int | None, int, Method]:
        """What was answered."""
        return self.answer, self.value, self.given, self.items_answered, self.method


@dataclass(frozen=True, slots=True)
class Against:
    """What an answer is held against.

    Attributes:
        measure: The version it names.
        instrument: The measure's, or None.
        scale: The instrument's or the measure's own; None for what is computed.
        today: In London; nothing is observed later.
    """

    measure: Measure
    instrument: Instrument | None
    scale: Scale | None
    today: date


def scored(given: Given, against: Against, *, field: str = "observation") -> int | None:
    """Return the value to keep, prorated where the instrument says so; None for a non-answer.

    Raises:
        ObservationInvalid: The field says which part does not fit (OBSERVATION_INVALID).
    """
    if against.scale is None:
        raise _wrong(f"{field}.measure", f"{against.measure.ref} is computed, not recorded")
    _check_day(given, against, field)
    _check_informant(given, against, field)
    if given.answer is not Answer.VALUE:
        if given.value is not None or given.items_answered:
            raise _wrong(f"{field}.value", "a non-answer has no value and is never a zero")
        return None
    if given.value is None:
        raise _wrong(f"{field}.value", "give the value, or say why there is none")
    value = _prorated(given.value, given.items_answered, against, field)
    if not against.scale.holds(value):
        raise _out_of_range(value, against.scale, f"{field}.value")
    return value


def _check_day(given: Given, against: Against, field: str) -> None:
    if given.observed_on > against.today:
        raise _wrong(f"{field}.observed_date", f"{given.observed_on} has not come yet")
    held: tuple[Measure | Instrument, ...] = (against.measure,)
    if against.instrument is not None:
        held = (*held, against.instrument)
    for one in held:
        if not in_force(one, given.observed_on):
            raise _wrong(
                f"{field}.observed_date",
                f"{one.id}@{one.version} may not be used on {given.observed_on}",
            )


def _check_informant(given: Given, against: Against, field: str) -> None:
    if given.informant not in against.measure.informants:
        asked = ", ".join(against.measure.informants)
        raise _wrong(
            f"{field}.informant",
            f"{against.measure.ref} asks {asked}, not {given.informant.value}",
        )


def _prorated(value: int, answered: int, against: Against, field: str) -> int:
    """Return the score as if every question had been answered like those that were."""
    instrument, field = against.instrument, f"{field}.items_answered"
    if not answered:
        return value
    if instrument is None or not instrument.items:
        raise _wrong(field, f"{against.measure.ref} has no questions to count")
    if answered > instrument.items:
        raise _wrong(field, f"the instrument has {instrument.items} questions")
    if answered == instrument.items:
        return value
    if not instrument.items_needed:
        raise _wrong(field, f"{instrument.id} is not prorated: without every answer, no score")
    if answered < instrument.items_needed:
        raise _wrong(field, f"{instrument.id} needs {instrument.items_needed} answers")
    if instrument.scoring is Scoring.MEAN:
        return value
    step = instrument.scale.step
    # Half a step is rounded up, in whole numbers, as a person would on paper.
    return (2 * value * instrument.items + answered * step) // (2 * answered * step) * step


def _wrong(field: str, message: str) -> ObservationInvalid:
    return ObservationInvalid(message, field=field)


def _out_of_range(value: int, scale: Scale, field: str) -> ObservationInvalid:
    low, high = shown(scale.low), shown(scale.high)
    return ObservationInvalid(
        f"{shown(value)} is not an answer: from {low} to {high} with {scale.decimals} decimals",
        field=field,
        value=shown(value),
        low=low,
        high=high,
        decimals=scale.decimals,
    )


def shown(value: int) -> str:
    """Return millionths as a person writes them."""
    return f"{value / MICRO:g}"
