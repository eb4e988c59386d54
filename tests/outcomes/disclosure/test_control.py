from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.outcomes.disclosure.control import control, recovered
from services.outcomes.disclosure.rules import Rules
from services.outcomes.disclosure.tables import (
    Dimension,
    Quantity,
    Record,
    Table,
    table_of,
    with_totals,
)
from tests.outcomes.disclosure.bands import random_tables

RULES = Rules()


def table(*rows: list[int], name: str = "t", population: str = "children") -> Table:
    counts = np.array(rows, dtype=np.int64)
    dimensions = (
        Dimension("phase", tuple(f"p{at}" for at in range(counts.shape[0]))),
        Dimension("term", tuple(f"t{at}" for at in range(counts.shape[1]))),
    )
    return Table(name=name, population=population, dimensions=dimensions, counts=counts)


def test_no_cell_of_200_real_tables_is_under_the_threshold_or_recovered() -> None:
    shown, suppressed, found = 0, 0, 0
    for each in random_tables(200, seed=20):
        (safe,) = control([each], RULES)
        true = with_totals(each.counts)
        shown += int((true[~safe.hidden] <= RULES.threshold).sum())
        suppressed += int(safe.hidden.sum())
        found += len(recovered([safe], RULES))

    assert (shown, found) == (0, 0)
    assert suppressed > 400


def test_without_further_suppression_cells_of_real_tables_are_recovered() -> None:
    found = sum(
        len(recovered(control([each], RULES, secondary=False), RULES))
        for each in random_tables(200, seed=20)
    )

    assert found > 100


def test_a_single_small_cell_takes_others_with_it() -> None:
    each = table([3, 40, 60], [50, 70, 80], [45, 90, 100])

    (safe,) = control([each], RULES)

    assert safe.hidden[0, 0]
    assert safe.hidden.sum() >= 4
    assert recovered([safe], RULES) == []


def test_totals_are_sums_of_rounded_parts() -> None:
    (safe,) = control([table([12, 43], [58, 71])], RULES)

    assert safe.counts.tolist() == [[10, 45, 55], [60, 70, 130], [70, 115, 185]]
    assert not safe.hidden.any()


def test_a_group_that_all_have_left_out_is_as_telling_as_a_small_one() -> None:
    (safe,) = control([table([30, 0], [40, 50])], RULES)

    assert safe.hidden[0, 1]
    assert recovered([safe], RULES) == []


def test_a_cell_hidden_in_one_table_is_hidden_in_every_table() -> None:
    phase = Dimension("phase", ("primary", "secondary", "special"))
    one = Table(name="a", population="c", dimensions=(phase,), counts=np.array([40, 50, 4]))
    two = table([20, 20], [25, 25], [2, 2], population="c")
    term = two.dimensions[1]
    two = Table(name="b", population="c", dimensions=(phase, term), counts=two.counts)

    safe = control([one, two], RULES)

    assert safe[0].hidden[2]
    assert safe[1].hidden[2, 2]
    assert recovered(safe, RULES) == []


SPEND = Quantity("spend_gbp", 1_000)


def spent(number: int, phase: str, pence: int, largest: int) -> Record:
    return Record(number, (phase,), (pence,), (largest,))


def spends(*records: Record) -> Table:
    phase = Dimension("phase", ("primary", "secondary", "special"))
    return table_of("s", "c", dimensions=[phase], records=records, quantities=[SPEND])


def test_spend_that_one_purchase_makes_up_is_not_shown() -> None:
    first = [spent(n, "primary", 1_000_000 if n == 0 else 10_000, 1_000_000) for n in range(20)]
    others = [
        spent(n, phase, 10_000, 10_000)
        for phase, start in (("secondary", 20), ("special", 40))
        for n in range(start, start + 20)
    ]
    dominated = [spent(n, "primary", 100_000 if n == 0 else 1, 100_000) for n in range(20)]

    (plain,) = control([spends(*first, *others)], RULES)
    (safe,) = control([spends(*dominated, *others)], RULES)

    assert (plain.count((0,)), plain.amount(0, (0,))) == (20, 1_190_000)
    assert (safe.hidden[0], safe.amount(0, (0,))) == (True, None)
    assert recovered([safe], RULES) == []


def test_two_shown_groups_never_differ_by_a_few_children() -> None:
    phase, term = Dimension("phase", ("all",)), Dimension("state", ("measured", "not"))
    everyone = [Record(number, ("all",)) for number in range(40)]
    states = [Record(number, ("measured",)) for number in range(38)]

    safe = control(
        [
            table_of("a", "supported", dimensions=[phase], records=everyone),
            table_of("b", "measured", dimensions=[term], records=states),
        ],
        RULES,
    )

    shown = [each.table.children()[index] for each in safe for index in each.shown()]
    assert {len(members) for members in shown} == {40}


def test_of_two_nearly_equal_groups_the_one_that_gives_way_is_hidden() -> None:
    def total(name: str, children: int, *, yields: bool) -> Table:
        records = [Record(number, ()) for number in range(children)]
        return replace(table_of(name, name, dimensions=[], records=records), yields=yields)

    safe = control([total("headline", 38, yields=False), total("other", 40, yields=True)], RULES)

    assert [each.count(()) for each in safe] == [40, None]


@pytest.mark.parametrize(
    ("threshold", "group", "base"),
    [
        pytest.param(4, 10, 5, id="threshold"),
        pytest.param(7, 4, 5, id="group"),
        pytest.param(7, 10, 4, id="an even base"),
    ],
)
def test_rules_that_protect_nobody_are_refused(threshold: int, group: int, base: int) -> None:
    with pytest.raises(ValueError, match="below 5"):
        Rules(threshold=threshold, group=group, base=base)
