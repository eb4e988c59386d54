"""How the ledger's accounts are written in an authority's finance system, as versioned data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.fund.domain.figures import Bucket
from services.fund.errors.exports import FinanceMappingInvalid

ACCOUNTS = ("external", "source", *(bucket.value for bucket in Bucket), "vat", "year")
"""What has a subjective code: every kind of account, and of a pot each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceMapping:
    """One version.

    Attributes:
        version: 0 is what the product ships with.
        cost_centre: Where entries go whose budget has none of its own.
        subjective: Account -> subjective code, for each of `ACCOUNTS`.
        cost_centres: Budget's id -> its own cost centre.
        first_month: The month of period 1, 1 to 12.
    """

    cost_centre: str
    subjective: Mapping[str, str]
    cost_centres: Mapping[str, str] = field(default_factory=dict)
    first_month: int = 4
    version: int = 0

    def subjective_of(self, account: str) -> str:
        """Return the subjective code of an account of the ledger."""
        kind, *_, state = account.split(":")
        return self.subjective[state if kind == "pot" else kind]

    def cost_centre_of(self, budget_id: str | None) -> str:
        """Return the cost centre of a budget's entries; None: they belong to no budget."""
        return self.cost_centres.get(budget_id or "", self.cost_centre)

    def period_of(self, day: date) -> str:
        """Return the finance system's period of a day, such as `2026-27/08` for November."""
        year = day.year if day.month >= self.first_month else day.year - 1
        month = (day.month - self.first_month) % 12 + 1
        return f"{year}-{(year + 1) % 100:02d}/{month:02d}"


def check(
    subjective: Iterable[tuple[str, str]],
    cost_centres: Iterable[tuple[str, str]],
    *,
    budgets: Iterable[str],
) -> tuple[dict[str, str], dict[str, str]]:
    """Return both lists as mappings.

    Args:
        subjective: Accounts and their codes.
        cost_centres: Budgets' ids and their cost centres.
        budgets: The ids of the authority's budgets among them.

    Raises:
        FinanceMappingInvalid: An account or a budget is unknown, named twice, or an account is
            missing (INVALID_ARGUMENT).
    """
    codes = _once(subjective, "subjective", ACCOUNTS)
    missing = [account for account in ACCOUNTS if account not in codes]
    if missing:
        raise _invalid("subjective", "missing account", missing[0])
    return codes, _once(cost_centres, "cost_centres", tuple(budgets))


def _once(pairs: Iterable[tuple[str, str]], where: str, known: Iterable[str]) -> dict[str, str]:
    listed = list(pairs)
    allowed = set(known)
    what = "account" if where == "subjective" else "budget"
    for name, count in Counter(name for name, _ in listed).items():
        if name not in allowed:
            raise _invalid(where, f"unknown {what}", name)
        if count > 1:
            raise _invalid(where, f"duplicate {what}", name)
    return dict(listed)


def _invalid(where: str, rule: str, name: str) -> FinanceMappingInvalid:
    return FinanceMappingInvalid(
        f"{where}: {rule} {name}", field=f"mapping.{where}", rule=rule, name=name
    )
