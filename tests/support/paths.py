"""Where the tests find what is not theirs."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"
"""Published data beside the repository; `SOURCES.md` there says whose it is."""
