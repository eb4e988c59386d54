"""`localresponse simulate`, as a programme manager or a script runs it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from services.cli.simulating import simulate
from services.outcomes.simulate import Study

_NAMES = "true_effect children runs naive_mean adjusted_mean adjusted_sd coverage"


def test_the_last_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    code = simulate(Study(true_effect=0, children=12, runs=2), as_json=True)

    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert set(_NAMES.split()) | {"mean_interval_width"} <= set(found)
    assert np.isfinite(found["adjusted_mean"])


def test_an_impossible_study_ends_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    code = simulate(Study(true_effect=0, children=0, runs=2), as_json=True)

    assert code == 2
    assert "1 or more" in capsys.readouterr().err


def test_people_are_told_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    code = simulate(Study(true_effect=0, children=12, runs=2), as_json=False)

    assert code == 0
    assert "2 studies of 12 supported children" in capsys.readouterr().out
