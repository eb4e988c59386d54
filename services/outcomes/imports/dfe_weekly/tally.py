"""What a replay of the vintages did: the figures of its last line."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.outcomes.imports.dfe_weekly.published import Row
from services.outcomes.imports.replaying.comparison import Comparison

_NAMED_MAX = 20


@dataclass(slots=True)
class Contradiction:
    """Rows of one publication that no register could give, for one reason.

    Attributes:
        rows: How many.
        weeks: Mondays of the weeks that they are about.
        example: The first of them, with its counts.
    """

    rows: int = 0
    weeks: set[date] = field(default_factory=set)
    example: str = ""

    def take(self, row: Row) -> None:
        """Count a row."""
        self.rows += 1
        self.weeks.add(row.monday)
        counts = ", ".join(f"{name} {count}" for name, count in (row.counts or {}).items())
        self.example = self.example or f"{row.name}, {row.phase}, {row.monday}: {counts}"


@dataclass(slots=True)
class Tally:
    """What the whole run did.

    Attributes:
        read: Rows of authorities.
        suppressed: Of them, rows without counts.
        contradictions: Of them, rows that no register could give, by publication and reason.
        sums_left_out: Rows of regions and of England that our authorities cannot be added up to.
        authorities: Authorities replayed, each its own tenant.
        publications: Dates that something was recorded on.
        marks: Marks sent, first ones and corrections.
        recording: Seconds spent on recording them.
        reading: Seconds spent on reading each publication as of its day.
        comparison: As of each date, with what was published on it.
    """

    read: int = 0
    suppressed: int = 0
    contradictions: dict[tuple[date, str], Contradiction] = field(default_factory=dict)
    sums_left_out: int = 0
    authorities: int = 0
    publications: set[date] = field(default_factory=set)
    marks: int = 0
    recording: float = 0.0
    reading: float = 0.0
    comparison: Comparison = field(default_factory=Comparison)

    def take(self, rows: Iterable[Row]) -> None:
        """Count an authority's rows by what can be done with them."""
        self.authorities += 1
        for row in rows:
            self.read += 1
            reason = row.contradiction()
            if row.counts is None:
                self.suppressed += 1
            elif reason is not None:
                key = (row.published_on, reason)
                self.contradictions.setdefault(key, Contradiction()).take(row)
            else:
                self.publications.add(row.published_on)

    def summary(self) -> dict[str, Any]:
        """Return the last line of the report."""
        found = self.comparison
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {
            "read": self.read,
            "compared": found.compared,
            "exact": found.exact,
            "sums_compared": found.sums_compared,
            "sums_exact": found.sums_exact,
            "sums_left_out": self.sums_left_out,
            "largest_difference_pp": found.largest_difference_pp,
            "publications": len(self.publications),
            "suppressed": self.suppressed,
            "contradictory": sum(one.rows for one in self.contradictions.values()),
            "contradictions": self._contradictions(),
            "authorities": self.authorities,
            "marks": self.marks,
            "recording_seconds": round(self.recording, 1),
            "reading_seconds": round(self.reading, 1),
            "marks_per_second": round(self.marks / self.recording) if self.recording else 0,
            "peak_memory_mb": round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
            "differing": found.differing[:_NAMED_MAX],
        }

    def _contradictions(self) -> list[dict[str, Any]]:
        return [
            {
                "published_on": day.isoformat(),
                "because": reason,
                "rows": one.rows,
                "weeks": [monday.isoformat() for monday in sorted(one.weeks)],
                "example": one.example,
            }
            for (day, reason), one in sorted(self.contradictions.items())
        ]


def sentence(summary: dict[str, Any], *, checked: bool) -> str:
    """Return the summary in words."""
    recorded = (
        f"{summary['marks']:,} marks of {summary['authorities']} authorities in "
        f"{summary['publications']} publications, recorded in {summary['recording_seconds']} s.\n"
    )
    left_out = "".join(
        f"Left out: {one['rows']} rows published on {one['published_on']}, because {one['because']}"
        f" ({one['example']}).\n"
        for one in summary["contradictions"]
    )
    if not checked:
        return recorded + left_out
    return (
        f"{recorded}As of each of them {summary['exact']} of {summary['compared']} published rows "
        f"are exact, and {summary['sums_exact']} of {summary['sums_compared']} rows of regions and "
        f"England as sums; {summary['suppressed']} are suppressed by the DfE.\n{left_out}"
    )
