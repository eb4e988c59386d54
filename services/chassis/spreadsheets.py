"""Text in CSV that people open in a spreadsheet, which runs what looks like a formula."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe stands before one.

    Numbers below zero begin like a formula too; whoever writes numbers keeps them from this.
    Source: OWASP, CSV injection.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
