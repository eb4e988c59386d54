"""Writing marks: checked as columns, merged into blocks, all of an import or none of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import queries as children
from services.outcomes.children.domain import Scheme
from services.outcomes.children.queries import Named
from services.outcomes.children.vault import Vault
from services.outcomes.reference import queries as reference
from services.outcomes.reference import storage as schools
from services.outcomes.register import partial, storage
from services.outcomes.register.announcing import announce
from services.outcomes.register.domain.blocks import merged
from services.outcomes.register.domain.checks import Checker
from services.outcomes.register.domain.marks import Marks, Places, places_of
from services.outcomes.register.domain.scatter import Laid, lay
from services.outcomes.register.imported import Batch, Imported, Source
from services.outcomes.register.storage import Written


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Marks laid out, with what each block becomes."""

    marks: Marks
    laid: Laid | None
    written: list[Written]


def import_marks(work: UnitOfWork, vault: Vault, batch: Batch) -> Imported:
    """Record marks.

    Raises:
        SchoolNotFound: A school is unknown (SCHOOL_NOT_FOUND), when no column names it.
        PermissionDenied: A school is another's (ACTION_NOT_ALLOWED).
        RowsRefused: A row is wrong; nothing was written (ROWS_REFUSED).
        TooManyRows: The marks span too many weeks for their children.
    """
    import_id, batch = new_id(), replace(batch, findings=batch.findings.copy())
    schools.lock_schools(work.connection, work.tenant, batch.marks.schools)
    prepared = _prepare(work.connection, work.caller, vault, batch=batch)
    apart = partial.Apart()
    if batch.keeping and batch.findings.count:
        apart = partial.set_apart(batch)
        batch = apart.kept or batch
        prepared = _prepare(work.connection, work.caller, vault, batch=batch)
    batch.findings.raise_if_any()
    storage.write_blocks(
        work.connection, work.tenant, prepared.written, import_id=import_id, at=work.at
    )
    done = _summary(batch, prepared, import_id=import_id, at=work.at, who=work.caller)
    done = replace(done, refused=len(apart.refused_lines), held=apart.held_rows())
    storage.add_import(work.connection, _row(work.tenant, done, batch.source))
    partial.put_aside(work, vault, apart, done)
    announce(work, done, prepared.written)
    return done


def check_marks(connection: Connection, who: Principal, vault: Vault, *, batch: Batch) -> Imported:
    """Say what an import would do, and write nothing.

    Raises:
        SchoolNotFound: A school is unknown, when no column names it.
        PermissionDenied: A school is another's.
    """
    prepared = _prepare(connection, who, vault, batch=batch)
    return _summary(batch, prepared, import_id="", at=None, who=who)


def _prepare(connection: Connection, who: Principal, vault: Vault, *, batch: Batch) -> _Prepared:
    marks = batch.marks.only_schools_used() if len(batch.marks) else batch.marks
    known = _known_schools(connection, who, marks.schools, in_column=bool(batch.labels.urn))
    if not len(marks):
        return _Prepared(marks, None, [])
    checker = Checker(marks, batch.findings, batch.labels)
    checker.schools(known)
    indexes = checker.codes()
    places = places_of(marks)
    named = _named(marks, places, batch.source.scheme)
    numbers = children.resolve(connection, who.tenant, vault, named=named)
    checker.children(places, numbers)
    checker.roll(places, numbers, storage.roll(connection, who.tenant, marks.schools))
    checker.calendar(reference.calendars(connection, who.tenant, marks.schools), indexes)
    laid = lay(marks, places, numbers, indexes=indexes, checker=checker)
    written = [] if batch.findings.count else _merge(connection, who.tenant, marks, laid)
    return _Prepared(marks, laid, written)


def _known_schools(
    connection: Connection, who: Principal, urns: Sequence[str], *, in_column: bool
) -> NDArray[np.bool_]:
    """Return which schools are known; those must be the caller's to import for."""
    if not in_column:
        reference.require_schools(connection, who, "register.import", set(urns))
        return np.ones(len(urns), np.bool_)
    known = schools.schools(connection, who.tenant, urns)
    for urn in known:
        access.require_school(who, "register.import", urn)
    return np.fromiter((urn in known for urn in urns), np.bool_, len(urns))


def _named(marks: Marks, places: Places, scheme: Scheme) -> Named:
    """Return the children of the pairs of school and child, in the order of the pairs."""
    children, child = marks.children, places.child.tolist()
    urns = [marks.schools[school] for school in places.school.tolist()]
    return Named(scheme, [children[place] for place in child], urns)


def _merge(connection: Connection, tenant: str, marks: Marks, laid: Laid) -> list[Written]:
    weeks = (int(laid.weeks[0]), int(laid.weeks[-1]))
    held = {
        (one.urn, one.week): one
        for one in storage.blocks(connection, tenant, urns=marks.schools, weeks=weeks)
    }
    written = []
    for school, week, block in laid.blocks():
        urn = marks.schools[school]
        known = held.get((urn, week))
        outcome = merged(known.block if known else None, block)
        if outcome is not None:
            written.append(Written(urn, week, known, outcome))
    return written


def _summary(
    batch: Batch, prepared: _Prepared, *, import_id: str, at: datetime | None, who: Principal
) -> Imported:
    marks, findings = prepared.marks, batch.findings
    some = len(marks) > 0
    return Imported(
        id=import_id,
        source=batch.source.name,
        sha256=batch.source.sha256,
        recorded_at=at,
        imported_by=who.subject,
        marks=len(marks),
        added=sum(one.merged.added for one in prepared.written),
        changed=sum(one.merged.changed for one in prepared.written),
        children=len(np.unique(prepared.laid.key & 0xFFFFFFFF)) if prepared.laid else 0,
        urns=tuple(sorted(marks.schools)) if some else (),
        first=date.fromordinal(int(marks.day.min())) if some else None,
        last=date.fromordinal(int(marks.day.max())) if some else None,
        warnings=tuple(findings.warnings),
        errors=tuple(sorted(findings.errors, key=lambda finding: finding.row)),
        refused=findings.count,
    )


def _row(tenant: str, done: Imported, source: Source) -> dict[str, object]:
    """Return the import as a row; warnings keep codes and dates, never an identifier."""
    return {
        "tenant": tenant,
        "id": done.id,
        "source": done.source,
        "sha256": done.sha256,
        "mapping": json.dumps({"scheme": source.scheme, **source.mapping}),
        "recorded_at": done.recorded_at,
        "imported_by": done.imported_by,
        "marks": done.marks,
        "added": done.added,
        "changed": done.changed,
        "children": done.children,
        "urns": json.dumps(done.urns),
        "first_day": done.first.toordinal() if done.first else 0,
        "last_day": done.last.toordinal() if done.last else 0,
        "warnings": json.dumps([asdict(warning) for warning in done.warnings]),
        "refused": done.refused,
        "held": done.held,
    }
