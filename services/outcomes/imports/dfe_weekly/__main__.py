"""Runs the import by itself."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.outcomes.imports.dfe_weekly.command import run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Replay published vintages as corrections.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--authority")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sys.exit(run(given.file, authority=given.authority, as_json=given.json))
