"""What is bought: quantities, prices and VAT, and what that costs the fund."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.fund.errors.paying import VatDoesNotAddUp

STANDARD_RATE = 2_000
"""The standard rate of VAT in hundredths of a percent."""


class VatRecovery(StrEnum):
    """Whether the authority gets the input VAT back."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def cost_to_fund(net: int, vat: int, recovery: VatRecovery) -> int:
    """Return what the fund pays, in pence: VAT counts unless it surely comes back.

    Source: VAT Act 1994, s. 33; ledger.md d3, VAT: unknown is charged gross.
    """
    return net if recovery is VatRecovery.YES else net + vat


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to buy.

    Attributes:
        unit_price: Pence for one, without VAT.
        vat_basis_points: VAT rate in hundredths of a percent; 2000 is 20 %.
    """

    description: str
    quantity: int
    unit_price: int
    vat_basis_points: int = 0
    recovery: VatRecovery = VatRecovery.UNKNOWN

    @property
    def net(self) -> int:
        """Pence without VAT."""
        return self.quantity * self.unit_price

    @property
    def vat(self) -> int:
        """Pence of VAT, rounded half up for the line (HMRC VAT Notice 700, 17.5)."""
        return (self.net * self.vat_basis_points + 5_000) // 10_000

    @property
    def cost(self) -> int:
        """Pence that the fund pays."""
        return cost_to_fund(self.net, self.vat, self.recovery)


def reclaims(lines: Sequence[Line]) -> bool:
    """Return whether VAT of one of the lines comes back to the authority."""
    return any(line.vat and line.recovery is VatRecovery.YES for line in lines)


def charged_gross(line: Line) -> Line:
    """Return the line without a claim for its VAT."""
    return replace(line, recovery=VatRecovery.NO) if reclaims((line,)) else line


def check_vat(lines: Sequence[Line], *, net: int, vat: int) -> None:
    """Check that an invoice's VAT can come from the standard rate, or a higher one of the order.

    An order may have been written without rates. A penny a line is allowed for the supplier's
    own rounding. Source: VAT Act 1994, s. 2; VAT Notice 700, 17.5.

    Raises:
        VatDoesNotAddUp: It is more than the highest rate gives (INVALID_ARGUMENT).
    """
    highest = max(STANDARD_RATE, *(line.vat_basis_points for line in lines))
    most = (net * highest + 5_000) // 10_000 + len(lines)
    if vat > most:
        raise VatDoesNotAddUp(
            f"vat: {vat} pence, and the rates give {most} at most",
            field="vat",
            vat_minor=vat,
            most_minor=most,
        )
