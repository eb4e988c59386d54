"""Columns and checks that many tables share, so that pence and ids look the same everywhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, MetaData, String

from services.fund.domain.figures import Bucket

metadata = MetaData()
"""Every table of the fund's database."""

BUCKETS = tuple(bucket.value for bucket in Bucket)
"""The columns of money in the rows of pots and shares."""


def identifier(name: str = "id", **options: Any) -> Column[str]:
    """Return a column for a UUID in text."""
    return Column(name, String(36), **{"nullable": False, **options})


def tenant() -> Column[str]:
    """Return the authority's nine-character ONS code, which every row carries."""
    return Column("tenant", String(9), nullable=False)


def pence(name: str, **options: Any) -> Column[int]:
    """Return a column for an amount in pence."""
    return Column(name, BigInteger, **{"nullable": False, "server_default": "0", **options})


def buckets() -> list[Column[int]]:
    """Return the eight columns of figures."""
    return [pence(name) for name in BUCKETS]


def never_negative(table: str, *names: str) -> list[CheckConstraint]:
    """Return a constraint for each column that must not fall below zero."""
    return [CheckConstraint(f"{name} >= 0", name=f"{table}_{name}_not_negative") for name in names]


def adds_up(table: str, whole: str, *parts: str) -> CheckConstraint:
    """Return the constraint that a whole is the sum of its parts."""
    return CheckConstraint(f"{whole} = {' + '.join(parts)}", name=f"{table}_{whole}_adds_up")
