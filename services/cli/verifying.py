"""`verify feed` and `verify release`: what anybody can run, without the network or a secret."""

from __future__ import annotations

import sys
from pathlib import Path

from localresponse.client import NoteInvalid, PublicKey, checkpoints_in, verify_feed


def feed(file: Path, checkpoint: Path | None, key: str) -> int:
    """Check a feed's NDJSON file against signed checkpoints, and say what is wrong.

    Args:
        file: As it was downloaded.
        checkpoint: Signed notes, one or more, best kept from earlier and from elsewhere.
        key: The public key, or a file that holds it.

    Returns:
        0 when all of it holds, 1 when not, 2 when a file or the key cannot be used.
    """
    if checkpoint is None or not key:
        sys.stderr.write("localresponse: give --checkpoint and --key; both come from the feed\n")
        return 2
    try:
        public = PublicKey.parse(Path(key).read_text() if Path(key).is_file() else key)
        points = checkpoints_in(checkpoint.read_text(encoding="utf-8"), public)
        with file.open(encoding="utf-8", newline="\n") as lines:
            report = verify_feed(lines, points)
    except (OSError, UnicodeDecodeError, NoteInvalid) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    for finding in report.findings:
        sys.stdout.write(f"{finding.kind}: {finding.message}\n")
    verdict = "complete and unaltered" if report.ok else "NOT as it was published"
    sys.stdout.write(f"{report.items} items, {report.proven} proven: {verdict}\n")
    return 0 if report.ok else 1


def release(file: Path) -> int:
    """Attack a release's package with linear programs that are given every published table.

    Returns:
        0 when no suppressed cell can be worked out, 1 when one can, 2 when it is no package.
    """
    from services.outcomes.disclosure.published import PackageUnreadable, attack

    try:
        verdict = attack(file.read_bytes())
    except (OSError, PackageUnreadable) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        return 2
    for each in verdict.recovered:
        sys.stdout.write(f"recovered: {each}\n")
    least = "none" if verdict.least is None else str(verdict.least)
    sys.stdout.write(
        f"{verdict.tables} tables, {verdict.shown} numbers of children shown, least {least}, "
        f"{verdict.under} under the threshold; {verdict.suppressed} suppressed, "
        f"{len(verdict.recovered)} recovered\n"
    )
    return 0 if verdict.ok else 1
