"""Guards of purchases: how one begins, how it is edited, what it takes to be approved."""

from __future__ import annotations

from services.fund.storage.tables.guards.writing import Guard

_CONTENT = (
    *("school_urn", "child_ids", "need", "category", "supplier_id", "supplier_name"),
    *("lines", "places", "cost", "requester"),
)
_CHANGED = " OR ".join(f"NEW.{name}:text :differs OLD.{name}:text" for name in _CONTENT)

GUARDS = (
    Guard(
        name="purchases_begin",
        event="INSERT ON purchases",
        message="a purchase begins as a request that nobody decided on",
        when="NEW.state <> 'submitted' OR NEW.version <> 1 OR NEW.revision <> 1",
    ),
    Guard(
        name="purchases_edited",
        event="UPDATE ON purchases",
        message="an edit is a new version",
        when=f"({_CHANGED}) AND (NEW.revision <= OLD.revision OR NEW.approved_at IS NOT NULL)",
    ),
    Guard(
        name="purchases_placed",
        event="UPDATE ON purchases",
        message="only the budget of the same name in a later year takes it over",
        when="NEW.budget_id <> OLD.budget_id",
        broken="""NOT EXISTS (
            SELECT 1 FROM budgets o JOIN budgets n ON n.tenant = o.tenant
              AND n.period_kind = o.period_kind AND n.name_key = o.name_key
              AND n.start_year > o.start_year
            WHERE o.id = OLD.budget_id AND n.id = NEW.budget_id)""",
    ),
    Guard(
        name="purchases_versions",
        event="UPDATE ON purchases",
        message="the version before is kept",
        when="NEW.revision <> OLD.revision",
        broken="""NEW.revision <> OLD.revision + 1 OR NOT EXISTS (
            SELECT 1 FROM purchase_revisions r
            WHERE r.purchase_id = OLD.id AND r.revision = OLD.revision)""",
    ),
    Guard(
        name="purchases_decided",
        event="UPDATE ON purchases",
        message="nobody decided on it",
        when="""NEW.approved_at IS NOT NULL
            AND (NEW.approved_at :differs OLD.approved_at OR NEW.approver <> OLD.approver)""",
        broken="""NOT EXISTS (
            SELECT 1 FROM decisions d
            WHERE d.purchase_id = NEW.id AND d.revision = NEW.revision AND d.outcome = 'approved'
              AND d.decider = NEW.approver AND d.decided_at = NEW.approved_at
              AND d.amount >= NEW.approved)""",
    ),
    Guard(
        name="purchases_raised",
        event="UPDATE ON purchases",
        message="nobody decided that it may cost more",
        when="OLD.approved_at IS NOT NULL AND NEW.approved > OLD.approved",
        broken="""NOT EXISTS (
            SELECT 1 FROM decisions d
            WHERE d.purchase_id = NEW.id AND d.revision = NEW.revision
              AND d.outcome IN ('approved', 'uplifted')
              AND d.amount + :tolerated >= NEW.approved)""",
    ),
    Guard(
        name="purchases_over",
        event="UPDATE ON purchases",
        message="it is over",
        when="""NEW.state <> OLD.state
            AND OLD.state IN ('declined', 'withdrawn', 'expired', 'closed', 'cancelled')""",
    ),
    Guard(
        name="purchase_children_of_approved",
        event="DELETE ON purchase_children",
        message="an edit is a new version",
        broken="""EXISTS (
            SELECT 1 FROM purchases p
            WHERE p.id = OLD.purchase_id AND p.approved_at IS NOT NULL)""",
    ),
)
"""What is approved is not edited unless as a new version that nobody has approved, and nothing is
approved, or costs more than is tolerated, without a decision on that very version.
"""
