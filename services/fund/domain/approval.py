"""Who may approve how much, and what exactly was decided.

Requests cannot be split under a limit: what was approved lately for the same supplier and
school, or the same child and category, counts. A decision keeps the policy's version, the limit,
the count and a hash of what was decided, so that it can be checked after every rule has changed.
Source: ledger.md d3.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.fund.domain.purchase import Purchase
from services.fund.errors import (
    DateOutOfRange,
    NoDelegatedLimit,
    OverDelegatedLimit,
    OwnLimit,
    RequesterMayNotDecide,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much one officer may approve, from a day on; never changed, only replaced.

    Attributes:
        limit_minor: Pence.
        valid_from, valid_to: First and last day, Europe/London; None: open.
    """

    id: str
    tenant: str
    officer: str
    limit_minor: int
    valid_from: date
    valid_to: date | None
    set_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """What was approved in the windows, in pence, without the purchase itself.

    Attributes:
        child: The most that one of the children was given in all, in the caps' window.
        child_in_category: The same in the purchase's category.
        duplicate: A purchase that gave one of them the same category lately; empty when none.
        quotes: How many quotes are attached to the purchase.
    """

    supplier_and_school: int = 0
    child_and_category: int = 0
    child: int = 0
    child_in_category: int = 0
    duplicate: str = ""
    quotes: int = 0

    def with_purchase(self, pence: int) -> tuple[int, str]:
        """Return the larger sum with the purchase in it, and which window made it."""
        if self.child_and_category > self.supplier_and_school:
            return self.child_and_category + pence, "child and category"
        return self.supplier_and_school + pence, "supplier and school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision with everything that it was made under.

    Attributes:
        revision: The version of what was asked for.
        outcome: `endorsed` (the first of two), `approved`, `raising` (the first of two that it
            may cost more), `uplifted` or `declined`.
        on_behalf_of: Whose limit it was decided under; empty for the decider's own.
        approver_number, approvers_needed: Which of how many.
        overridden: The rules that were set aside, by their reasons.
        amount_minor: Pence approved in all; 0 when declined.
        counted_minor: Pence held against the limit; 0 when declined.
        content_hash: SHA-256, in hex, of what was decided; see `content_hash`.
    """

    id: str
    tenant: str
    purchase_id: str
    purchase_version: int
    revision: int
    outcome: str
    decider: str
    requester: str
    decided_at: datetime
    amount_minor: int = 0
    limit_id: str = ""
    limit_minor: int = 0
    counted_minor: int = 0
    policy_version: int = 1
    content_hash: str = ""
    on_behalf_of: str = ""
    approver_number: int = 1
    approvers_needed: int = 1
    overridden: tuple[str, ...] = ()


def check_decider(purchase: Purchase, officer: str) -> None:
    """Check that the officer is not who asked.

    Raises:
        RequesterMayNotDecide: The same person (PERMISSION_DENIED).
    """
    if officer == purchase.requester:
        raise RequesterMayNotDecide(
            "who asked for a purchase may not decide on it", purchase_id=purchase.id
        )


def check_limit(limit: Limit | None, counted: Counted, pence: int, *, officer: str) -> Limit:
    """Check that an amount is within the officer's limit and return the limit.

    Raises:
        NoDelegatedLimit: They hold none today (PERMISSION_DENIED).
        OverDelegatedLimit: The counted amount is above it (PERMISSION_DENIED).
    """
    if limit is None:
        raise NoDelegatedLimit("you hold no delegated limit today", officer_id=officer)
    total, window = counted.with_purchase(pence)
    if total > limit.limit_minor:
        raise OverDelegatedLimit(
            f"{total} pence count towards your limit of {limit.limit_minor} ({window})",
            limit_minor=limit.limit_minor,
            counted_minor=total,
            window=window,
        )
    return limit


def check_new_limit(
    officer: str, setter: str, *, valid: tuple[date, date | None], on: date
) -> None:
    """Check a limit before it is set.

    Raises:
        DateOutOfRange: It begins in the past or ends before it begins (INVALID_ARGUMENT).
        OwnLimit: The setter's own (PERMISSION_DENIED).
    """
    start, end = valid
    if start < on:
        raise DateOutOfRange(
            f"valid_from_date: {start} is past", field="valid_from_date", date=start.isoformat()
        )
    if end is not None and end < start:
        raise DateOutOfRange(
            f"valid_to_date: {end} is before {start}", field="valid_to_date", date=end.isoformat()
        )
    if officer == setter:
        raise OwnLimit("nobody sets their own limit", officer_id=officer)


def content_hash(purchase: Purchase) -> str:
    """Return the SHA-256, in hex, of what a decision is about: any change is another request."""
    body: dict[str, Any] = {
        "category": purchase.category,
        "children": sorted(purchase.child_ids),
        "places": purchase.places,
        "lines": [
            [line.description, line.quantity, line.unit_price, line.vat_basis_points, line.recovery]
            for line in purchase.lines
        ],
        "purchase": purchase.id,
        "school": purchase.school_urn,
        "sources": [
            [share.position, share.pot_id, share.terms_version, share.figures.total]
            for share in purchase.shares
        ],
        "supplier": purchase.supplier_id,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
