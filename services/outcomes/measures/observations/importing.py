"""Files of observations taken in: every row or none, and the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.children import queries as children
from services.outcomes.children import storage as child_storage
from services.outcomes.children.queries import Named
from services.outcomes.children.vault import Vault
from services.outcomes.errors.measures import MeasureNotFound, ObservationInvalid
from services.outcomes.feeds import facts
from services.outcomes.incoming_rows.findings import Rule
from services.outcomes.measures.catalogue.queries import Catalogue
from services.outcomes.measures.observations import commands, storage
from services.outcomes.measures.observations.commands import numbered
from services.outcomes.measures.observations.domain import Given, Observation
from services.outcomes.measures.observations.files import ObservationFile

_RULES = {
    "measure": Rule.UNKNOWN_MEASURE,
    "informant": Rule.BAD_INFORMANT,
    "observed_date": Rule.BAD_DATE,
    "value": Rule.BAD_VALUE,
    "items_answered": Rule.BAD_VALUE,
}
_COLUMNS = {"observed_date": "date"}


@dataclass(frozen=True, slots=True)
class ObservationsImported:
    """What an import did.

    Attributes:
        rows: Read.
        recorded: Observations that were new.
        unchanged: Rows whose answer was known already.
    """

    rows: int
    recorded: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, of what, and when: all that a check needs, so that it can be made dry.

    Attributes:
        at: Aware UTC; nothing is observed after its day in London.
    """

    connection: Connection
    who: Principal
    at: datetime
    vault: Vault

    @property
    def today(self) -> date:
        """The day in London."""
        return london_date(self.at)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the good rows of a file say.

    Attributes:
        new: Not known before, without ids.
        unchanged: How many were known just so.
    """

    new: list[Observation]
    unchanged: int


def import_observations(
    work: UnitOfWork, vault: Vault, file: ObservationFile, named: Named
) -> ObservationsImported:
    """Keep the observations of a file that are new.

    Raises:
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
        RowsRefused: A row is wrong; nothing was written (ROWS_REFUSED).
    """
    file = replace(file, findings=file.findings.copy())
    standing = Standing(work.connection, work.caller, work.at, vault)
    found = check_observations(standing, file, named)
    file.findings.raise_if_any()
    storage.add(work.connection, work.tenant, numbered(found.new))
    return ObservationsImported(len(file.given), len(found.new), found.unchanged)


def check_observations(standing: Standing, file: ObservationFile, named: Named) -> Checked:
    """Return what the rows say, and mark those that are wrong.

    Raises:
        PermissionDenied: A child is at another's school (ACTION_NOT_ALLOWED).
    """
    ids = _children(standing, named)
    _refuse(file, Rule.UNKNOWN_CHILD, "child", {row for row, each in enumerate(ids) if not each})
    catalogue = Catalogue(standing.connection, standing.who.tenant)
    made: dict[int, Observation] = {}
    for row, (given, child_id) in enumerate(zip(file.given, ids, strict=True)):
        if not file.findings.refused[row]:
            try:
                made[row] = _read(standing, catalogue, replace(given, child_id=child_id), file)
            except (ObservationInvalid, MeasureNotFound) as wrong:
                part = wrong.field.rpartition(".")[2]
                _refuse(file, _RULES[part], _COLUMNS.get(part, part), {row})
    _refuse(file, Rule.DUPLICATE_ROW, "", _twice(made))
    known = commands.known_answers(standing.connection, standing.who.tenant, made.values())
    clash = {row for row, one in made.items() if known.get(one.key, one).said != one.said}
    _refuse(file, Rule.ALREADY_OBSERVED, "", clash)
    new = [one for one in made.values() if one.key not in known]
    return Checked(new, len(made) - len(new))


def _read(
    standing: Standing, catalogue: Catalogue, given: Given, file: ObservationFile
) -> Observation:
    against = commands.held_against(catalogue, given, standing.today, field="row")
    kept = commands.Made(standing.at, standing.who.subject, file.sha256)
    return commands.made_of(given, against, kept, field="row")


def _twice(made: dict[int, Observation]) -> set[int]:
    first: dict[tuple[object, ...], int] = {}
    return {row for row, one in made.items() if first.setdefault(one.key, row) != row}


def _children(standing: Standing, named: Named) -> list[str]:
    """Return the id of the child of each row; empty where nobody is known by it."""
    connection, tenant = standing.connection, standing.who.tenant
    numbers = children.resolve(connection, tenant, standing.vault, named=named).tolist()
    known = child_storage.children(connection, tenant, {each for each in numbers if each})
    gone = facts.erased(connection, tenant)
    for child in known.values():
        access.require_any_school(standing.who, "observation.import", child.urns())
    found = [known[number].id if number else "" for number in numbers]
    return ["" if each in gone else each for each in found]


def _refuse(file: ObservationFile, rule: Rule, column: str, rows: Collection[int]) -> None:
    wrong = np.zeros(len(file.given), np.bool_)
    wrong[list(rows)] = True
    file.findings.refuse(rule, column, wrong, lambda _row: "")
