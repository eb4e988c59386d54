"""Every report by its name."""

from __future__ import annotations

from collections.abc import Mapping

from services.fund.reports.auditing import AUDIT
from services.fund.reports.ledger import BEANCOUNT, JOURNAL
from services.fund.reports.money import FUNDER, MONITORING
from services.fund.reports.published import TRANSPARENCY
from services.fund.reports.purchases import ACCRUALS, AGED, COMMITMENTS
from services.fund.reports.report import Report

REPORTS: Mapping[str, Report] = {
    report.name: report
    for report in (
        MONITORING,
        FUNDER,
        COMMITMENTS,
        ACCRUALS,
        AGED,
        JOURNAL,
        BEANCOUNT,
        TRANSPARENCY,
        AUDIT,
    )
}
