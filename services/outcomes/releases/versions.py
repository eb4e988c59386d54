"""What changed from one release to the next, and the version that says how far it reaches."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from services.outcomes.data_packages.contents import Sheet
from services.outcomes.releases.storage import Change

FIRST = "1.0.0"
_TEXTS = "string"


def changes(before: Sequence[Sheet], now: Sequence[Sheet]) -> list[Change]:
    """Return the changes between the tables of two releases."""
    old, new = ({sheet.name: sheet for sheet in each} for each in (before, now))
    found = [Change("major", name, "the table is gone") for name in sorted(old.keys() - new.keys())]
    for name in sorted(old.keys() & new.keys()):
        found += _within(old[name], new[name])
    added = sorted(new.keys() - old.keys())
    return found + [Change("minor", name, "the table is new") for name in added]


def next_version(version: str, found: Sequence[Change]) -> str:
    """Return the version after `version`: major, minor or patch, as the farthest change."""
    major, minor, patch = (int(part) for part in version.split("."))
    kinds = {change.kind for change in found}
    if "major" in kinds:
        return f"{major + 1}.0.0"
    if "minor" in kinds:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def _within(old: Sheet, new: Sheet) -> list[Change]:
    had, has = ([each.name for each in sheet.variables] for sheet in (old, new))
    found = [Change("major", new.name, f"column {c} is gone") for c in had if c not in has]
    found += [Change("minor", new.name, f"column {c} is new") for c in has if c not in had]
    before, after = _cells(old), _cells(new)
    gone, fresh = len(before.keys() - after.keys()), len(after.keys() - before.keys())
    moved = sum(before[key] != after[key] for key in before.keys() & after.keys())
    if gone:
        found.append(Change("major", new.name, f"{gone} figures are gone"))
    if fresh:
        found.append(Change("minor", new.name, f"{fresh} figures are new"))
    if moved:
        found.append(Change("patch", new.name, f"{moved} figures were corrected"))
    return found


def _cells(sheet: Sheet) -> dict[tuple[str, ...], str]:
    """Return the figures of a table by their column and the texts of their row."""
    kinds = {each.name: each.kind for each in sheet.variables}
    found = {}
    for row in csv.DictReader(io.StringIO(sheet.content.decode(), newline="")):
        labels = tuple(row[name] for name, kind in kinds.items() if kind == _TEXTS)
        for name, kind in kinds.items():
            if kind != _TEXTS:
                found[name, *labels] = row[name]
    return found
