"""Marks that waited for their child, recorded as any import is."""

from __future__ import annotations

import hashlib

import numpy as np

from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children.domain import Scheme
from services.outcomes.children.matching.domain import Case, RegisterRows
from services.outcomes.children.vault import Vault
from services.outcomes.incoming_rows.findings import Findings
from services.outcomes.register import commands
from services.outcomes.register.domain.checks import Labels
from services.outcomes.register.domain.marks import Marks
from services.outcomes.register.imported import Batch, Source


def record(
    work: UnitOfWork, vault: Vault, case: Case, *, waiting: RegisterRows, child_id: str
) -> None:
    """Record the marks for a child.

    Raises:
        PermissionDenied: The caller may not import for the school (ACTION_NOT_ALLOWED).
        RowsRefused: A mark cannot be the child's, who is not on roll say; nothing was written.
    """
    count = len(waiting.marks)
    codes = list(dict.fromkeys(code for _, _, code in waiting.marks))
    marks = Marks(
        schools=[case.urn],
        children=[child_id],
        codes=codes,
        school=np.zeros(count, np.intp),
        child=np.zeros(count, np.intp),
        code=np.array([codes.index(code) for _, _, code in waiting.marks], np.intp),
        day=np.array([day for day, _, _ in waiting.marks], np.int32),
        session=np.array([session for _, session, _ in waiting.marks], np.uint8),
    )
    batch = Batch(
        marks=marks,
        findings=Findings(lambda mark: mark + 1, np.zeros(count, np.bool_)),
        labels=Labels("child", "date", "", ("code",), np.zeros(count, np.uint8)),
        source=Source(
            name=case.source,
            sha256=hashlib.sha256(case.id.encode()).hexdigest(),
            scheme=Scheme.CHILD,
            mapping={"match": case.id},
        ),
    )
    commands.import_marks(work, vault, batch)
