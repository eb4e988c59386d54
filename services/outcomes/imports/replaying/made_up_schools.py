"""Schools made up to hold published marks, which name an authority and a phase and no school."""

from __future__ import annotations

from localresponse.outcomes.v1 import schools_service_pb2 as schools

SCHOOL_SIZE = 500
PHASES = {
    "Primary": schools.PHASE_PRIMARY,
    "Secondary": schools.PHASE_SECONDARY,
    "Special": schools.PHASE_SPECIAL,
}
"""As published -> on the wire."""


def urn_of(phase: str, school: int) -> str:
    """Return the made-up URN of a school: its phase, then its number."""
    return f"{9 - list(PHASES).index(phase)}{school:05d}"


def phase_of(urn: str) -> str:
    """Return the phase that a made-up URN says."""
    return list(PHASES)[9 - int(urn[0])]
