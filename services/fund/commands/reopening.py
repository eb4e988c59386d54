"""Opening a closed year again, which takes two officers."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.periods import PeriodState, named
from services.fund.domain.proposal import Proposal
from services.fund.errors import WrongPeriodState
from services.fund.storage import closing, periods
from services.fund.storage.periods import Change, Year
from services.fund.wire import money_events as events


def check(work: UnitOfWork, proposal: Proposal) -> Year:
    """Return the closed year, locked.

    Raises:
        WrongPeriodState: It is not closed (FAILED_PRECONDITION).
    """
    start = int(proposal.content["start_year"] or 0)
    period = Period(PeriodKind(proposal.of("period_kind")), start)
    year = periods.hold(work, period)
    if year.state is not PeriodState.CLOSED:
        raise WrongPeriodState(
            f"the {named(period)} is {year.state}, so it cannot be reopened",
            period=named(period),
            state=year.state,
            action="reopen",
        )
    return year


def reopen(work: UnitOfWork, proposal: Proposal) -> str:
    """Open the year as far as a soft close; no journal is written.

    Raises:
        ServiceError: As `check`.
    """
    year = check(work, proposal)
    made = Change("reopened", proposal.reason, proposal.proposer, work.caller.subject)
    after = periods.change(work, year, PeriodState.SOFT_CLOSED, made)
    closing.close_pots(work, year.period, closed=False)
    work.emit(events.period_moved(after), resource=after.id, sequence=after.version)
    return ""
