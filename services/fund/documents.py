"""An order as the supplier gets it: the same lines as text and as PDF, and no child in either."""

from __future__ import annotations

from services.fund.domain.csv_cells import pounds
from services.fund.domain.lines import Line
from services.fund.domain.purchase import Purchase
from services.fund.errors import WrongState

_WIDTHS = (40, 10, 12, 12, 12)


def order_lines(purchase: Purchase) -> list[str]:
    """Return the order, line by line.

    Raises:
        WrongState: It was not ordered (FAILED_PRECONDITION).
    """
    if not purchase.order_number:
        raise WrongState(
            f"{purchase.reference} is {purchase.state}, so it has no order",
            state=purchase.state,
            action="ordered",
        )
    lines = [_row(line.description, line.quantity, *_amounts(line)) for line in purchase.lines]
    return [
        "PURCHASE ORDER",
        "",
        f"Order number     {purchase.order_number}",
        f"Our reference    {purchase.reference}",
        f"Authority        {purchase.tenant}",
        f"Deliver to       School {purchase.school_urn}",
        f"Supplier         {purchase.supplier_name}",
        "",
        _row("Description", "Number", "Price", "Net", "VAT"),
        *lines,
        "",
        f"Net      £{pounds(purchase.net)}",
        f"VAT      £{pounds(purchase.vat)}",
        f"Total    £{pounds(purchase.net + purchase.vat)}",
        "",
        "Please quote the order number on your invoice. We pay within 30 days of receiving it.",
    ]


def pdf(lines: list[str], title: str) -> bytes:
    """Return the lines as an A4 document; a letter that its font lacks becomes a question mark."""
    from fpdf import FPDF  # a quarter of the service's start, for a document now and then

    document = FPDF(format="A4")
    document.set_title(title)
    document.set_lang("en-GB")
    document.add_page()
    document.set_font("Courier", size=9)
    for line in lines:
        shown = line.encode("latin-1", "replace").decode("latin-1")
        document.multi_cell(0, 5, shown, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def _amounts(line: Line) -> tuple[str, str, str]:
    return pounds(line.unit_price), pounds(line.net), pounds(line.vat)


def _row(*cells: object) -> str:
    first, *others = (str(cell) for cell in cells)
    widths = _WIDTHS[1:]
    return first[: _WIDTHS[0]].ljust(_WIDTHS[0]) + "".join(
        cell.rjust(width) for cell, width in zip(others, widths, strict=True)
    )
