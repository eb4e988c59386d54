"""Guards of names that are kept beside a decision, so that two people are two people in truth.

A CHECK holds two columns of one row apart; these hold the column that was copied to its origin.
"""

from __future__ import annotations

from services.fund.storage.tables.guards.writing import Guard


def _same(table: str, origin: str, *, key: tuple[str, str], columns: tuple[str, ...]) -> Guard:
    """Return the guard that a row says the same as the row that it is about.

    Args:
        table: Whose new rows are looked at.
        origin: Where the copied columns come from.
        key: The column that names the other row, and the other row's key.
        columns: That are the same in both.
    """
    mine, theirs = key
    same = " AND ".join(f"o.{name}:text = NEW.{name}:text" for name in columns)
    return Guard(
        name=f"{table}_as_{origin}",
        event=f"INSERT ON {table}",
        message=f"{origin} says otherwise",
        broken=f"NOT EXISTS (SELECT 1 FROM {origin} o WHERE o.{theirs} = NEW.{mine} AND {same})",  # noqa: S608 (our own names)
    )


GUARDS = (
    _same(
        "payee_decisions",
        "payee_changes",
        key=("change_id", "id"),
        columns=("tenant", "proposed_by"),
    ),
    _same(
        "approval_policies",
        "policy_proposals",
        key=("proposal_id", "id"),
        columns=("tenant", "proposed_by", "content"),
    ),
    _same(
        "after_checks",
        "decisions",
        key=("decision_id", "id"),
        columns=("tenant", "purchase_id", "requester"),
    ),
    _same(
        "after_check_results",
        "after_checks",
        key=("decision_id", "decision_id"),
        columns=("tenant", "requester"),
    ),
)
"""Rows whose rule of two people rests on a name that was copied from another row."""
