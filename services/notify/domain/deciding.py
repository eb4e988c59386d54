"""What to do with a message that is due: send it, hold it, or drop it and say why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.notify.domain.audience import PERSON, still_in
from services.notify.domain.hours import QuietHours, WorkingCalendar, next_midnight
from services.notify.domain.recipient import Recipient
from services.notify.domain.words import Category, Channel, Digest, Status, Urgency

LIVE, TEAM, TEST = "live", "team", "test"
DIGEST_TEMPLATE = "digest"
_DISTURBING = frozenset({Channel.EMAIL, Channel.SMS})
"""Channels that quiet hours and the daily limit hold back; the others wait for nobody."""


@dataclass(frozen=True, slots=True)
class Policy:
    """An authority's rules.

    Attributes:
        mode: `live`; `team`: only team members are written to; `test`: providers are simulated.
        quiet: Quiet hours, or None.
        calendar: Working days.
        daily_max: Most e-mails, and most texts, to one person on one local day.
    """

    mode: str = LIVE
    quiet: QuietHours | None = None
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    daily_max: int = 50


@dataclass(frozen=True, slots=True)
class Due:
    """As much of a message as the decision needs.

    Attributes:
        held_for: Why it was held before, such as `digest`; empty for not.
        attempts: Made so far; what was tried once is not held again.
        sent_today: Messages of this channel to this person since local midnight.
    """

    channel: Channel
    category: Category
    urgency: Urgency
    template_id: str
    audience: str
    held_for: str = ""
    attempts: int = 0
    sent_today: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """Hand it to a provider, to this address."""

    address: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Look at it again at `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Gather:
    """Its digest morning has come: put it in the digest."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It will not be sent, and why."""

    status: Status
    reason: str


Decision = Send | Hold | Gather | Drop


def decide(
    due: Due, recipient: Recipient | None, policy: Policy, *, suppressed: bool, now: datetime
) -> Decision:
    """Decide about one message that is due to a person.

    Args:
        due: The message.
        recipient: Who it is for, as they are now; None when unknown.
        policy: The authority's rules.
        suppressed: Whether the address refused for good before.
        now: The moment of the decision.
    """
    if recipient is None:
        return _for_a_stranger(due)
    if not still_in(due.audience, recipient):
        return Drop(Status.CANCELLED, "role_ended")
    if due.channel is Channel.IN_APP:
        return Send(recipient.subject)
    refused = _refusal(due, recipient, policy, suppressed=suppressed)
    if refused is not None:
        return refused
    if due.attempts == 0:
        waits = _wait(due, recipient, policy, now)
        if waits is not None:
            return waits
    return Send(recipient.address(due.channel))


def _for_a_stranger(due: Due) -> Decision:
    """Send in-app only: who was named and never signed in has a page of messages, no address."""
    if due.audience != PERSON:
        return Drop(Status.CANCELLED, "role_ended")
    if due.channel is Channel.IN_APP:
        return Send("")
    return Drop(Status.SUPPRESSED, "no_address")


def _refusal(due: Due, recipient: Recipient, policy: Policy, *, suppressed: bool) -> Drop | None:
    if not recipient.address(due.channel):
        return Drop(Status.SUPPRESSED, "no_address")
    if policy.mode == TEAM and not recipient.team_member:
        return Drop(Status.SUPPRESSED, "team_only")
    if recipient.preferences.opted_out(due.category, due.channel):
        return Drop(Status.SUPPRESSED, "opted_out")
    if suppressed:
        return Drop(Status.SUPPRESSED, "address_suppressed")
    return None


def _wait(due: Due, recipient: Recipient, policy: Policy, now: datetime) -> Hold | Gather | None:
    if due.held_for == "digest":
        return Gather()
    if due.channel is Channel.EMAIL and due.template_id != DIGEST_TEMPLATE:
        digest = recipient.preferences.digest(due.category, due.urgency)
        if digest is not Digest.NONE:
            return Hold(policy.calendar.next_digest(now, digest), "digest")
    if due.urgency is Urgency.CRITICAL or due.channel not in _DISTURBING:
        return None
    quiet = _quiet_of(recipient, policy)
    until = policy.calendar.quiet_until(now, quiet) if quiet else None
    if until is not None:
        return Hold(until, "quiet_hours")
    if due.sent_today >= policy.daily_max and due.category is not Category.STATUTORY:
        return Hold(next_midnight(now), "daily_limit")
    return None


def _quiet_of(recipient: Recipient, policy: Policy) -> QuietHours | None:
    asked = recipient.preferences
    if asked.quiet_start is not None and asked.quiet_end is not None:
        return QuietHours(asked.quiet_start, asked.quiet_end)
    return policy.quiet
