"""Keeping people: their roles, schools, contacts and what they asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from services.chassis.auth import Resource, require
from services.chassis.errors import Aborted
from services.chassis.unit_of_work import UnitOfWork
from services.notify.access import ACTIONS
from services.notify.domain.recipient import CategoryPreference, Preferences, Recipient
from services.notify.domain.words import Category, Channel, Language
from services.notify.errors import (
    EmailInvalid,
    PhoneInvalid,
    PreferenceRefused,
    RecipientUnknown,
)
from services.notify.storage import recipients

ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a person now; empty or None leaves what was known.

    Attributes:
        schools: Of `role`; none for the whole authority.
    """

    subject: str
    role: str
    schools: frozenset[str] = frozenset()
    email: str = ""
    phone: str = ""
    postal_address: tuple[str, ...] = ()
    language: Language | None = None
    team_member: bool | None = None
    deputy: str = ""


def upsert(work: UnitOfWork, kept: Kept) -> Recipient:
    """Keep a person's role and contacts.

    Raises:
        PermissionDenied: Somebody else's, or a role or school that is not in the caller's token.
        EmailInvalid, PhoneInvalid: The contact cannot be one.
    """
    who = work.caller
    if who.role != ADMINISTRATOR:
        kept = _own(work, kept)
    return keep(work, kept)


def keep(work: UnitOfWork, kept: Kept) -> Recipient:
    """Keep a person, whoever says so.

    Raises:
        EmailInvalid, PhoneInvalid: The contact cannot be one.
    """
    known = recipients.load(work.connection, work.tenant, kept.subject)
    before = known or Recipient(kept.subject)
    after = replace(
        before,
        roles={**before.roles, kept.role: kept.schools},
        email=email_of(kept.email) or before.email,
        phone=phone_of(kept.phone) or before.phone,
        postal_address=kept.postal_address or before.postal_address,
        language=kept.language or before.language,
        team_member=before.team_member if kept.team_member is None else kept.team_member,
        deputy=kept.deputy or before.deputy,
    )
    if after == before:
        return before
    recipients.save(work.connection, work.tenant, after, work.at)
    return replace(after, version=before.version + 1)


def end_role(work: UnitOfWork, subject: str, role: str) -> Recipient:
    """End a role of a person, or all of them when `role` is empty.

    Raises:
        RecipientUnknown: There is no such person.
    """
    known = recipients.load(work.connection, work.tenant, subject)
    if known is None:
        raise unknown(subject)
    roles = {name: schools for name, schools in known.roles.items() if role and name != role}
    recipients.save(work.connection, work.tenant, replace(known, roles=roles), work.at)
    return replace(known, roles=roles, version=known.version + 1)


def update_preferences(
    work: UnitOfWork, asked: Preferences, language: Language | None, etag: str
) -> Recipient:
    """Replace what the caller asked for.

    Raises:
        RecipientUnknown: The caller was never kept.
        Aborted: They changed since they were read (ETAG_STALE).
        PreferenceRefused: The statutory category cannot be opted out of, or half of the quiet
            hours is missing.
    """
    known = recipients.load(work.connection, work.tenant, work.caller.subject)
    if known is None:
        raise unknown(work.caller.subject)
    if etag and etag != str(known.version):
        raise Aborted("etag: the preferences changed since they were read", field="etag")
    _refuse_statutory(asked.categories)
    if (asked.quiet_start is None) != (asked.quiet_end is None):
        raise PreferenceRefused("quiet_end: quiet hours have a start and an end", field="quiet_end")
    after = replace(known, preferences=asked, language=language or known.language)
    recipients.save(work.connection, work.tenant, after, work.at)
    return replace(after, version=known.version + 1)


def unsubscribe(work: UnitOfWork, category: Category) -> None:
    """Stop the e-mails of a category for the caller; nothing changes when they stopped before.

    Raises:
        RecipientUnknown: The caller was never kept.
        PreferenceRefused: It is the statutory category.
    """
    own = Resource(work.tenant, subject=work.caller.subject)
    require(ACTIONS, work.caller, "preferences.unsubscribe", own)
    _refuse_statutory({category: None})
    known = recipients.load(work.connection, work.tenant, work.caller.subject)
    if known is None:
        raise unknown(work.caller.subject)
    asked = known.preferences
    if asked.opted_out(category, Channel.EMAIL):
        return
    before = asked.categories.get(category, CategoryPreference())
    shut = replace(before, opt_outs=before.opt_outs | {Channel.EMAIL})
    preferences = replace(asked, categories={**asked.categories, category: shut})
    recipients.save(work.connection, work.tenant, replace(known, preferences=preferences), work.at)


def email_of(text: str) -> str:
    """Return an e-mail address in its normal form; empty stays empty.

    Raises:
        EmailInvalid: It cannot be one. The address is not repeated.
    """
    if not text:
        return ""
    try:
        return validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        raise EmailInvalid("email: this is not an e-mail address", field="email") from None


def phone_of(text: str) -> str:
    """Return a telephone number in E.164 form; empty stays empty.

    Raises:
        PhoneInvalid: It cannot be one. The number is not repeated.
    """
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        raise _no_phone() from None
    if not phonenumbers.is_possible_number(number):
        raise _no_phone()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def unknown(subject: str) -> RecipientUnknown:
    """Return the refusal that names a person by subject."""
    return RecipientUnknown("there is no such recipient", subject=subject)


def _own(work: UnitOfWork, kept: Kept) -> Kept:
    """Return what a person may say of themself: what their token says, and their contacts."""
    resource = Resource(work.tenant, subject=kept.subject)
    require(ACTIONS, work.caller, "recipient.upsert", resource)
    role_is_own = kept.role == work.caller.role and kept.schools <= work.caller.schools
    require(
        ACTIONS,
        work.caller,
        "recipient.upsert",
        Resource(work.tenant, subject=kept.subject if role_is_own else None),
    )
    return replace(kept, team_member=None, schools=work.caller.schools)


def _refuse_statutory(categories: Mapping[Category, object]) -> None:
    if Category.STATUTORY in categories:
        raise PreferenceRefused(
            "categories: what the law requires to be told cannot be shut or put in a digest",
            field="categories",
        )


def _no_phone() -> PhoneInvalid:
    return PhoneInvalid("phone: this is not a telephone number", field="phone")
