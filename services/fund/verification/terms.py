"""Purchases against the terms that their money was reserved under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from services.chassis.clock import london_date
from services.fund.domain.terms import Need, Terms
from services.fund.storage.purchases import circumstances
from services.fund.storage.sources import TERMS_VALUES, terms_from
from services.fund.storage.tables import purchase_shares, purchases, source_terms
from services.fund.verification.finding import Finding

_YES = "yes"


def within(connection: Connection) -> Iterator[Finding]:
    """Find money that pays for what the terms it was reserved under forbid.

    A match ratio is held when money is reserved: what goes back goes back from the last place of
    the plan, so the shares of what is left may differ from it.
    """
    taken: dict[tuple[str, str], int] = defaultdict(int)
    caps: dict[tuple[str, str], tuple[str, int]] = {}
    for row in connection.execute(_query()):
        terms = terms_from(row)
        key = (row.purchase_id, row.source_id)
        taken[key] += row.held - row.available
        for rule in terms.broken_by(_need(row)):
            yield _finding(row.tenant, key, rule)
        cap = _most(terms, len(row.child_ids))
        if cap is not None:
            caps[key] = (row.tenant, max(cap, caps.get(key, ("", 0))[1]))
    for key, (tenant, cap) in sorted(caps.items()):
        if taken[key] > cap:
            yield _finding(tenant, key, "most_per_child")


def _finding(tenant: str, key: tuple[str, str], rule: str) -> Finding:
    purchase_id, source_id = key
    text = f"source {source_id} may not pay for it ({rule})"
    return Finding(7, tenant, f"purchases {purchase_id}", text)


def _most(terms: Terms, children: int) -> int | None:
    return None if terms.most_per_child is None else terms.most_per_child * children


def _query() -> Any:
    held = (source_terms.c.source_id == purchase_shares.c.source_id) & (
        source_terms.c.version == purchase_shares.c.terms_version
    )
    return (
        select(
            purchase_shares.c.purchase_id,
            purchase_shares.c.source_id,
            purchase_shares.c.tenant,
            purchase_shares.c.held,
            purchase_shares.c.available,
            purchase_shares.c.terms_version.label("terms_number"),
            purchases.c.school_urn,
            purchases.c.category,
            purchases.c.child_ids,
            purchases.c.circumstances,
            purchases.c.submitted_at,
            purchases.c.lines,
            *TERMS_VALUES,
        )
        .join(purchases, purchases.c.id == purchase_shares.c.purchase_id)
        .join(source_terms, held)
        .where(purchase_shares.c.held > purchase_shares.c.available)
        .order_by(purchase_shares.c.purchase_id, purchase_shares.c.position)
    )


def _need(row: Any) -> Need:
    return Need(
        row.school_urn,
        row.category,
        london_date(row.submitted_at),
        len(row.child_ids),
        circumstances(row.school_urn, row.circumstances),
        reclaims=any(rate and recovery == _YES for *_, rate, recovery in row.lines),
    )
