"""Letters for the print room: PDF, with every letter of Welsh, and gone with the retention."""

from __future__ import annotations

import logging
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.chassis.database import Database
from services.notify.channels.file import Files
from services.notify.channels.in_app import InApp
from services.notify.channels.letter import letter_pdf
from services.notify.channels.port import Outgoing
from services.notify.commands.intake import Intake
from services.notify.commands.messages import Send, send
from services.notify.domain.render import Rendered
from services.notify.domain.words import Channel, Language
from tests.notify.house import REQUESTER, House
from tests.support.clock import FakeClock

_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPED = {b"r": b"\r", b"n": b"\n"}
_GLYPH = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>")
MOMENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BODY = "Annwyl ŵr a gwraig y tŷ,\n\nMae ŴŶ ac âêîôû ÄËÏÖÜ yma.\n\n* un\n* dau"
LETTER = Outgoing(
    message_id="0193",
    tenant="E06000050",
    channel=Channel.LETTER,
    reference="REF-42",
    address="Siân Llŷr\n1 Stryd y Tŵr\nLlandŵr\nSA1 1AA",
    content=Rendered("t", "Llythyr", BODY, "", ""),
    language=Language.CY,
    at=MOMENT,
    queued_at=MOMENT,
)
"""Everything that a Welsh letter may hold."""


def text_of(pdf: bytes) -> list[str]:
    """Return what a reader of the PDF would copy from it, by the font's own map to Unicode."""
    found = _STREAM.findall(pdf)
    streams = [zlib.decompress(raw) for raw in found if raw.startswith(b"x")]
    cmap = next(raw for raw in found if b"beginbfchar" in raw)
    known = {int(glyph, 16): chr(int(code, 16)) for glyph, code in _GLYPH.findall(cmap)}
    page = next(each for each in streams if b" Tf ET" in each)
    return ["".join(known[glyph] for glyph in _glyphs(piece)) for piece in _SHOWN.findall(page)]


def _glyphs(piece: bytes) -> list[int]:
    raw = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), piece)
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]


def test_every_letter_of_welsh_is_in_the_pdf(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        pdf = letter_pdf(LETTER)

    assert pdf.startswith(b"%PDF-")
    assert b"/Lang (cy)" in pdf
    assert caplog.records == []
    assert text_of(pdf) == [
        *("Siân Llŷr", "1 Stryd y Tŵr", "Llandŵr", "SA1 1AA"),
        *("2 Tachwedd 2026", "Ein cyfeirnod: REF-42", "Llythyr"),
        *("Annwyl ŵr a gwraig y tŷ,", "Mae ŴŶ ac âêîôû ÄËÏÖÜ yma.", "• un", "• dau"),
    ]


def test_a_long_letter_has_more_pages() -> None:
    content = Rendered("t", "Long", "A line of the letter.\n" * 120, "", "")

    pdf = letter_pdf(replace(LETTER, content=content))

    assert len(re.findall(rb"/Type /Page\b", pdf)) == 3


async def test_the_print_room_gets_a_pdf_and_loses_it_with_the_retention(
    notify_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    files = Files(tmp_path / "letters", "no-reply@fund.example")
    house = House(notify_database, clock, {Channel.IN_APP: InApp(), Channel.LETTER: files})
    await house.know(REQUESTER, postal_address=("Siân Llŷr", "SA1 1AA"))
    asked = Send(
        "purchase_approved",
        subjects=["p-1"],
        values={"reference": "LR-1"},
        channels=[Channel.LETTER],
    )
    intake = Intake(frozenset(house.providers))
    await house.apply(lambda work: send(work, intake, "live", asked))
    await house.delivery.drain()

    (path,) = (tmp_path / "letters").iterdir()
    said, mode = text_of(path.read_bytes()), path.stat().st_mode
    reference = (await house.one(Channel.LETTER)).reference
    house.clock.advance(days=7, seconds=1)
    await house.job("erase-old")

    assert path.name == f"{reference}.pdf"
    assert mode & 0o077 == 0
    assert said[:4] == ["Siân Llŷr", "SA1 1AA", "2 November 2026", f"Our reference: {reference}"]
    assert not path.exists()
