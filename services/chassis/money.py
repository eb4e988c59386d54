"""Money is a whole number of pence; there is no float and no division here."""

from __future__ import annotations

import re
from dataclasses import dataclass

_POUNDS = re.compile(r"(-?)£?([0-9]{1,13})(?:\.([0-9]{1,2}))?")

MINOR_MAX = 2**53
"""The largest amount accepted, in pence: the largest that a JSON reader keeps exactly."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (pence) of one currency."""

    minor: int
    currency: str = "GBP"

    @classmethod
    def pounds(cls, text: str) -> Money:
        """Read an amount such as `1,234.50`, `£20` or ` 7.5 `.

        Raises:
            ValueError: The text is not an amount of pounds and at most two decimals.
        """
        match = _POUNDS.fullmatch(text.strip().replace(",", "").replace("\N{MINUS SIGN}", "-"))
        if match is None:
            raise ValueError(f"{text!r} is not an amount in pounds and pence")
        sign, whole, pence = match.groups()
        minor = int(whole) * 100 + int((pence or "0").ljust(2, "0"))
        return cls(-minor if sign else minor)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        sign = "\N{MINUS SIGN}" if self.minor < 0 else ""
        pounds, pence = divmod(abs(self.minor), 100)
        return f"{sign}£{pounds:,}.{pence:02d}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never added")


def total(amounts: list[Money]) -> Money:
    """Return the sum of amounts of one currency; nothing sums to £0.00."""
    result = Money(0)
    for amount in amounts:
        result += amount
    return result
