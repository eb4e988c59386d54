"""What a benchmark prints: a row for people, a JSON line for machines."""

from __future__ import annotations

import json
import platform
import resource
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

PACKAGES = ("grpcio", "sqlalchemy", "psycopg", "numpy", "pyarrow", "duckdb", "nats-py")


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement.

    Attributes:
        name: Such as `P1 postgresql`.
        what: One line for people.
        ours: Our figure, in `unit`.
        reference: The reference's figure, measured in the same run; None when there is none.
        unit: Such as `submits/s`.
        least: The ratio that the design asks for, `>= 1.0` or `<= 6`; empty if none.
        n: How many were measured.
        more: Further figures.
    """

    name: str
    what: str
    ours: float
    reference: float | None
    unit: str
    least: str
    n: int
    more: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ours over the reference."""
        return self.ours / self.reference if self.reference else None


def show(result: Result) -> None:
    """Print one row and its JSON line."""
    ratio = "-" if result.ratio is None else f"{result.ratio:.2f}x"
    reference = "-" if result.reference is None else f"{result.reference:,.1f}"
    print(
        f"{result.name:<22} {result.ours:>14,.1f} {reference:>14} {ratio:>8} "
        f"{result.least:>8}  {result.unit:<12} {result.what}",
        flush=True,
    )
    line = asdict(result) | {"ratio": result.ratio, "versions": _versions()}
    print(json.dumps(line), flush=True)


def heading() -> None:
    """Print the table's head."""
    print(f"{'name':<22} {'ours':>14} {'reference':>14} {'ratio':>8} {'asked':>8}  unit")


def peak_memory_mb() -> float:
    """Return the largest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
