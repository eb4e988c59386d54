"""How much memory a piece of work takes at its peak, apart from what was there before."""

from __future__ import annotations

from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def forget_peak() -> None:
    """Start a new peak from what is resident now, where the kernel can."""
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def resident_mb() -> float:
    """Return what is resident now, in MB."""
    return _read("VmRSS:")


def peak_mb() -> float:
    """Return the largest resident size since the last peak was forgotten, in MB."""
    return _read("VmHWM:")


def _read(name: str) -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
