"""A CSV file of characteristics: a row for each child, a column for each kind it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import queries
from services.outcomes.children import storage as children
from services.outcomes.children.characteristics import commands, storage
from services.outcomes.children.characteristics.commands import Provenance
from services.outcomes.children.characteristics.domain import (
    Characteristic,
    Statement,
    in_force,
)
from services.outcomes.children.characteristics.kinds import BY_COLUMN, Kind
from services.outcomes.children.domain import Scheme
from services.outcomes.children.queries import Named
from services.outcomes.children.vault import Vault
from services.outcomes.incoming_rows import csv_files
from services.outcomes.incoming_rows.csv_files import Column
from services.outcomes.incoming_rows.findings import Findings, Rule

CHILD_COLUMNS = {
    Scheme.UPN: "upn",
    Scheme.AUTHORITY: "authority_child_id",
    Scheme.CHILD: "child_id",
}


@dataclass(slots=True)
class CharacteristicsFile:
    """What a file says.

    Attributes:
        scheme: Which identifier names the children.
        named: The identifier of each row.
        statements: Of each row; empty for a row at fault.
        findings: What is wrong.
    """

    scheme: Scheme
    named: list[str]
    statements: list[list[Statement]]
    findings: Findings


@dataclass(frozen=True, slots=True)
class CharacteristicsImported:
    """What an import did: rows read, statements recorded, and those that held already."""

    rows: int
    recorded: int
    unchanged: int


def read(content: bytes, *, scheme: Scheme, first: date) -> CharacteristicsFile:
    """Read a file whose statements all hold from one day.

    Raises:
        FileUnreadable: It is not CSV in UTF-8.
        LineTooLong: A line is above 64 KiB.
        HeaderWrong: The column of the children is missing, or a column stands twice.
        TooManyRows: It has too many rows.
    """
    child = CHILD_COLUMNS[scheme]
    wanted = {name: name for name in (child, *BY_COLUMN)}
    sheet = csv_files.read(content, wanted, optional=frozenset(BY_COLUMN))
    findings = Findings(sheet.line_of, sheet.blank.copy())
    for line in sheet.misshapen:
        findings.unreadable(line)
    columns = dict(sheet.columns)
    names = columns.pop(child)
    findings.refuse(Rule.FORMULA_CELL, names.name, names.formulas(), names.cell)
    findings.refuse(Rule.EMPTY_CELL, names.name, names.empty(), names.cell)
    statements: list[list[Statement]] = [[] for _ in range(sheet.rows)]
    for column, cells in columns.items():
        _take(column, cells, first=first, into=(statements, findings))
    findings.refused &= ~sheet.blank
    rows = np.flatnonzero(~sheet.blank)
    onwards = Findings(
        lambda row: sheet.line_of(int(rows[row])),
        findings.refused[rows],
        findings.errors,
        findings.warnings,
        findings.unread,
    )
    named = [names.cell(row) for row in rows.tolist()]
    return CharacteristicsFile(scheme, named, [statements[row] for row in rows.tolist()], onwards)


def _take(
    column: str, cells: Column, *, first: date, into: tuple[list[list[Statement]], Findings]
) -> None:
    """Add a column's statements to the rows; a cell that is no code of the day is refused."""
    statements, findings = into
    rule = BY_COLUMN[column]
    codes = [rule.find(text) if text else None for text in cells.values]
    good = [code is not None and code.in_force(first) for code in codes]
    wrong = [bool(text) and not fine for text, fine in zip(cells.values, good, strict=True)]
    findings.refuse(Rule.BAD_CHARACTERISTIC, cells.name, cells.rows_where(wrong), cells.cell)
    for row in np.flatnonzero(cells.rows_where(good)).tolist():
        code = codes[int(cells.index[row])]
        if code is not None:
            said = Statement(kind=rule.kind, value=code.code, first=first)
            statements[row].append(said)


def check_file(
    connection: Connection, who: Principal, vault: Vault, file: CharacteristicsFile
) -> NDArray[np.int64]:
    """Find rows of unknown children; return the number of each row's child, 0 for unknown.

    Raises:
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
    """
    named = Named(file.scheme, file.named)
    numbers = queries.resolve(connection, who.tenant, vault, named=named)
    file.findings.refuse(
        Rule.UNKNOWN_CHILD,
        CHILD_COLUMNS[file.scheme],
        numbers == 0,
        lambda row: file.named[row],
    )
    seen = access.schools_seen(who, "child.edit")
    if seen is not None:
        known = children.children(connection, who.tenant, numbers[numbers > 0].tolist())
        for child in known.values():
            access.require_any_school(who, "child.edit", child.urns())
    return numbers


def import_file(
    work: UnitOfWork, vault: Vault, file: CharacteristicsFile, how: Provenance
) -> CharacteristicsImported:
    """Record every row of a file, or none of them.

    Raises:
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
        RowsRefused: A row is wrong; nothing was written (ROWS_REFUSED).
    """
    file = replace(file, findings=file.findings.copy())
    numbers = check_file(work.connection, work.caller, vault, file).tolist()
    file.findings.raise_if_any()
    known = children.children(work.connection, work.tenant, numbers)
    said: dict[str, list[Statement]] = {}
    for number, statements in zip(numbers, file.statements, strict=True):
        said.setdefault(known[number].id, []).extend(statements)
    held = storage.recorded(work.connection, work.tenant, numbers)
    keys = vault.keys(work.tenant, list(said))
    by_id = {child.id: child for child in known.values()}
    new = {}
    for child_id, statements in said.items():
        before = storage.unsealed(work.tenant, child_id, held.get(by_id[child_id].number, []), keys)
        fresh = [one for one in statements if _is_news(in_force(before, one.first), one)]
        if fresh:
            new[child_id] = fresh
    done = commands.add(work, vault, by_id, new, how=how)
    recorded = sum(len(every) for every in done.values())
    total = sum(len(every) for every in said.values())
    return CharacteristicsImported(len(file.named), recorded, total - recorded)


def _is_news(held: Mapping[Kind, Characteristic], one: Statement) -> bool:
    known = held.get(one.kind)
    return known is None or known.statement.value != one.value
