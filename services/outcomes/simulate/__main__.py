"""`python -m services.outcomes.simulate --true-effect 4 --children 20 --runs 200 --json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from services.outcomes.simulate.study import Outcome, Study, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a study from the command line; 2 when it is not possible."""
    parser = argparse.ArgumentParser(prog="localresponse simulate", description=__doc__)
    parser.add_argument("--true-effect", type=float, default=0.0, help="points of attendance")
    parser.add_argument("--children", type=int, default=20, help="supported children a study")
    parser.add_argument("--runs", type=int, default=200, help="studies")
    parser.add_argument("--seed", type=int, default=2, help="of every draw")
    parser.add_argument("--worst-first", action="store_true", help="support the most absent")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on a line")
    asked = parser.parse_args(arguments)
    study = Study(
        true_effect=asked.true_effect,
        children=asked.children,
        runs=asked.runs,
        seed=asked.seed,
        worst_first=asked.worst_first,
    )
    try:
        outcome = run(study)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lines = [json.dumps(outcome.as_json())] if asked.json else sentences(outcome)
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


if __name__ == "__main__":
    sys.exit(main())
