"""Lint the protos with buf, and hold them against the last release, both offline.

buf reads the image that protoc wrote when the code was generated, so it needs no registry.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMAGE = Path("protos/gen/localresponse/descriptors.binpb")
CONFIG = ROOT / "protos" / "buf.yaml"
BUF = Path(sys.executable).parent / "buf"


def main() -> int:
    """Return 0 when the protos keep the rules and break no caller of the last release."""
    linted = _run([str(BUF), "lint", str(ROOT / IMAGE), "--config", str(CONFIG)])
    return linted or _breaking(_last_release())


def _last_release() -> str:
    described = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip()


def _breaking(release: str) -> int:
    if not release:
        print("proto-lint: nothing is released yet, so nothing can be broken")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "release.tar"
        _run(["git", "archive", "-o", str(archive), release])
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        _run([sys.executable, str(Path(folder) / "hatch_build.py")])
        against = Path(folder) / IMAGE
        return _run(
            [
                *(str(BUF), "breaking", str(ROOT / IMAGE)),
                *("--against", str(against), "--config", str(CONFIG)),
            ]
        )


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
