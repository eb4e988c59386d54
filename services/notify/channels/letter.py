"""A letter as a print room wants it: A4, the address where an envelope's window is.

The font comes along, since the standard fonts of PDF have no ŵ and no ŷ.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from services.chassis.clock import london_date
from services.notify.channels.port import Outgoing
from services.notify.domain.render import Rendered, date_in_words
from services.notify.domain.words import Language

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT = "DejaVu"
_MARGIN_MM = 20.0
_ADDRESS_MM = (50.0, 85.0)
"""The address begins this far down and is this wide: a DL envelope's window."""
_BELOW_ADDRESS_MM = 95.0
_LINE_MM = 5.5
_REFERENCE = {Language.EN: "Our reference", Language.CY: "Ein cyfeirnod"}


def letter_pdf(outgoing: Outgoing) -> bytes:
    """Return the letter: address, date, reference, subject, text.

    Args:
        outgoing: A message with rendered content; its address has a line for each line.
    """
    content, language = outgoing.content, outgoing.language
    assert isinstance(content, Rendered), "only a webhook has no text"
    document = _document(content.subject, language, outgoing)
    top, width = _ADDRESS_MM
    document.set_y(top)
    _write(document, outgoing.address, width=width)
    document.set_y(max(document.get_y() + 2 * _LINE_MM, _BELOW_ADDRESS_MM))
    _write(document, date_in_words(london_date(outgoing.at), language))
    _write(document, f"{_REFERENCE[language]}: {outgoing.reference}")
    document.ln(_LINE_MM)
    document.set_font_size(13)
    _write(document, content.subject)
    document.set_font_size(11)
    document.ln(_LINE_MM)
    _write(document, _plain(content.body))
    return bytes(document.output())


def _document(title: str, language: Language, outgoing: Outgoing) -> FPDF:
    from fpdf import FPDF  # slow to import, and most services send no letter

    document = FPDF(format="A4")
    document.set_title(title)
    document.set_lang("cy" if language is Language.CY else "en-GB")
    document.set_creation_date(outgoing.at)
    document.set_margin(_MARGIN_MM)
    document.set_auto_page_break(auto=True, margin=_MARGIN_MM)
    font = resources.files("services.notify").joinpath("shipped", "fonts", "DejaVuSans.ttf")
    with resources.as_file(font) as path:
        document.add_font(_FONT, fname=path)
    document.set_font(_FONT, size=11)
    document.add_page()
    return document


def _write(document: FPDF, text: str, *, width: float = 0) -> None:
    document.multi_cell(width, _LINE_MM, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _plain(body: str) -> str:
    """Return the body with headings and lists as paper has them."""
    lines = []
    for line in body.splitlines():
        shown = line.removeprefix("# ")
        lines.append(f"• {shown[2:]}" if shown.startswith("* ") else shown)
    return "\n".join(lines)
