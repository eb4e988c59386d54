"""Guards of decisions and payments: by whom, on what, under which rules and which limit.

No decision is about another version than stands, claims a requester, a cover, a first approver,
a rule or a limit that there is not, or asks for fewer people than the rules do; and no payment
says that others recorded its invoice, set its payee or approved its purchase than did.
"""

from __future__ import annotations

from services.fund.storage.tables.guards.writing import Guard

_COUNTS = "NEW.outcome IN ('approved', 'uplifted')"

_LIMIT_NOT_HELD = """
    NOT EXISTS (
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

_OTHER_VERSION = """
    NOT EXISTS (
        SELECT 1 FROM purchases p
        WHERE p.id = NEW.purchase_id AND p.tenant = NEW.tenant AND p.requester = NEW.requester
          AND p.revision = NEW.revision AND p.version = NEW.purchase_version
          AND (p.state = 'submitted' AND NEW.outcome IN ('endorsed', 'approved')
            OR p.state IN ('submitted', 'queried') AND NEW.outcome = 'declined'
            OR p.state IN ('approved', 'ordered', 'delivered')
              AND NEW.outcome IN ('raising', 'uplifted')))
"""

_AGAINST_THE_RULES = """
    NEW.policy_version <> COALESCE(
        (SELECT MAX(a.version) FROM approval_policies a WHERE a.tenant = NEW.tenant), 1)
    OR NOT EXISTS (
        SELECT 1 FROM purchases p
        WHERE p.id = NEW.purchase_id AND CASE NEW.decider
            WHEN 'rule' THEN NEW.outcome = 'approved' AND NEW.on_behalf_of = ''
              AND NEW.overridden = '' AND NEW.limit_amount = :auto_up_to
              AND p.category IN :auto_categories
            ELSE NEW.approvers_needed >= :approvers END)
"""

_NOT_COVERED = """
    NOT EXISTS (
        SELECT 1 FROM covers c
        WHERE c.tenant = NEW.tenant AND c.deputy = NEW.decider AND c.delegator = NEW.on_behalf_of
          AND c.valid_from <= :next_day AND c.valid_to >= :day
          AND NOT EXISTS (SELECT 1 FROM cover_ends e WHERE e.cover_id = c.id))
"""

_ALONE = """
    NOT EXISTS (
        SELECT 1 FROM decisions e
        WHERE e.purchase_id = NEW.purchase_id AND e.revision = NEW.revision
          AND e.outcome = CASE NEW.outcome WHEN 'approved' THEN 'endorsed' ELSE 'raising' END
          AND e.amount >= NEW.amount
          AND e.decider NOT IN (NEW.decider, NEW.on_behalf_of)
          AND (e.on_behalf_of = '' OR e.on_behalf_of NOT IN (NEW.decider, NEW.on_behalf_of)))
"""

_ABOVE_WHAT_IS_LEFT = """
    NOT EXISTS (
        SELECT 1 FROM disputed_invoices i
        WHERE i.id = NEW.invoice_id AND i.tenant = NEW.tenant AND i.purchase_id = NEW.purchase_id
          AND i.net - NEW.net > (
            SELECT COALESCE(SUM(c.net), 0) FROM dispute_credits c WHERE c.invoice_id = i.id)
          AND i.vat - NEW.vat >= (
            SELECT COALESCE(SUM(c.vat), 0) FROM dispute_credits c WHERE c.invoice_id = i.id))
    OR EXISTS (SELECT 1 FROM dispute_ends e WHERE e.invoice_id = NEW.invoice_id)
"""

_NO_RIGHT = """
    NOT COALESCE((
        SELECT o.allowed FROM override_rights o
        WHERE o.tenant = NEW.tenant AND o.officer = NEW.decider
        ORDER BY o.created_at DESC, o.id DESC LIMIT 1), FALSE)
"""

GUARDS = (
    Guard(
        name="decisions_version",
        event="INSERT ON decisions",
        message="it is not about the request that stands",
        broken=_OTHER_VERSION,
    ),
    Guard(
        name="decisions_limit",
        event="INSERT ON decisions",
        message="no such limit is held",
        when="NEW.outcome <> 'declined' AND NEW.decider <> 'rule'",
        broken=_LIMIT_NOT_HELD,
    ),
    Guard(
        name="decisions_policy",
        event="INSERT ON decisions",
        message="the rules in force do not allow it",
        when=_COUNTS,
        broken=_AGAINST_THE_RULES,
    ),
    Guard(
        name="decisions_cover",
        event="INSERT ON decisions",
        message="there is no such cover",
        when="NEW.on_behalf_of <> ''",
        broken=_NOT_COVERED,
    ),
    Guard(
        name="decisions_second",
        event="INSERT ON decisions",
        message="another person decides first",
        when=f"{_COUNTS} AND NEW.approver_number > 1",
        broken=_ALONE,
    ),
    Guard(
        name="decisions_override",
        event="INSERT ON decisions",
        message="no such right is held",
        when="NEW.overridden <> ''",
        broken=_NO_RIGHT,
    ),
    Guard(
        name="dispute_credits_left",
        event="INSERT ON dispute_credits",
        message="no invoice in dispute has so much left",
        broken=_ABOVE_WHAT_IS_LEFT,
    ),
    Guard(
        name="payment_duties",
        event="INSERT ON payment_lines",
        message="one person has two duties",
        broken=_DUTIES_MET,
    ),
)
"""Guards of rows that say who decided or paid."""
