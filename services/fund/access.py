"""Who may do what in the fund: the role x action matrix, as data.

What a table cannot say (the requester is not the approver, a limit) is in `domain.approval`.
"""

from __future__ import annotations

from services.chassis.auth import ActionTable, Relation

_REQUESTERS = {"practitioner": Relation.OWN, "liaison_officer": Relation.CLUSTER}
_FINANCE = {"finance_officer": Relation.TENANT}
_MONEY_READERS = {
    **_FINANCE,
    "programme_manager": Relation.TENANT,
    "auditor": Relation.TENANT,
}
_PLANNERS = {**_FINANCE, "programme_manager": Relation.TENANT}

ACTIONS: ActionTable = {
    "source.create": _PLANNERS,
    "source.read": _MONEY_READERS,
    "source.bank": _FINANCE,
    "budget.create": _PLANNERS,
    "budget.read": {**_REQUESTERS, **_MONEY_READERS},
    "budget.allocate": _FINANCE,
    "limit.set": _FINANCE,
    "limit.read": _MONEY_READERS,
    "purchase.submit": _REQUESTERS,
    "purchase.read": {
        **_REQUESTERS,
        **_MONEY_READERS,
        "information_governance": Relation.TENANT,
    },
    "category.read": {
        "practitioner": Relation.TENANT,
        "liaison_officer": Relation.TENANT,
        "information_governance": Relation.TENANT,
        **_MONEY_READERS,
    },
    "purchase.query": _FINANCE,
    "purchase.answer": _REQUESTERS,
    "purchase.approve": _FINANCE,
    "purchase.decline": _FINANCE,
    "purchase.withdraw": _REQUESTERS,
    "purchase.order": _FINANCE,
    "purchase.deliver": _REQUESTERS,
    "purchase.invoice": _FINANCE,
    "purchase.close": _FINANCE,
    "purchase.cancel": _FINANCE,
    "journal.read": _MONEY_READERS,
}
"""Action -> role -> relation; what is not here is refused."""
