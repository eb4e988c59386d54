"""The fund's state machine on both databases.

How many examples are run is `LOCALRESPONSE_TEST_EXAMPLES_SQLITE` and `…_POSTGRESQL`; the defaults
are for every day, `make soak` runs 2,000 and 500. `LOCALRESPONSE_TEST_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import sys
from collections import defaultdict
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fund.terms_machine import TermsMachine
from tests.fund.world import migrate
from tests.support.databases import POSTGRESQL, SQLITE, Databases

EXAMPLES = {SQLITE: "8", POSTGRESQL: "3"}
STEPS_EACH = 25


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_whatever_is_asked_in_whatever_order_the_books_hold(
    kind: str, databases: Databases
) -> None:
    name = f"LOCALRESPONSE_TEST_EXAMPLES_{kind.upper()}"
    examples = int(os.environ.get(name, EXAMPLES[kind]))
    number = int(os.environ.get("LOCALRESPONSE_TEST_SEED", random.SystemRandom().getrandbits(32)))

    class Machine(TermsMachine):
        make_url = staticmethod(lambda: databases.prepared(kind, "fund", migrate))
        refused: ClassVar[dict[str, int]] = defaultdict(int)

    sys.stderr.write(f"\n{kind}: {examples} examples, seed {number}\n")
    run_state_machine_as_test(
        seed(number)(Machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    refused = sum(Machine.refused.values())
    sys.stderr.write(f"{kind}: {Machine.steps_taken} commands, {refused} of them refused\n")
    assert refused < Machine.steps_taken
