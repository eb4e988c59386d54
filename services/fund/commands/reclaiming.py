"""VAT on papers of a purchase that money pays which bears all VAT: it is not claimed back."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.lines import VatRecovery
from services.fund.domain.purchase import Purchase
from services.fund.errors.ledger import VatNotClaimedBack
from services.fund.storage import sources


def check(work: UnitOfWork, purchase: Purchase, recovery: VatRecovery, vat: int) -> None:
    """Check that VAT in pence may be claimed back.

    Raises:
        VatNotClaimedBack: A source of the purchase pays all of its VAT (INVALID_ARGUMENT).
    """
    if recovery is not VatRecovery.YES or not vat:
        return
    paying_all = sources.paying_all_vat(work.connection, purchase.id)
    if paying_all:
        raise VatNotClaimedBack(
            "vat_recovery: a source of this purchase pays its VAT, so it is not claimed back",
            field="vat_recovery",
            source_id=paying_all,
        )
