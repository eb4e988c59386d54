"""What comes with the product, as version 1 of each id, for every authority and for ever.

A definition here is never changed: what was measured by it would mean something else. A better
one is shipped under an id of its own, or made by the authority as version 2.

No question of any instrument is here: they are their owners'. What is kept is how the score is
made, its range, and on what terms the instrument may be used.
"""

from __future__ import annotations

from services.outcomes.measures.catalogue.domain.entries import Domain, Framework, Measure
from services.outcomes.measures.catalogue.domain.values import (
    Direction,
    Formula,
    Informant,
    Ref,
    Unit,
)
from services.outcomes.measures.catalogue.shipped.computed import computed
from services.outcomes.measures.catalogue.shipped.instruments import INSTRUMENTS
from services.outcomes.measures.catalogue.shipped.owner import OWNER

__all__ = ["FRAMEWORKS", "INSTRUMENTS", "MEASURES"]


def _recorded(
    measure_id: str,
    name: str,
    definition: str,
    *,
    informants: tuple[Informant, ...],
    instrument: str,
) -> Measure:
    return Measure(
        id=measure_id,
        version=1,
        name=name,
        unit=Unit.SCORE,
        direction=Direction.HIGHER,
        definition=definition,
        owner=OWNER,
        informants=informants,
        instrument=Ref(instrument, 1),
    )


_FAMILY = (Informant.CHILD, Informant.PARENT)
MEASURES = (
    *computed(),
    _recorded(
        "belonging",
        "Belonging at school",
        "How much the child says they belong at school, in their own judgement.",
        informants=(Informant.CHILD,),
        instrument="pssm_18",
    ),
    _recorded(
        "wellbeing",
        "Wellbeing",
        "The child's own account of the last two weeks.",
        informants=(Informant.CHILD,),
        instrument="swemwbs",
    ),
    _recorded(
        "timely_support",
        "Support came when it was needed",
        "From 0, far too late or never, to 10, when it was needed.",
        informants=_FAMILY,
        instrument="scale_0_10",
    ),
    _recorded(
        "holistic_working",
        "Services worked as one",
        "From 0, the family told each service again, to 10, the services worked as one.",
        informants=tuple(Informant),
        instrument="scale_0_10",
    ),
)


def _domain(domain_id: str, name: str, description: str, *measures: str) -> Domain:
    refs = tuple(Ref(measure, 1) for measure in measures)
    return Domain(id=domain_id, name=name, description=description, measures=refs)


FRAMEWORKS = (
    Framework(
        id="outcomes",
        version=1,
        name="Outcomes framework",
        owner=OWNER,
        domains=(
            _domain(
                "belonging",
                "Belonging",
                "Children are known, wanted and heard at school.",
                "belonging",
                "wellbeing",
            ),
            _domain(
                "timely_support",
                "Timely support",
                "Practical help comes while it can still change something.",
                "timely_support",
            ),
            _domain(
                "inclusion",
                "Inclusion",
                "Children are in school and stay in it.",
                *(formula.value for formula in Formula),
            ),
            _domain(
                "holistic_working",
                "Holistic working",
                "Family, school and services work as one.",
                "holistic_working",
            ),
        ),
    ),
)
