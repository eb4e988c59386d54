"""Measures, instruments and frameworks: what each must say of itself, and when it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.outcomes.errors.measures import (
    FrameworkInvalid,
    InstrumentInvalid,
    MeasureInvalid,
)
from services.outcomes.measures.catalogue.domain.values import (
    Direction,
    Formula,
    Informant,
    Ref,
    Scale,
    Scoring,
    Unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire or scale, by its scoring. Its questions are its owner's and not kept.

    Attributes:
        scale: Of the score.
        items: How many questions make the score; 0 where it does not say.
        items_needed: A score from at least so many answers is prorated; 0 for never.
        informants: Whom it is made for.
        licence_note: Whose it is and on what terms it may be used.
        valid_from, valid_to: Days on which this version may be used; None for any.
    """

    id: str
    version: int
    name: str
    scale: Scale
    scoring: Scoring
    informants: tuple[Informant, ...]
    licence_note: str
    owner: str
    items: int = 0
    items_needed: int = 0
    valid_from: date | None = None
    valid_to: date | None = None

    def check(self) -> None:
        """Do nothing when it can be.

        Raises:
            InstrumentInvalid: The field says which part cannot (INSTRUMENT_INVALID).
        """
        if not self.scale.sound:
            raise InstrumentInvalid(
                "the highest score is above the lowest, and both are scores",
                field="instrument.scale",
            )
        prorated = self.items_needed > 0
        if prorated and self.scoring not in {Scoring.SUM, Scoring.MEAN}:
            raise InstrumentInvalid(
                f"a score that is a {self.scoring.value} cannot be prorated",
                field="instrument.items_needed",
                scoring=self.scoring.value,
            )
        if prorated and not 0 < self.items_needed < self.items:
            raise InstrumentInvalid(
                f"prorating needs fewer answers than the {self.items} questions",
                field="instrument.items_needed",
                items=self.items,
                items_needed=self.items_needed,
            )
        if _backwards(self.valid_from, self.valid_to):
            raise InstrumentInvalid("it ends before it begins", field="instrument.valid_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is measured, from whom, on what scale, and who answers for it.

    Attributes:
        formula: How the product computes it; None for what people record.
        minimum_possible_sessions: Below these a computed value says nothing and is not given.
        informants: Who may be asked; empty for what is computed.
        instrument: With what; None where the measure has a scale of its own.
        scale: The answers, where there is no instrument.
        valid_from, valid_to: Days on which this version may be used; None for any.
    """

    id: str
    version: int
    name: str
    unit: Unit
    direction: Direction
    definition: str
    owner: str
    formula: Formula | None = None
    minimum_possible_sessions: int = 0
    informants: tuple[Informant, ...] = ()
    instrument: Ref | None = None
    scale: Scale | None = None
    licence_note: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def ref(self) -> Ref:
        """Name this version."""
        return Ref(self.id, self.version)

    def check(self) -> None:
        """Do nothing when it can be.

        Raises:
            MeasureInvalid: The field says which part cannot (MEASURE_INVALID).
        """
        if self.formula is None:
            self._check_recorded()
        else:
            self._check_computed()
        if _backwards(self.valid_from, self.valid_to):
            raise MeasureInvalid("it ends before it begins", field="measure.valid_to")

    def _check_recorded(self) -> None:
        if not self.informants:
            raise MeasureInvalid(
                "what people record says who may be asked", field="measure.informants"
            )
        if (self.scale is None) == (self.instrument is None):
            raise MeasureInvalid(
                "give a scale or an instrument, one of them", field="measure.scale"
            )
        if self.scale is not None and not self.scale.sound:
            raise MeasureInvalid(
                "the highest answer is above the lowest, and both are answers",
                field="measure.scale",
            )
        if self.minimum_possible_sessions:
            raise MeasureInvalid(
                "what people record has no possible sessions",
                field="measure.minimum_possible_sessions",
            )

    def _check_computed(self) -> None:
        if self.informants or self.scale is not None or self.instrument is not None:
            raise MeasureInvalid(
                "what is computed has no informant, scale or instrument", field="measure.formula"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A part of a framework, such as belonging, with the measures that speak to it."""

    id: str
    name: str
    description: str
    measures: tuple[Ref, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """What an authority wants for its children, in domains, agreed before anything is measured."""

    id: str
    version: int
    name: str
    owner: str
    domains: tuple[Domain, ...]
    valid_from: date | None = None
    valid_to: date | None = None

    def check(self) -> None:
        """Do nothing when it can be.

        Raises:
            FrameworkInvalid: A domain or a measure stands twice, or it ends too early.
        """
        ids = [domain.id for domain in self.domains]
        twice = next((each for each in ids if ids.count(each) > 1), None)
        if twice is not None:
            raise FrameworkInvalid(
                f"domain {twice} stands twice", field="framework.domains", domain=twice
            )
        for place, domain in enumerate(self.domains):
            if len(set(domain.measures)) < len(domain.measures):
                raise FrameworkInvalid(
                    f"a measure stands twice in {domain.id}",
                    field=f"framework.domains[{place}].measures",
                    domain=domain.id,
                )
        if _backwards(self.valid_from, self.valid_to):
            raise FrameworkInvalid("it ends before it begins", field="framework.valid_to")


def in_force(one: Measure | Instrument | Framework, on: date) -> bool:
    """Return whether a version may be used on a day."""
    early = one.valid_from is not None and on < one.valid_from
    late = one.valid_to is not None and on > one.valid_to
    return not early and not late


def _backwards(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first
