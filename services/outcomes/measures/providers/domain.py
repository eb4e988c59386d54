"""A provider's own figures, and the decision that they mean a measure of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.outcomes.measures.catalogue.domain.values import MICRO, Informant, Ref, Scale
from services.outcomes.measures.observations.files import number


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFigure:
    """What a provider sent of a child, as it was sent.

    Attributes:
        provider: A short name, such as that of a charity.
        reference: The provider's own id of the record; sent again with other content, it is a
            new version of it.
        version: From 1.
        code, name, unit: The measure as the provider calls it.
        value: As written.
    """

    provider: str
    reference: str
    child_id: str
    code: str
    name: str
    unit: str
    value: str
    observed_on: date
    version: int
    recorded_at: datetime
    recorded_by: str

    @property
    def said(self) -> tuple[str, str, str, str, str, date]:
        """What it says."""
        return self.child_id, self.code, self.name, self.unit, self.value, self.observed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A decision about one measure of one provider.

    Attributes:
        version: From 1; the newest holds.
        measure: The catalogue's; None says that it is none of them.
        informant: Who was asked, which the provider knows and the figures do not say.
        multiplier: Millionths by which a figure becomes an answer, such as 10,000 for a per cent.
        first: Figures observed earlier stay unmapped; None for none.
        reason: Why, for whoever compares.
    """

    provider: str
    code: str
    version: int
    measure: Ref | None
    informant: Informant | None
    multiplier: int
    first: date | None
    reason: str
    decided_at: datetime
    decided_by: str

    def covers(self, figure: ProviderFigure) -> bool:
        """Return whether a figure is mapped by it."""
        early = self.first is not None and figure.observed_on < self.first
        return self.measure is not None and not early


def newest(mappings: Iterable[Mapping]) -> dict[tuple[str, str], Mapping]:
    """Return the decision that holds on each provider's measure."""
    ordered = sorted(mappings, key=lambda one: one.version)
    return {(one.provider, one.code): one for one in ordered}


def mapped_value(figure: ProviderFigure, mapping: Mapping, scale: Scale) -> int | None:
    """Return a figure as an answer, in millionths; None where it is no answer on the scale."""
    read = number(figure.value)
    if read is None:
        return None
    value, rest = divmod(read * mapping.multiplier, MICRO)
    return value if rest == 0 and scale.holds(value) else None
