"""Instruments by their scoring; their questions are their owners' and are not here."""

from __future__ import annotations

from services.outcomes.measures.catalogue.domain.entries import Instrument
from services.outcomes.measures.catalogue.domain.values import (
    MICRO,
    Informant,
    Scale,
    Scoring,
)
from services.outcomes.measures.catalogue.shipped.owner import OWNER

_SDQ = (
    "Strengths and Difficulties Questionnaire, copyright of Robert Goodman; use needs the "
    "owner's licence (youthinmind). Scores alone are kept. Versions for parent, teacher and "
    "child are not interchangeable."
)


def _scale(low: int, high: int, decimals: int = 0) -> Scale:
    return Scale(low * MICRO, high * MICRO, decimals)


def _sdq(informant: Informant) -> Instrument:
    return Instrument(
        id=f"sdq_total_{informant.value}",
        version=1,
        name=f"SDQ total difficulties, {informant.value} version",
        scale=_scale(0, 40),
        scoring=Scoring.TABLE,
        informants=(informant,),
        licence_note=_SDQ,
        owner=OWNER,
        items=20,
    )


INSTRUMENTS = (
    Instrument(
        id="scale_0_10",
        version=1,
        name="One question answered from 0 to 10",
        scale=_scale(0, 10),
        scoring=Scoring.SINGLE,
        informants=tuple(Informant),
        licence_note="None needed: the authority words its own question.",
        owner=OWNER,
        items=1,
    ),
    Instrument(
        id="pssm_18",
        version=1,
        name="Psychological Sense of School Membership, 18 items",
        scale=_scale(1, 5, 2),
        scoring=Scoring.MEAN,
        informants=(Informant.CHILD,),
        licence_note="Goodenow (1993); ask the publisher. Scores alone are kept.",
        owner=OWNER,
        items=18,
    ),
    Instrument(
        id="swemwbs",
        version=1,
        name="Short Warwick-Edinburgh Mental Wellbeing Scale, raw score",
        scale=_scale(7, 35),
        scoring=Scoring.SUM,
        informants=(Informant.CHILD,),
        licence_note="University of Warwick; register its use with them. Scores alone are kept.",
        owner=OWNER,
        items=7,
    ),
    _sdq(Informant.PARENT),
    _sdq(Informant.TEACHER),
    _sdq(Informant.CHILD),
    Instrument(
        id="sdq_subscale",
        version=1,
        name="SDQ, one subscale of five items",
        scale=_scale(0, 10),
        scoring=Scoring.SUM,
        informants=(Informant.PARENT, Informant.TEACHER, Informant.CHILD),
        licence_note=_SDQ,
        owner=OWNER,
        items=5,
        items_needed=3,
    ),
)
