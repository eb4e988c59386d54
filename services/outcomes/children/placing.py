"""Children found by their identifiers or made, and put on rolls; many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from localresponse.outcomes.v1 import outcomes_events_pb2 as events

from services.chassis.ids import derived_id, new_id
from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.outcomes.children import enrolments, queries, storage
from services.outcomes.children.domain import (
    Child,
    Enrolment,
    Person,
    first_overlap,
    reception_year,
)
from services.outcomes.children.matching import likeness
from services.outcomes.children.vault import Vault


@dataclass(frozen=True, slots=True)
class Placement:
    """A child as an input describes it.

    Attributes:
        person: What is said of the child.
        enrolment: The roll it is put on; None adds facts only.
        child_number: A known child; None to find or make one by the identifiers.
    """

    person: Person
    enrolment: Enrolment | None
    child_number: int | None = None


@dataclass(slots=True)
class Placed:
    """What placing children did.

    Attributes:
        numbers: For each placement, the child's number; 0 where it is at fault.
        added: Children that were new.
        enrolments_added: Enrolments that were new.
        disagreeing: Placements whose identifiers belong to two children.
        overlapping: Placements on a roll where the child is already.
        corrections: Enrolments that are known, with another last day than is known: the child's
            number, the enrolment as known and as given.
    """

    numbers: list[int]
    added: int = 0
    enrolments_added: int = 0
    disagreeing: list[int] = field(default_factory=list)
    overlapping: list[int] = field(default_factory=list)
    corrections: list[tuple[int, Enrolment, Enrolment]] = field(default_factory=list)


def place_children(work: UnitOfWork, vault: Vault, given: Sequence[Placement]) -> Placed:
    """Find or make each child and put it on its roll.

    The caller checks rights, schools and dates first, and refuses the whole when the result
    says that something disagrees or overlaps; then nothing was written.
    """
    placed = _matched(work, vault, given)
    known = storage.children(
        work.connection, work.tenant, {number for number in placed.numbers if number > 0}
    )
    new = _enrolments(given, placed, known)
    if placed.disagreeing or placed.overlapping:
        return placed
    made = _make(work, vault, given, placed)
    _update(work, vault, given, placed=placed, known=known)
    rows = [
        enrolments.enrolment_row(
            work.tenant, made.get(number, number), enrolment, version=1, at=work.at
        )
        for number, enrolment in new
    ]
    storage.add(work.connection, enrolments.ENROLMENT, rows, tenant=work.tenant, at=work.at)
    placed.numbers = [made.get(number, number) for number in placed.numbers]
    placed.enrolments_added = len(new)
    _announce(work, [(made.get(number, number), one) for number, one in new])
    return placed


def _matched(work: UnitOfWork, vault: Vault, given: Sequence[Placement]) -> Placed:
    """Give each placement a known child's number, or a negative one for each new child."""
    blinds = [
        [vault.blind(work.tenant, one) for one in placement.person.identifiers()]
        for placement in given
    ]
    every = [blind for some in blinds for blind in some]
    owner = dict(queries.find(work.connection, work.tenant, every))
    placed = Placed([0] * len(given))
    for place, (placement, mine) in enumerate(zip(given, blinds, strict=True)):
        owners = {owner[blind] for blind in mine if blind in owner}
        if placement.child_number is not None:
            owners.add(placement.child_number)
        if len(owners) > 1:
            placed.disagreeing.append(place)
            continue
        number = owners.pop() if owners else -(placed.added + 1)
        placed.added += 1 if number == -(placed.added + 1) else 0
        owner.update(dict.fromkeys(mine, number))
        placed.numbers[place] = number
    return placed


def _enrolments(
    given: Sequence[Placement], placed: Placed, known: dict[int, Child]
) -> list[tuple[int, Enrolment]]:
    """Return the enrolments that are new; of one that is known a last day given may differ."""
    rolls = {number: list(child.enrolments) for number, child in known.items()}
    new: list[tuple[int, Enrolment]] = []
    for place, placement in enumerate(given):
        number, enrolment = placed.numbers[place], placement.enrolment
        if number == 0 or enrolment is None:
            continue
        roll = rolls.setdefault(number, [])
        same = [one for one in roll if (one.urn, one.first) == (enrolment.urn, enrolment.first)]
        if same and enrolment.last in {None, same[0].last}:
            continue
        if first_overlap((one for one in roll if one not in same), enrolment) is not None:
            placed.overlapping.append(place)
        elif same:
            roll[roll.index(same[0])] = replace(same[0], last=enrolment.last)
            placed.corrections.append((number, same[0], replace(same[0], last=enrolment.last)))
        else:
            roll.append(enrolment)
            new.append((number, enrolment))
    return new


