"""The house's sizes and habits, as tests; there is no list of exceptions."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("services", "gateway")
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
TEST_FILE_LINES_MAX = 400
TEST_FUNCTION_LINES_MAX = 30
PROTO_LINES_MAX = 500
ARGUMENTS_MAX = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _files(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def _product() -> list[Path]:
    return [path for path in _files("*.py") if path.relative_to(ROOT).parts[0] in PRODUCT]


def _tests() -> list[Path]:
    return [path for path in _files("*.py") if path.relative_to(ROOT).parts[0] == "tests"]


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _where(path: Path, node: Function) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def _too_long(paths: list[Path], most: int) -> list[str]:
    counted = {path: len(path.read_text().splitlines()) for path in paths}
    return [f"{path.relative_to(ROOT)}: {n}" for path, n in counted.items() if n > most]


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    assert _too_long(_product(), MODULE_LINES_MAX) == []


def test_no_test_file_is_longer_than_four_hundred_lines() -> None:
    assert _too_long(_tests(), TEST_FILE_LINES_MAX) == []


def test_no_proto_is_longer_than_five_hundred_lines() -> None:
    ours = [path for path in _files("*.proto") if "third_party" not in path.parts]

    assert _too_long(ours, PROTO_LINES_MAX) == []


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [
        _where(p, f) for p in _product() for f in _functions(p) if _lines(f) > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_no_test_is_longer_than_thirty_lines() -> None:
    long = [
        _where(path, function)
        for path in _tests()
        for function in _functions(path)
        if function.name.startswith("test_") and _lines(function) > TEST_FUNCTION_LINES_MAX
    ]

    assert long == []


def test_nine_functions_in_ten_are_under_thirty_lines_and_half_are_under_ten() -> None:
    sizes = sorted(_lines(function) for path in _product() for function in _functions(path))

    assert sizes[int(len(sizes) * 0.9)] < 30
    assert median(sizes) < 10


def test_no_function_takes_more_than_five_arguments_or_more_than_two_unnamed() -> None:
    wide = []
    for path in _product():
        for function in _functions(path):
            arguments = function.args
            positional = [a.arg for a in arguments.posonlyargs + arguments.args]
            own = [name for name in positional if name not in {"self", "cls"}]
            if len(own) + len(arguments.kwonlyargs) > ARGUMENTS_MAX:
                wide.append(_where(path, function))

    assert wide == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\b(TODO|FIXME|XXX)\b", id="notes to self"),
        pytest.param(r"assert True\b", id="a test that cannot fail"),
        pytest.param(r"unittest\.mock|monkeypatch\.setattr|mocker\.", id="mocks"),
        pytest.param(r"pytest\.(skip|xfail)|mark\.(skip|xfail)", id="skips"),
    ],
)
def test_no_source_holds(pattern: str) -> None:
    own = Path(__file__)
    sources = [path for path in [*_product(), *_tests()] if path != own]

    found = [str(p.relative_to(ROOT)) for p in sources if re.search(pattern, p.read_text())]

    assert found == []


def test_the_clock_is_read_in_one_place() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in _product()
        if re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(", path.read_text())
    ]

    assert readers == ["services/chassis/clock.py"]


def test_every_module_says_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _product()
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []
