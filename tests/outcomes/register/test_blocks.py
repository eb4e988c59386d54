"""Blocks and overlays: folding what was recorded gives the register as it stood at any moment."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.outcomes.register.domain.blocks import Block, folded, merged, unpacked, unsqueezed
from services.outcomes.register.domain.marks import POSITIONS

marks = st.dictionaries(
    st.tuples(st.integers(1, 5), st.integers(0, POSITIONS - 1)),
    st.sampled_from([1, 2, 17, 20, 255]),
    min_size=1,
    max_size=20,
)


def block_of(recorded: dict[tuple[int, int], int]) -> Block:
    numbers = sorted({number for number, _ in recorded})
    codes = np.zeros((len(numbers), POSITIONS), np.uint8)
    for (number, position), code in recorded.items():
        codes[numbers.index(number), position] = code
    return Block(np.array(numbers, np.int32), codes)


def marks_in(block: Block) -> dict[tuple[int, int], int]:
    return {
        (int(block.numbers[row]), int(position)): int(block.codes[row, position])
        for row, position in zip(*np.nonzero(block.codes), strict=True)
    }


@given(st.lists(marks, min_size=1, max_size=6))
def test_the_fold_of_all_overlays_is_what_was_last_recorded(
    imports: list[dict[tuple[int, int], int]],
) -> None:
    now: Block | None = None
    expected: dict[tuple[int, int], int] = {}
    overlays: list[Block] = []
    history: list[dict[tuple[int, int], int]] = []
    for recorded in imports:
        outcome = merged(now, block_of(recorded))
        expected.update(recorded)
        if outcome is not None:
            now = outcome.block
            overlays.append(unsqueezed(outcome.overlay.squeezed()))
            history.append(dict(expected))

    assert now is not None
    assert marks_in(now) == expected
    for count, then in enumerate(history, start=1):
        fold = folded(overlays[:count])
        assert fold is not None
        assert marks_in(fold) == then


@given(marks, marks)
def test_an_overlay_holds_what_changed_and_nothing_else(
    before: dict[tuple[int, int], int], after: dict[tuple[int, int], int]
) -> None:
    outcome = merged(block_of(before), block_of(after))

    news = {key: code for key, code in after.items() if before.get(key) != code}
    assert (marks_in(outcome.overlay) if outcome else {}) == news
    if outcome:
        assert outcome.added == len(set(news) - set(before))
        assert outcome.added + outcome.changed == len(news)


@given(marks)
def test_recording_the_same_again_changes_nothing(recorded: dict[tuple[int, int], int]) -> None:
    assert merged(block_of(recorded), block_of(recorded)) is None


@given(marks)
def test_a_block_survives_its_bytes(recorded: dict[tuple[int, int], int]) -> None:
    block = block_of(recorded)

    assert marks_in(unpacked(*block.packed())) == recorded
    assert marks_in(unsqueezed(block.squeezed())) == recorded
