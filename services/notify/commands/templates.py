"""Drafting and publishing templates; a shipped one becomes a row when it is first needed."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.unit_of_work import UnitOfWork
from services.notify.domain.lint import check
from services.notify.domain.template import Template, canonical
from services.notify.errors import TemplateInvalid, TemplatePublished, TemplateUnknown
from services.notify.shipped import shipped
from services.notify.storage import templates
from services.notify.storage.templates import Version

SHIPPED_AUTHOR = "localresponse"


def to_send(work: UnitOfWork, template_id: str, number: int = 0) -> Template:
    """Return the newest published version, or a given one that was published.

    Raises:
        TemplateUnknown: There is none.
    """
    if number:
        found = templates.version(work.connection, work.tenant, template_id, number)
    else:
        found = _keep_shipped(work, template_id)
    if found is None or found.published_at is None:
        raise unknown(template_id, number)
    return found.template


def draft(work: UnitOfWork, content: Template) -> Version:
    """Keep a new version that is not sent yet.

    Raises:
        TemplateInvalid: It uses what it does not declare, or lacks a text.
        TemplateUnsafe: It would carry a child's details or free text where it may not.
    """
    _check(content)
    _keep_shipped(work, content.template_id)
    number = templates.next_number(work.connection, work.tenant, content.template_id)
    added = Version(replace(content, version=number), shipped=False, created_at=work.at)
    templates.add(work.connection, work.tenant, added, author=work.caller.subject)
    return added


def publish(work: UnitOfWork, template_id: str, number: int) -> Version:
    """Send a draft from now on.

    Raises:
        TemplateUnknown: There is no such version.
        TemplatePublished: It is published already, or a newer one is.
        TemplateInvalid, TemplateUnsafe: The rules became stricter since it was drafted.
    """
    _keep_shipped(work, template_id)
    found = templates.version(work.connection, work.tenant, template_id, number)
    if found is None:
        raise unknown(template_id, number)
    newest = templates.published(work.connection, work.tenant, template_id)
    if newest is not None and newest.number >= number:
        raise TemplatePublished(
            f"version {newest.number} of {template_id} is published; draft a newer one",
            template_id=template_id,
            version=newest.number,
        )
    _check(found.template)
    author = work.caller.subject
    templates.publish(work.connection, work.tenant, found.template, author=author, at=work.at)
    return replace(found, published_at=work.at)


def unknown(template_id: str, number: int) -> TemplateUnknown:
    """Return the refusal that names a template and version."""
    version = f" version {number}" if number else ""
    return TemplateUnknown(
        f"there is no published template {template_id}{version}",
        template_id=template_id,
        version=number,
    )


def _check(content: Template) -> None:
    """Refuse what is not right, and a value that the event behind the template never offers."""
    check(content)
    ours = shipped().get(content.template_id)
    if ours is None:
        return
    offered = {canonical(each.name) for each in ours.placeholders}
    never = [
        each.name
        for each in content.placeholders
        if not each.optional and canonical(each.name) not in offered
    ]
    if never:
        raise TemplateInvalid(
            f"placeholders: no event offers {', '.join(never)}; make them optional",
            field="placeholders",
            placeholders=", ".join(never),
        )


def _keep_shipped(work: UnitOfWork, template_id: str) -> Version | None:
    """Make the shipped text a version of the authority's, unless it is or has its own.

    Returns:
        The newest published version; None when there is none.
    """
    content = shipped().get(template_id)
    newest = templates.published(work.connection, work.tenant, template_id)
    if content is None:
        return newest
    if newest is not None and (not newest.shipped or newest.template == content):
        return newest
    number = templates.next_number(work.connection, work.tenant, template_id)
    kept = Version(replace(content, version=number), shipped=True, created_at=work.at)
    templates.add(work.connection, work.tenant, kept, author=SHIPPED_AUTHOR)
    templates.publish(
        work.connection, work.tenant, kept.template, author=SHIPPED_AUTHOR, at=work.at
    )
    return replace(kept, published_at=work.at)
