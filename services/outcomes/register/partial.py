"""What becomes of wrong rows when the good ones are kept: nothing of them is lost.

A row of an unknown child waits until somebody says whose it is; any other goes into a file of
rejected rows, with what is wrong and what to do beside it, to be put right and sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
)

from services.chassis.auth import Principal
from services.chassis.sealing import seal, unseal
from services.chassis.tables import UtcDateTime
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children.domain import identifier_of
from services.outcomes.children.matching import holding
from services.outcomes.children.matching.domain import Reason, RegisterRows
from services.outcomes.children.vault import Vault
from services.outcomes.errors.children import RejectedRowsNotFound
from services.outcomes.incoming_rows.findings import Finding, Findings, Rule
from services.outcomes.register import reports
from services.outcomes.register.imported import Batch, Imported, Keeping
from services.outcomes.register.rejected import rejected_csv
from services.outcomes.storage.metadata import metadata

KEPT_DAYS = 30
"""After these a file of rejected rows is unreadable: its key goes with the next import."""

REGISTER_REJECTED = Table(
    "register_rejected",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("import_id", String(36), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)


@dataclass(slots=True)
class Apart:
    """An import taken apart.

    Attributes:
        kept: What is left to record; None when nothing was taken out.
        batch: All of it.
        refused_lines: What is wrong, by line; joined where a line is wrong twice.
        held_lines: Lines of unknown children that wait.
    """

    kept: Batch | None = None
    batch: Batch | None = None
    refused_lines: dict[int, list[Finding]] = field(default_factory=dict)
    held_lines: set[int] = field(default_factory=set)

    def held_rows(self) -> int:
        """Return how many rows wait."""
        return len(self.held_lines)


def set_apart(batch: Batch) -> Apart:
    """Take an import apart by what was found in it; its findings name every wrong row.

    Raises:
        RowsRefused: A row is wrong in a way that is not to be set apart (ROWS_REFUSED).
    """
    lines: dict[int, list[Finding]] = {}
    for finding in batch.findings.errors:
        lines.setdefault(finding.row, []).append(finding)
    held = set[int]()
    if Keeping.UNKNOWN_CHILDREN in batch.keeping:
        unknown = {Rule.UNKNOWN_CHILD}
        held = {line for line, found in lines.items() if {one.rule for one in found} == unknown}
    refused = {line: found for line, found in lines.items() if line not in held}
    if refused and Keeping.GOOD_ROWS not in batch.keeping:
        batch.findings.raise_if_any()
    return Apart(_without(batch, set(lines)), batch, refused, held)


def rows_of_lines(batch: Batch, lines: set[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return bool[marks]: the marks that stand on some lines."""
    count, line_of = len(batch.marks), batch.findings.line_of
    return np.fromiter((line_of(mark) in lines for mark in range(count)), np.bool_, count)


def _without(batch: Batch, lines: set[int]) -> Batch:
    """Return an import without some of its lines, and without the findings about them."""
    rows = np.flatnonzero(~rows_of_lines(batch, lines))
    line_of = batch.findings.line_of
    findings = Findings(
        lambda mark: line_of(int(rows[mark])),
        np.zeros(len(rows), np.bool_),
        shown_max=batch.findings.shown_max,
    )
    return replace(
        batch,
        marks=batch.marks.of_rows(rows),
        findings=findings,
        labels=replace(batch.labels, part=batch.labels.part[rows]),
    )


def put_aside(work: UnitOfWork, vault: Vault, apart: Apart, done: Imported) -> None:
    """Keep the rejected rows of an import, sealed, and let those of unknown children wait."""
    if apart.batch is not None and apart.held_lines:
        held = unknown_children(apart.batch, apart.held_lines)
        holding.hold(work, vault, held, source=done.source)
    if not apart.refused_lines or apart.batch is None:
        return
    _forget(work, vault)
    content = rejected_csv(apart.batch.source.content, apart.refused_lines)
    key = vault.make(work.tenant, [done.id])[done.id]
    row = {
        "tenant": work.tenant,
        "import_id": done.id,
        "rows": len(apart.refused_lines),
        "sealed": seal(key, content, work.tenant, "register_rejected", done.id),
        "recorded_at": work.at,
    }
    work.connection.execute(insert(REGISTER_REJECTED), row)


def unknown_children(batch: Batch, lines: set[int]) -> list[holding.Held]:
    """Return the marks on some lines, those of each school and identifier together."""
    marks, scheme = batch.marks, batch.source.scheme
    found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for row in np.flatnonzero(rows_of_lines(batch, lines)).tolist():
        urn, child = marks.schools[int(marks.school[row])], marks.children[int(marks.child[row])]
        mark = (int(marks.day[row]), int(marks.session[row]), marks.codes[int(marks.code[row])])
        found.setdefault((urn, child), []).append(mark)
    doubt = holding.Doubt(Reason.UNKNOWN_IDENTIFIER, ())
    return [
        holding.Held(
            RegisterRows(scheme, child, tuple(each)), doubt, urn, identifier_of(scheme, urn, child)
        )
        for (urn, child), each in found.items()
    ]


def _forget(work: UnitOfWork, vault: Vault) -> None:
    """Destroy what was kept long enough."""
    table = REGISTER_REJECTED.c
    old = (table.tenant == work.tenant) & (table.recorded_at < work.at - timedelta(days=KEPT_DAYS))
    for import_id in work.connection.execute(select(table.import_id).where(old)).scalars().all():
        vault.destroy(work.tenant, import_id)
    work.connection.execute(delete(REGISTER_REJECTED).where(old))


def rejected_rows(
    connection: Connection, vault: Vault, who: Principal, import_id: str
) -> tuple[Imported, bytes]:
    """Return an import and the CSV file of the rows it refused.

    Raises:
        ImportNotFound: No such import in the authority (IMPORT_NOT_FOUND).
        PermissionDenied: It holds marks of another's school.
        RejectedRowsNotFound: It refused none, or they are no longer kept.
    """
    done = reports.get_import(connection, who, import_id)
    for urn in done.urns:
        access.require_school(who, "register.import", urn)
    table = REGISTER_REJECTED.c
    sealed = connection.execute(
        select(table.sealed).where(table.tenant == who.tenant, table.import_id == import_id)
    ).scalar_one_or_none()
    key = vault.keys(who.tenant, [import_id]).get(import_id)
    if sealed is None or key is None:
        raise RejectedRowsNotFound(import_id)
    return done, unseal(key, bytes(sealed), who.tenant, "register_rejected", import_id)
