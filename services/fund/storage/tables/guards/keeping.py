"""What rows that do change keep for good, and tables that nothing is taken out of.

A purchase, a pot or a proposal has a state that moves; who asked for it, what it belongs to and
how much it was for never do. `UPDATE OF` names columns that no statement of the product sets, so
that the guard costs those statements nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Table, UniqueConstraint

from services.fund.storage.tables.columns import metadata
from services.fund.storage.tables.guards.writing import Guard, write

_FROZEN = {
    "sources": ("id", "tenant", "funder", "funder_key", "created_at"),
    "budgets": ("id", "tenant", "parent_id", "path", "period_kind", "start_year", "starts_on"),
    "pots": ("id", "tenant", "budget_id", "source_id"),
    "purchases": ("id", "tenant", "reference", "school_urn", "requester", "submitted_at"),
    "purchase_children": ("purchase_id", "child_id", "tenant"),
    "purchase_shares": ("purchase_id", "position", "tenant", "pot_id", "source_id"),
    "proposals": (
        *("id", "tenant", "kind", "second_needed", "amount", "content"),
        *("reason", "proposer", "proposed_at"),
    ),
    "periods": ("id", "tenant", "kind", "start_year"),
    "vouchers": ("id", "tenant", "purchase_id", "number", "amount", "expires_on"),
    "payment_files": ("id", "tenant", "number", "line_count", "total", "created_by"),
    "payment_lines": (
        *("file_id", "position", "tenant", "invoice_id", "purchase_id", "amount"),
        *("payee_change_id", "paid_by", "recorded_by", "payee_proposed_by"),
        *("payee_confirmed_by", "recorder_may_pay", "payee_officers_may_pay"),
        "approver_pays_up_to",
    ),
}
_EMPTIED = "purchase_children"
"""An amendment names other children, so rows of it go; its own guard says when."""

GUARDS = (
    *(
        Guard(
            name=f"{table}_for_good",
            event=f"UPDATE OF {', '.join(columns)} ON {table}",
            message=f"what {table} say of this is for good",
        )
        for table, columns in _FROZEN.items()
    ),
    *(
        Guard(
            name=f"{table}_kept",
            event=f"DELETE ON {table}",
            message=f"{table} are kept",
        )
        for table in (*_FROZEN, "series")
        if table != _EMPTIED
    ),
    Guard(
        name="proposals_final",
        event="UPDATE ON proposals",
        message="it was decided",
        when="OLD.state <> 'waiting'",
    ),
    Guard(
        name="vouchers_redeemed",
        event="UPDATE ON vouchers",
        message="what was redeemed stays so",
        when="""NEW.redeemed < OLD.redeemed
            OR OLD.lapsed_at IS NOT NULL AND NEW.lapsed_at :differs OLD.lapsed_at""",
    ),
)
"""Guards of what stays in rows that change, and of rows that are never deleted."""

_HOT = frozenset({"journals", "entries", "purchase_facts"})
"""Asking for a purchase inserts into them, and a look-up for each row would be paid there."""


def keep(connection: Connection) -> None:
    """Refuse to empty the tables at once, where the database knows such a statement."""
    if connection.dialect.name == "sqlite":
        return
    for table in (*_FROZEN, "series"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refused('{table} are kept')"
        )


def refuse_replacing(connection: Connection, append_only: Iterable[Table]) -> None:
    """Refuse SQLite's INSERT OR REPLACE, which takes rows away past the triggers for DELETE.

    The hot tables are left out: a journal that is replaced breaks the chain of their hashes, and
    `verify ledger` names it.
    """
    if connection.dialect.name != "sqlite":
        return
    for table in append_only:
        if table.name not in _HOT:
            taken = " OR ".join(map(_taken, _keys(metadata.tables[table.name])))
            known = f"EXISTS (SELECT 1 FROM {table.name} k WHERE {taken})"  # noqa: S608 (our own names)
            message = f"{table.name} is only ever added to"
            event = f"INSERT ON {table.name}"
            name = f"{table.name}_not_replaced"
            write(connection, Guard(name=name, event=event, message=message, broken=known))


def _keys(table: Table) -> list[list[str]]:
    """Return the columns of every key that a new row could replace another by."""
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys = [[column.name for column in each.columns] for each in (table.primary_key, *unique)]
    return keys + [
        [column.name for column in each.columns] for each in table.indexes if each.unique
    ]


def _taken(columns: list[str]) -> str:
    return "(" + " AND ".join(f"k.{name} = NEW.{name}" for name in columns) + ")"
