"""Recipients, the roles they hold, and what they asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from services.notify.domain.audience import Audience, Deputies, Holders, Person
from services.notify.domain.recipient import CategoryPreference, Preferences, Recipient
from services.notify.domain.words import Category, Channel, Digest, Language
from services.notify.storage.tables import recipient, recipient_role

_IN_MAX = 500
_PERSON = recipient.c
_ROLE = recipient_role.c


def load(connection: Connection, tenant: str, subject: str) -> Recipient | None:
    """Return one person, or None."""
    return load_many(connection, tenant, [subject]).get(subject)


def load_many(connection: Connection, tenant: str, subjects: Iterable[str]) -> dict[str, Recipient]:
    """Return the people that are known, by subject."""
    wanted = sorted(set(subjects))
    found: dict[str, Recipient] = {}
    for start in range(0, len(wanted), _IN_MAX):
        part = wanted[start : start + _IN_MAX]
        held = _roles(connection, tenant, part)
        rows = connection.execute(
            select(recipient).where(_PERSON.tenant == tenant, _PERSON.subject.in_(part))
        )
        found |= {row.subject: _person(row, held.get(row.subject, {})) for row in rows}
    return found


def subjects_of(connection: Connection, tenant: str, audience: Audience) -> list[str]:
    """Return who an audience is, now, by subject."""
    match audience:
        case Person(subject):
            return [subject]
        case Holders(role, school, but):
            return [each for each in _holders(connection, tenant, role, school) if each != but]
        case Deputies(role):
            holders = _holders(connection, tenant, role, "")
            people = load_many(connection, tenant, holders).values()
            return sorted({person.deputy for person in people if person.deputy})


def is_held(connection: Connection, tenant: str, audience: Audience) -> bool:
    """Return whether anybody at all holds the role, so that leaving one out is no failure."""
    match audience:
        case Holders(role, school):
            return bool(_holders(connection, tenant, role, school))
        case _:
            return True


def save(connection: Connection, tenant: str, person: Recipient, at: datetime) -> None:
    """Keep a person; `version` is the one that was read, 0 for a new one."""
    values = _columns(person, at)
    if person.version == 0:
        connection.execute(
            insert(recipient).values(tenant=tenant, subject=person.subject, version=1, **values)
        )
    else:
        connection.execute(
            update(recipient)
            .where(_PERSON.tenant == tenant, _PERSON.subject == person.subject)
            .values(version=person.version + 1, **values)
        )
    _save_roles(connection, tenant, person)


def page(
    connection: Connection, tenant: str, *, after: str, role: str, limit: int
) -> Sequence[Recipient]:
    """Return people by subject, with their roles."""
    query = select(_PERSON.subject).where(_PERSON.tenant == tenant, _PERSON.subject > after)
    if role:
        query = query.where(
            _PERSON.subject.in_(
                select(_ROLE.subject).where(_ROLE.tenant == tenant, _ROLE.role == role)
            )
        )
    subjects = list(connection.execute(query.order_by(_PERSON.subject).limit(limit)).scalars())
    people = load_many(connection, tenant, subjects)
    return [people[subject] for subject in subjects]


def erase_ended(connection: Connection, before: datetime) -> int:
    """Empty the contacts of people whose last role ended before a moment; return how many."""
    done = connection.execute(
        update(recipient)
        .where(
            _PERSON.ended_at.is_not(None),
            _PERSON.ended_at < before,
            (_PERSON.email != "") | (_PERSON.phone != "") | (_PERSON.postal_address != "[]"),
        )
        .values(email="", phone="", postal_address="[]")
    )
    return int(done.rowcount)


def _holders(connection: Connection, tenant: str, role: str, school: str) -> list[str]:
    query = select(_ROLE.subject).where(_ROLE.tenant == tenant, _ROLE.role == role).distinct()
    if school:
        query = query.where(_ROLE.school.in_([school, ""]))
    return list(connection.execute(query.order_by(_ROLE.subject)).scalars())


def _roles(
    connection: Connection, tenant: str, subjects: list[str]
) -> dict[str, dict[str, frozenset[str]]]:
    rows = connection.execute(
        select(_ROLE.subject, _ROLE.role, _ROLE.school).where(
            _ROLE.tenant == tenant, _ROLE.subject.in_(subjects)
        )
    )
    held: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        schools = held.setdefault(row.subject, {}).setdefault(row.role, set())
        if row.school:
            schools.add(row.school)
    return {
        subject: {role: frozenset(schools) for role, schools in roles.items()}
        for subject, roles in held.items()
    }


def _save_roles(connection: Connection, tenant: str, person: Recipient) -> None:
    connection.execute(
        delete(recipient_role).where(_ROLE.tenant == tenant, _ROLE.subject == person.subject)
    )
    rows = [
        {"tenant": tenant, "subject": person.subject, "role": role, "school": school}
        for role, schools in person.roles.items()
        for school in sorted(schools) or [""]
    ]
    if rows:
        connection.execute(insert(recipient_role), rows)


def _columns(person: Recipient, at: datetime) -> dict[str, Any]:
    asked = person.preferences
    return {
        "email": person.email,
        "phone": person.phone,
        "postal_address": json.dumps(list(person.postal_address)),
        "language": person.language,
        "team_member": person.team_member,
        "deputy": person.deputy,
        "preferences": _written(asked),
        "quiet_start": f"{asked.quiet_start:%H:%M}" if asked.quiet_start else "",
        "quiet_end": f"{asked.quiet_end:%H:%M}" if asked.quiet_end else "",
        "updated_at": at,
        "ended_at": None if person.roles else at,
    }


def _person(row: Any, roles: dict[str, frozenset[str]]) -> Recipient:
    return Recipient(
        subject=row.subject,
        roles=roles,
        email=row.email,
        phone=row.phone,
        postal_address=tuple(json.loads(row.postal_address)),
        language=Language(row.language),
        team_member=bool(row.team_member),
        deputy=row.deputy,
        preferences=Preferences(
            categories=_read(row.preferences),
            quiet_start=time.fromisoformat(row.quiet_start) if row.quiet_start else None,
            quiet_end=time.fromisoformat(row.quiet_end) if row.quiet_end else None,
        ),
        version=row.version,
    )


def _written(preferences: Preferences) -> str:
    return json.dumps(
        {
            category: {"opt_outs": sorted(asked.opt_outs), "digest": asked.digest or ""}
            for category, asked in preferences.categories.items()
        }
    )


def _read(text: str) -> dict[Category, CategoryPreference]:
    return {
        Category(category): CategoryPreference(
            opt_outs=frozenset(Channel(channel) for channel in asked["opt_outs"]),
            digest=Digest(asked["digest"]) if asked["digest"] else None,
        )
        for category, asked in json.loads(text).items()
    }
