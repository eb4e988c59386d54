"""Amounts as the fund takes them: pence, one or more."""

from __future__ import annotations

from services.fund.errors import AmountNotPositive


def positive(pence: int, field: str) -> int:
    """Return the pence.

    Raises:
        AmountNotPositive: Less than one penny (INVALID_ARGUMENT).
    """
    if pence < 1:
        raise AmountNotPositive(f"{field}: an amount is one penny or more", field=field)
    return pence


def name_key(name: str) -> str:
    """Return a name as it is compared: without case, outer and doubled spaces."""
    return " ".join(name.split()).casefold()
