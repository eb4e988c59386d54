"""Recipients and preferences."""

from __future__ import annotations

from datetime import time

from localresponse.notify.v1 import recipients_service_pb2 as pb

from services.notify.commands.recipients import Kept
from services.notify.commands.recipients_file import Imported
from services.notify.domain.recipient import CategoryPreference, Preferences, Recipient
from services.notify.domain.words import Language
from services.notify.mapping import words


def kept(request: pb.UpsertRecipientRequest) -> Kept:
    """Return what the request says of a person."""
    return Kept(
        subject=request.subject,
        role=request.role,
        schools=frozenset(request.schools),
        email=request.email,
        phone=request.phone,
        postal_address=tuple(request.postal_address),
        language=words.language_from(request.language),
        team_member=request.team_member if request.HasField("team_member") else None,
        deputy=request.deputy,
    )


def kept_answer(person: Recipient) -> pb.UpsertRecipientResponse:
    """Return what was kept, without contacts: answers are stored."""
    return pb.UpsertRecipientResponse(subject=person.subject, etag=str(person.version))


def recipient(person: Recipient, *, contacts: bool) -> pb.Recipient:
    """Return a person, with contacts only for who may see them."""
    shown = pb.Recipient(
        subject=person.subject,
        roles=[
            pb.RecipientRole(role=role, schools=sorted(schools))
            for role, schools in sorted(person.roles.items())
        ],
        language=words.language_to(person.language),
        team_member=person.team_member,
        deputy=person.deputy,
        etag=str(person.version),
    )
    if contacts:
        shown.email = person.email
        shown.phone = person.phone
        shown.postal_address.extend(person.postal_address)
    return shown


def imported(result: Imported) -> pb.ImportRecipientsResponse:
    """Return what became of a file."""
    return pb.ImportRecipientsResponse(
        rows=result.rows,
        kept=result.kept,
        errors=[
            pb.RowError(row=each.row, column=each.column, problem=each.problem)
            for each in result.errors
        ],
    )


def asked(request: pb.UpdatePreferencesRequest) -> Preferences:
    """Return what the request asks for."""
    categories = {}
    for each in request.categories:
        channels = (words.channel_from(channel) for channel in each.opt_outs)
        categories[words.category_from(each.category)] = CategoryPreference(
            opt_outs=frozenset(channel for channel in channels if channel),
            digest=words.digest_from(each.digest),
        )
    return Preferences(
        categories=categories,
        quiet_start=time.fromisoformat(request.quiet_start) if request.quiet_start else None,
        quiet_end=time.fromisoformat(request.quiet_end) if request.quiet_end else None,
    )


def language(request: pb.UpdatePreferencesRequest) -> Language | None:
    """Return the language asked for; None leaves what is known."""
    return words.language_from(request.language)


def preferences(person: Recipient) -> pb.Preferences:
    """Return what a person asked for."""
    wanted = person.preferences
    return pb.Preferences(
        categories=[
            pb.CategoryPreference(
                category=words.category_to(category),
                opt_outs=[words.channel_to(channel) for channel in sorted(each.opt_outs)],
                digest=words.digest_to(each.digest),
            )
            for category, each in sorted(wanted.categories.items())
        ],
        quiet_start=f"{wanted.quiet_start:%H:%M}" if wanted.quiet_start else "",
        quiet_end=f"{wanted.quiet_end:%H:%M}" if wanted.quiet_end else "",
        language=words.language_to(person.language),
        etag=str(person.version),
    )
