"""Cells as people write them: dates, numbers of schools, and what a spreadsheet would run."""

from __future__ import annotations

import re
from datetime import date

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_URN = re.compile(r"[0-9]{6}")
_YEARS = range(1990, 2100)
_FORMULA = ("=", "+", "-", "@", "\t")


def read_date(text: str) -> date | None:
    """Return the date of YYYY-MM-DD or DD/MM/YYYY, from 1990 to 2099, or None."""
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _BRITISH.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        return None
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_urn(text: str) -> str | None:
    """Return a school's unique reference number, or None."""
    return text if _URN.fullmatch(text) else None


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would run a cell (OWASP, CSV injection)."""
    return text.startswith(_FORMULA)
