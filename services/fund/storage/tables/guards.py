"""Rules of decisions and payments that one row's CHECK cannot hold, as triggers on both databases.

Whoever writes past the product finds the same refusals: what was approved is not edited unless it
is a new version that nobody has approved; nothing is approved without a decision on that version;
no decision claims a limit that its officer does not hold, or holds no more; and no payment says
that others recorded its invoice, set its payee or approved its purchase than did.
"""

from __future__ import annotations

from sqlalchemy import Connection

_CONTENT = (
    *("school_urn", "child_ids", "need", "category", "supplier_id", "supplier_name"),
    *("lines", "places", "cost", "budget_id", "requester"),
)
_UNDECIDED = """
    NEW.approved_at IS NOT NULL AND OLD.approved_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM decisions d
        WHERE d.purchase_id = NEW.id AND d.revision = NEW.revision AND d.outcome = 'approved')
"""

_LIMIT_NOT_HELD = """
    NEW.outcome IN ('approved', 'uplifted') AND NEW.decider <> 'rule' AND NOT EXISTS (
        SELECT 1 FROM delegated_limits l
        WHERE l.id = NEW.limit_id AND l.tenant = NEW.tenant AND l.amount = NEW.limit_amount
          AND l.officer = CASE NEW.on_behalf_of WHEN '' THEN NEW.decider ELSE NEW.on_behalf_of END
          AND (l.valid_to IS NULL OR l.valid_to >= :day)
          AND NOT EXISTS (
            SELECT 1 FROM delegated_limits n
            WHERE n.tenant = l.tenant AND n.officer = l.officer AND n.valid_from <= :day
              AND (n.valid_from > l.valid_from OR n.valid_from = l.valid_from AND (
                n.created_at > l.created_at OR n.created_at = l.created_at AND n.id > l.id))))
"""

_DUTIES_MET = """
    NOT EXISTS (
        SELECT 1 FROM invoices i JOIN payee_decisions p ON p.change_id = NEW.payee_change_id
        WHERE i.id = NEW.invoice_id AND i.recorded_by = NEW.recorded_by AND p.confirmed = 'yes'
          AND p.proposed_by = NEW.payee_proposed_by AND p.decided_by = NEW.payee_confirmed_by)
    OR NEW.amount > NEW.approver_pays_up_to AND EXISTS (
        SELECT 1 FROM decisions d
        WHERE d.purchase_id = NEW.purchase_id AND d.outcome <> 'declined'
          AND NEW.paid_by IN (d.decider, d.on_behalf_of))
"""


def install(connection: Connection) -> None:
    """Put the triggers on their tables."""
    sqlite = connection.dialect.name == "sqlite"
    same = "IS NOT" if sqlite else "IS DISTINCT FROM"
    cast = "" if sqlite else "::text"
    changed = " OR ".join(f"NEW.{name}{cast} {same} OLD.{name}{cast}" for name in _CONTENT)
    edited = f"({changed}) AND (NEW.revision <= OLD.revision OR NEW.approved_at IS NOT NULL)"
    day = "DATE(NEW.decided_at)" if sqlite else "(NEW.decided_at AT TIME ZONE 'UTC')::date"
    limit = _LIMIT_NOT_HELD.replace(":day", day)
    for name, event, broken, message in (
        ("purchases_edited", "UPDATE ON purchases", edited, "an edit is a new version"),
        ("purchases_decided", "UPDATE ON purchases", _UNDECIDED, "nobody decided on it"),
        ("decisions_limit", "INSERT ON decisions", limit, "no such limit is held"),
        ("payment_duties", "INSERT ON payment_lines", _DUTIES_MET, "one person has two duties"),
    ):
        refuse = _on_sqlite if sqlite else _on_postgresql
        for statement in refuse(name, event, broken=broken, message=message):
            connection.exec_driver_sql(statement)


def _on_sqlite(name: str, event: str, *, broken: str, message: str) -> tuple[str, ...]:
    body = f"WHEN {broken} BEGIN SELECT RAISE(ABORT, '{message}'); END"
    return (f"CREATE TRIGGER {name} BEFORE {event} {body}",)


def _on_postgresql(name: str, event: str, *, broken: str, message: str) -> tuple[str, ...]:
    raised = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'"
    body = f"BEGIN IF {broken} THEN {raised}; END IF; RETURN NEW; END"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
