"""The register codes by name, as the 2024 regulations and the DfE's own arithmetic class them."""

from __future__ import annotations

from datetime import date

import pytest

from services.outcomes.reference.codes import BY_INDEX, CLASS_OF, CODES, CodeClass, find, in_force

PRESENT = ["/", "\\", "L"]
APPROVED = ["K", "V", "P", "W", "B", "J"]
AUTHORISED = ["C1", "M", "J1", "S", "C2", "C", "T", "R", "I", "E", "H", "F"]
UNAUTHORISED = ["G", "N", "O", "U"]
NOT_POSSIBLE = ["D", "X", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Z", "#", "Y", "X01"]
CLASSES = [
    *((code, CodeClass.PRESENT) for code in PRESENT),
    *((code, CodeClass.APPROVED) for code in APPROVED),
    *((code, CodeClass.AUTHORISED) for code in AUTHORISED),
    *((code, CodeClass.UNAUTHORISED) for code in UNAUTHORISED),
    *((code, CodeClass.NOT_POSSIBLE) for code in NOT_POSSIBLE),
]


@pytest.mark.parametrize(("code", "code_class"), CLASSES)
def test_a_code_counts_as_its_class(code: str, code_class: CodeClass) -> None:
    found = find(code)

    assert found is not None
    assert found.code_class is code_class
    assert CLASS_OF[found.index] == code_class


def test_every_code_is_in_the_table_of_classes() -> None:
    assert {found.code for found in CODES} == {
        "X**" if code == "X01" else code for code, _ in CLASSES
    }
    assert len(BY_INDEX) == len(CODES)


@pytest.mark.parametrize("code", ["H", "J", "F", "Y", "X01"])
def test_a_legacy_code_is_not_in_force_since_the_2024_regulations(code: str) -> None:
    found = find(code)

    assert found is not None
    assert in_force(found, date(2024, 8, 18))
    assert not in_force(found, date(2024, 8, 19))


@pytest.mark.parametrize("code", ["K", "C1", "C2", "J1", "Q", "Y1", "Y7"])
def test_a_new_code_is_in_force_since_the_2024_regulations(code: str) -> None:
    found = find(code)

    assert found is not None
    assert not in_force(found, date(2024, 8, 18))
    assert in_force(found, date(2024, 8, 19))


@pytest.mark.parametrize("code", ["", "?", "//", "C3", "Y8", "AB", "1", "X123"])
def test_what_is_no_code_is_not_found(code: str) -> None:
    assert find(code) is None


def test_a_code_may_be_written_small_and_with_spaces() -> None:
    assert find(" c1 ") == find("C1")
