"""Approvals against the people who gave them and the limits they held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.fund.storage.tables import decisions, purchases
from services.fund.storage.tables.approving import uplift_people
from services.fund.storage.tables.controls import proposals
from services.fund.verification.finding import Finding


def by_others(connection: Connection) -> Iterator[Finding]:
    """Find decisions by the requester, above a limit, or by fewer people than were needed."""
    people: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in connection.execute(select(decisions).order_by(decisions.c.decided_at)):
        acting = {row.decider, row.on_behalf_of} - {""}
        people[row.purchase_id, row.revision].add(row.decider)
        where = f"decisions {row.id}"
        if row.requester in acting:
            yield Finding(12, row.tenant, where, "who asked took part in the decision")
        if row.outcome == "approved":
            if row.counted > row.limit_amount:
                text = f"{row.counted} pence counted towards a limit of {row.limit_amount}"
                yield Finding(12, row.tenant, where, text)
            deciders = len(people[row.purchase_id, row.revision])
            if deciders < row.approvers_needed:
                text = f"{deciders} people decided and {row.approvers_needed} were needed"
                yield Finding(12, row.tenant, where, text)


def decided(connection: Connection) -> Iterator[Finding]:
    """Find approved purchases without a decision, and proposals that one officer did alone."""
    approved = select(decisions.c.purchase_id).where(decisions.c.outcome == "approved")
    query = select(purchases.c.id, purchases.c.tenant).where(
        purchases.c.approved_at.is_not(None), purchases.c.id.not_in(approved)
    )
    for row in connection.execute(query):
        yield Finding(12, row.tenant, f"purchases {row.id}", "nobody approved it")
    alone = select(proposals.c.id, proposals.c.tenant).where(
        proposals.c.state == "done",
        proposals.c.second_needed,
        (proposals.c.decider == "") | (proposals.c.decider == proposals.c.proposer),
    )
    for row in connection.execute(alone):
        yield Finding(12, row.tenant, f"proposals {row.id}", "one officer did it alone")


def raised_by_others(connection: Connection) -> Iterator[Finding]:
    """Find purchases that cost more by fewer people than were needed."""
    hands: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    groups: dict[str, tuple[str, str, int]] = {}
    for row in connection.execute(select(uplift_people)):
        group = (row.purchase_id, row.content_hash, row.amount)
        hands[group].add(row.decider)
        groups[row.decision_id] = group
    query = select(decisions).where(decisions.c.outcome == "uplifted")
    for row in connection.execute(query.order_by(decisions.c.id)):
        people = hands[groups[row.id]] if row.id in groups else set()
        if len(people) < row.approvers_needed:
            text = f"{len(people)} people raised it and {row.approvers_needed} were needed"
            yield Finding(12, row.tenant, f"decisions {row.id}", text)
