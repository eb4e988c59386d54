"""Templates as the authority has them, shipped ones among them before they are first sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from services.notify.commands.templates import unknown
from services.notify.domain.lint import check_values
from services.notify.domain.render import Rendered, render, samples
from services.notify.domain.template import canonical
from services.notify.domain.words import Language
from services.notify.shipped import shipped
from services.notify.storage import templates
from services.notify.storage.templates import Version

_RELEASED = datetime(2026, 11, 21, tzinfo=UTC)
"""What a shipped template says of its making until it is an authority's own row."""


def get(connection: Connection, tenant: str, template_id: str, number: int) -> Version:
    """Return a version, the newest published when `number` is 0.

    Raises:
        TemplateUnknown: There is none.
    """
    if number:
        found = templates.version(connection, tenant, template_id, number)
    else:
        found = templates.published(connection, tenant, template_id)
    if found is None and number in {0, 1}:
        found = _shipped().get(template_id)
    if found is None:
        raise unknown(template_id, number)
    return found


def preview(version: Version, values: Mapping[str, str], language: Language) -> Rendered:
    """Return how a version looks with the values, and with samples for those that are absent.

    Raises:
        ValuesInvalid: A value is not declared, or not of its kind.
    """
    template = version.template
    given = {canonical(name): value for name, value in samples(template).items()}
    given |= check_values(template, {**samples(template), **values})
    return render(template, language, given)


def page(connection: Connection, tenant: str, *, after: str, limit: int) -> Sequence[Version]:
    """Return the newest version of each template, by id."""
    own = {each.template.template_id: each for each in templates.newest(connection, tenant)}
    every = {**_shipped(), **own}
    return [every[name] for name in sorted(every) if name > after][:limit]


def _shipped() -> dict[str, Version]:
    return {
        name: Version(content, shipped=True, created_at=_RELEASED, published_at=_RELEASED)
        for name, content in shipped().items()
    }
