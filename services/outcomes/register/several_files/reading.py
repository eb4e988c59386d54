"""Files of marks on their way in: one, or several in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from localresponse.outcomes.v1 import register_files_service_pb2 as files_pb
from localresponse.outcomes.v1 import register_service_pb2 as pb

from services.chassis.errors import ServiceError
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children.vault import Vault
from services.outcomes.incoming_rows.csv_files import ROWS_MAX
from services.outcomes.incoming_rows.findings import SHOWN_MAX
from services.outcomes.register import commands, files, mapping
from services.outcomes.register.imported import Batch, Imported, Keeping, Source


def read(request: pb.ImportRegisterFileRequest | files_pb.RegisterFile) -> Batch:
    """Read one file.

    Raises:
        ServiceError: It is not such a file; see `files.read`.
    """
    columns = mapping.mapping_in(request.mapping)
    keeping = Keeping.NOTHING
    if request.keep_good_rows:
        keeping |= Keeping.GOOD_ROWS
    if request.hold_unknown_children:
        keeping |= Keeping.UNKNOWN_CHILDREN
    # Rows that are set apart are known by their findings, so that every one is needed.
    shown_max = 2 * ROWS_MAX if keeping else SHOWN_MAX
    content = request.content  # a copy each time it is asked for
    file = files.read(content, school=request.urn, mapping=columns, shown_max=shown_max)
    source = Source(
        name=request.source,
        sha256=hashlib.sha256(content).hexdigest(),
        scheme=mapping.scheme_in(request.scheme),
        mapping=asdict(columns),
        content=content if keeping else b"",
    )
    return Batch(
        marks=file.marks,
        findings=file.findings,
        labels=file.labels,
        source=source,
        keeping=keeping,
    )


def read_all(given: Iterable[files_pb.RegisterFile]) -> list[Batch]:
    """Read several files; a refusal says which of them it is about.

    Raises:
        ServiceError: One is not such a file.
    """
    found = []
    for place, one in enumerate(given):
        try:
            found.append(read(one))
        except ServiceError as error:
            raise _placed(error, place) from None
    return found


def import_all(work: UnitOfWork, vault: Vault, batches: Sequence[Batch]) -> list[Imported]:
    """Record several files in their order: all of them or none.

    Raises:
        ServiceError: One is refused; see `commands.import_marks`.
    """
    done = []
    for place, batch in enumerate(batches):
        try:
            done.append(commands.import_marks(work, vault, batch))
        except ServiceError as error:
            raise _placed(error, place) from None
    return done


def _placed(error: ServiceError, place: int) -> ServiceError:
    """Return the refusal with the place of its file in front of the field."""
    field = error.field or "content"
    error.field = f"files[{place}].{field}"
    return error
