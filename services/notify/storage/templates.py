"""Versions of templates: added, published, never changed.

A shipped template becomes an authority's first version when it is first needed, so a message
pins a row that stays, whatever a later release ships.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from services.notify.domain.template import Placeholder, Template, Text
from services.notify.domain.words import Category, Channel, Kind, Language, Urgency
from services.notify.storage.tables import template_publication, template_version

_VERSION = template_version.c
_PUBLISHED = template_publication.c


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it is kept."""

    template: Template
    shipped: bool
    created_at: datetime
    published_at: datetime | None = None

    @property
    def number(self) -> int:
        """1 for the first."""
        return self.template.version


def published(connection: Connection, tenant: str, template_id: str) -> Version | None:
    """Return the newest published version, or None."""
    query = _select(tenant).where(
        _VERSION.template_id == template_id, _PUBLISHED.published_at.is_not(None)
    )
    row = connection.execute(query.order_by(_VERSION.version.desc()).limit(1)).first()
    return _version(row) if row else None


def version(connection: Connection, tenant: str, template_id: str, number: int) -> Version | None:
    """Return one version, or None."""
    query = _select(tenant).where(_VERSION.template_id == template_id, _VERSION.version == number)
    row = connection.execute(query).first()
    return _version(row) if row else None


def newest(connection: Connection, tenant: str) -> Sequence[Version]:
    """Return the newest version of each template that the authority has rows of, by id."""
    last = (
        select(_VERSION.template_id, func.max(_VERSION.version).label("version"))
        .where(_VERSION.tenant == tenant)
        .group_by(_VERSION.template_id)
        .subquery()
    )
    query = _select(tenant).join(
        last,
        (last.c.template_id == _VERSION.template_id) & (last.c.version == _VERSION.version),
    )
    return [_version(row) for row in connection.execute(query.order_by(_VERSION.template_id))]


def next_number(connection: Connection, tenant: str, template_id: str) -> int:
    """Return the number that a new version gets."""
    query = select(func.max(_VERSION.version)).where(
        _VERSION.tenant == tenant, _VERSION.template_id == template_id
    )
    return (connection.execute(query).scalar() or 0) + 1


def add(connection: Connection, tenant: str, added: Version, *, author: str) -> None:
    """Add a version under its number."""
    connection.execute(
        insert(template_version).values(
            tenant=tenant,
            template_id=added.template.template_id,
            version=added.number,
            shipped=added.shipped,
            content=_written(added.template),
            author=author,
            created_at=added.created_at,
        )
    )


def publish(
    connection: Connection, tenant: str, template: Template, *, author: str, at: datetime
) -> None:
    """Say that a version is sent from now on."""
    connection.execute(
        insert(template_publication).values(
            tenant=tenant,
            template_id=template.template_id,
            version=template.version,
            author=author,
            published_at=at,
        )
    )


def _select(tenant: str) -> Any:
    return (
        select(template_version, _PUBLISHED.published_at)
        .outerjoin(
            template_publication,
            (_PUBLISHED.tenant == _VERSION.tenant)
            & (_PUBLISHED.template_id == _VERSION.template_id)
            & (_PUBLISHED.version == _VERSION.version),
        )
        .where(_VERSION.tenant == tenant)
    )


def _version(row: Row[Any]) -> Version:
    return Version(
        template=read(row.template_id, row.version, row.content),
        shipped=bool(row.shipped),
        created_at=row.created_at,
        published_at=row.published_at,
    )


def read(template_id: str, number: int, content: str) -> Template:
    """Return a template from its kept content."""
    values = json.loads(content)
    return Template(
        template_id=template_id,
        category=Category(values["category"]),
        urgency=Urgency(values["urgency"]),
        channels=tuple(Channel(channel) for channel in values["channels"]),
        texts={Language(language): Text(**text) for language, text in values["texts"].items()},
        placeholders=tuple(
            Placeholder(
                name=each["name"],
                kind=Kind(each["kind"]),
                sample=each["sample"],
                optional=each["optional"],
            )
            for each in values["placeholders"]
        ),
        version=number,
    )


def _written(template: Template) -> str:
    return json.dumps(
        {
            "category": template.category,
            "urgency": template.urgency,
            "channels": list(template.channels),
            "texts": {
                language: {
                    "title": text.title,
                    "subject": text.subject,
                    "body": text.body,
                    "sms": text.sms,
                }
                for language, text in template.texts.items()
            },
            "placeholders": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "sample": each.sample,
                    "optional": each.optional,
                }
                for each in template.placeholders
            ],
        },
        ensure_ascii=False,
    )
