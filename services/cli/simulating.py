"""`localresponse simulate` says what so many children could show."""

from __future__ import annotations

import json
import sys

from services.cli.progress import progress
from services.outcomes.simulate import Outcome, Study, run


def simulate(study: Study, *, as_json: bool) -> int:
    """Run a study and print what it found, as sentences or as one JSON object; 2 if impossible."""
    try:
        with progress("Simulating") as show:
            outcome = run(study, progress=lambda done: show("studies", 100 * done // study.runs))
    except ValueError as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    lines = [json.dumps(outcome.as_json())] if as_json else sentences(outcome)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def sentences(outcome: Outcome) -> list[str]:
    """Return what the studies found, for a programme manager."""
    if outcome.adjusted_mean is None or outcome.mean_interval_width is None:
        return [f"{outcome.children} children are too few for an estimate: counts only."]
    told = 100 * (outcome.distinguishable or 0)
    return [
        f"{outcome.runs} studies of {outcome.children} supported children",
        f"True effect on attendance: {outcome.true_effect:+.1f} points",
        f"Naive change before and after: {outcome.naive_mean or 0:+.1f} points",
        f"Adjusted difference, on average: {outcome.adjusted_mean:+.1f} points",
        f"Its 95 % interval is {outcome.mean_interval_width:.1f} points wide",
        f"Intervals that hold the truth: {100 * (outcome.coverage or 0):.0f} %",
        f"Studies that could tell the effect from zero: {told:.0f} %",
    ]
