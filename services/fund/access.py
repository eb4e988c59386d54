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
    "policy.set": _FINANCE,
    "policy.read": _MONEY_READERS,
    "cover.set": _FINANCE,
    "override.set": _FINANCE,
    "after_check.read": _MONEY_READERS,
    "after_check.record": _FINANCE,
    "purchase.amend": _REQUESTERS,
    "purchase.recommend": {"liaison_officer": Relation.CLUSTER, **_FINANCE},
    "purchase.uplift": _FINANCE,
    "purchase.credit": _FINANCE,
    "purchase.refund": _FINANCE,
    "purchase.voucher": _FINANCE,
    "purchase.attach": {**_REQUESTERS, **_FINANCE},
    "comment.write": {**_REQUESTERS, **_PLANNERS},
    "draft.write": _REQUESTERS,
    "draft.read": _REQUESTERS,
    "supplier.read": _MONEY_READERS,
    "payee.propose": _FINANCE,
    "payee.confirm": _FINANCE,
    "journal.read": _MONEY_READERS,
    "payment.create": _FINANCE,
    "payment.read": _MONEY_READERS,
    "payment.reconcile": _FINANCE,
    "report.read": _MONEY_READERS,
    "finance_mapping.set": _FINANCE,
    "publication.read": _MONEY_READERS,
    "publication.review": _FINANCE,
    "source.set_terms": _PLANNERS,
    "source.return": _FINANCE,
    "school.set": _PLANNERS,
    "school.read": _MONEY_READERS,
    "budget.freeze": _FINANCE,
    "budget.apportion": _FINANCE,
    "budget.vire": _FINANCE,
    "money.write_off": _FINANCE,
    "journal.reverse": _FINANCE,
    "rules.set": _FINANCE,
    "proposal.read": _MONEY_READERS,
    "proposal.decide": _FINANCE,
    "period.read": _MONEY_READERS,
    "period.close": _FINANCE,
    "period.reopen": _FINANCE,
}
"""Action -> role -> relation; what is not here is refused."""
