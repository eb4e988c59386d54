"""Runs the import by itself."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.outcomes.imports.dfe_daily.command import run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Replay published daily counts as marks.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--authority")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    sys.exit(
        run(
            given.file,
            check=given.check,
            as_json=given.json,
            authority=given.authority,
            data=given.data,
        )
    )