def _make(
    work: UnitOfWork, vault: Vault, given: Sequence[Placement], placed: Placed
) -> dict[int, int]:
    """Insert the new children; return their numbers by the negative ones they had."""
    people: dict[int, Person] = {}
    for placement, number in zip(given, placed.numbers, strict=True):
        if number < 0:
            before = people.get(number, Person())
            people[number] = before.updated(placement.person)
    if not people:
        return {}
    numbers = storage.take_numbers(work.connection, work.tenant, len(people))
    made = dict(zip(people, numbers, strict=True))
    ids = {number: new_id() for number in people}
    keys = vault.make(work.tenant, list(ids.values()))
    facts = _Facts(work, vault)
    rows: list[Row] = []
    for number, person in people.items():
        born = person.date_of_birth
        rows.append(
            {
                "number": made[number],
                "id": ids[number],
                "reception_year": reception_year(born) if born else None,
                "sequence": 0,
            }
        )
        who = _Known(made[number], ids[number], 0, Person())
        facts.add(who, person, keys[ids[number]])
    storage.add(work.connection, storage.CHILD, rows, tenant=work.tenant, at=work.at)
    facts.write()
    likeness.remember(work, vault, {made[number]: person for number, person in people.items()})
    return made


@dataclass(frozen=True, slots=True)
class _Known:
    """A child, the version of its facts, and the facts."""

    number: int
    id: str
    version: int
    person: Person


class _Facts:
    """Rows of sealed facts and of blind indexes, gathered to be inserted together."""

    def __init__(self, work: UnitOfWork, vault: Vault) -> None:
        self._work = work
        self._vault = vault
        self._sealed: list[Row] = []
        self._identifiers: list[Row] = []

    def add(self, who: _Known, person: Person, key: bytes) -> None:
        """Add a version of a child's facts, and indexes for identifiers that are new."""
        work, version = self._work, who.version + 1
        about = queries.about(work.tenant, who.id, version)
        sealed = queries.sealed_person(key, person, about)
        self._sealed.append({"number": who.number, "version": version, "sealed": sealed})
        old = set(who.person.identifiers())
        for identifier in dict.fromkeys(person.identifiers()):
            if identifier not in old:
                blind = self._vault.blind(work.tenant, identifier)
                self._identifiers.append({"number": who.number, "blind": blind})

    def write(self) -> None:
        """Insert what was gathered."""
        work = self._work
        for table, rows in (
            (storage.CHILD_SEALED, self._sealed),
            (storage.CHILD_IDENTIFIER, self._identifiers),
        ):
            storage.add(work.connection, table, rows, tenant=work.tenant, at=work.at)


def _update(
    work: UnitOfWork,
    vault: Vault,
    given: Sequence[Placement],
    *,
    placed: Placed,
    known: dict[int, Child],
) -> None:
    """Add a version of the facts of each known child of whom something new is said."""
    stored = queries.persons(work.connection, vault, work.tenant, known.values())
    before = {
        number: _Known(number, child.id, *_facts_of(stored.get(number)))
        for number, child in known.items()
    }
    now = {number: who.person for number, who in before.items()}
    for placement, number in zip(given, placed.numbers, strict=True):
        if number in now:
            now[number] = now[number].updated(placement.person)
    changed = [number for number in now if now[number] != before[number].person]
    keys = vault.keys(work.tenant, [known[number].id for number in changed])
    facts = _Facts(work, vault)
    for number in changed:
        key = keys.get(known[number].id)
        if key is None:  # erased: what is said of the child again is not kept
            continue
        facts.add(before[number], now[number], key)
        born = now[number].date_of_birth
        if born is not None and known[number].reception_year is None:
            year = reception_year(born)
            storage.set_reception_year(work.connection, work.tenant, number, year=year)
    facts.write()
    likeness.remember(work, vault, {n: now[n] for n in changed if known[n].id in keys})


def _facts_of(stored: tuple[int, Person | None] | None) -> tuple[int, Person]:
    version, person = stored or (0, None)
    return version, person or Person()


def _announce(work: UnitOfWork, new: Sequence[tuple[int, Enrolment]]) -> None:
    counts: dict[int, int] = {}
    for number, _ in new:
        counts[number] = counts.get(number, 0) + 1
    following = storage.take_sequences(work.connection, work.tenant, counts)
    ids = storage.ids(work.connection, work.tenant, counts)
    for number, enrolment in new:
        message = events.ChildEnrolled(
            child_id=ids[number],
            enrolment_id=enrolment_id(work.tenant, ids[number], enrolment),
            school_urn=enrolment.urn,
            start_date=date_to_proto(enrolment.first),
        )
        work.emit(message, resource=ids[number], sequence=following[number])
        following[number] += 1


def enrolment_id(tenant: str, child_id: str, enrolment: Enrolment) -> str:
    """Return the id of an enrolment: the same child, school and first day give the same."""
    return derived_id("enrolment", tenant, child_id, enrolment.urn, enrolment.first.isoformat())
