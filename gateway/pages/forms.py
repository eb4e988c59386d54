"""Reading what people typed: trim it, say what is wrong in the words beside the field, keep it.

A form never fails on the first fault: it gathers all of them, so that one page shows them all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.chassis.money import MINOR_MAX, Money

LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: the id of the field it belongs to (empty for the whole form) and its words."""

    field: str
    message: str


@dataclass(slots=True)
class Form:
    """The values of one submission and what is wrong with them."""

    values: Mapping[str, str]
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, name: str, message: str) -> None:
        """Note a fault of a field."""
        self.errors.append(FieldError(name, message))

    def text(self, name: str, *, missing: str = "", longest: int = LONGEST_TEXT) -> str:
        """Read text without spaces around it; `missing` says what to do when there is none."""
        value = self.values.get(name, "").replace("\r\n", "\n").strip()
        if not value and missing:
            self.refuse(name, missing)
        if len(value) > longest:
            self.refuse(name, f"Use {longest:,} characters or fewer")
        return value

    def choice(self, name: str, allowed: Collection[str], *, missing: str) -> str:
        """Read one of a closed list."""
        value = self.values.get(name, "")
        if value not in allowed:
            self.refuse(name, missing)
            return ""
        return value

    def money(self, name: str, *, missing: str) -> Money | None:
        """Read an amount of one penny or more, such as `1,234.5 ` or `£20`."""
        value = self.values.get(name, "").strip()
        if not value:
            self.refuse(name, missing)
            return None
        try:
            amount = Money.pounds(value)
        except ValueError:
            self.refuse(name, "Enter an amount in pounds and pence, like 12.50")
            return None
        if not 0 < amount.minor <= MINOR_MAX:
            self.refuse(name, "The amount must be 1p or more")
            return None
        return amount

    def optional_money(self, name: str, *, zero: bool = False) -> Money | None:
        """Read an amount that may be left out; `zero` lets £0 say the same."""
        value = self.values.get(name, "").strip()
        if not value or (zero and not value.strip("£0.")):
            return None
        return self.money(name, missing="")

    def number(self, name: str, *, most: int, missing: str) -> int | None:
        """Read a whole number from 1 to `most`."""
        value = self.values.get(name, "").strip()
        if not value:
            self.refuse(name, missing)
            return None
        if not value.isdecimal() or not 1 <= int(value[:9]) <= most:
            self.refuse(name, f"Enter a whole number from 1 to {most:,}")
            return None
        return int(value)

    def day(self, name: str, *, missing: str) -> date | None:
        """Read a date from its three fields; the fault belongs to the first wrong one."""
        parts = [self.values.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year")]
        if not any(parts):
            self.refuse(f"{name}-day", missing)
            return None
        try:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        except ValueError:
            self.refuse(f"{name}-day", "Enter a real date, like 27 3 2027")
            return None


def messages(errors: Collection[FieldError]) -> dict[str, dict[str, str]]:
    """Return the faults as the form macros want them: by field, the first of each."""
    found: dict[str, dict[str, str]] = {}
    for error in errors:
        found.setdefault(error.field, {"text": error.message})
    return found
