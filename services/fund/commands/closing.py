"""Closing a year: soft close, funders' answers, the steps in between, hard close."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.auth import Resource, require
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.budget import Period
from services.fund.domain.closing import check_state
from services.fund.domain.periods import PeriodState, named
from services.fund.domain.terms import CarryForward
from services.fund.errors import PeriodNotEmpty, WrongPeriodState
from services.fund.storage import closing, periods, pots, sources
from services.fund.storage.periods import Change, Year
from services.fund.wire import money_events as events


@dataclass(frozen=True, slots=True)
class Answer:
    """What a funder said about a year's unspent money."""

    period: Period
    source_id: str
    rule: CarryForward
    reference: str


def soft_close(work: UnitOfWork, period: Period) -> Year:
    """End new promises in a year; one that is soft-closed stays so.

    Raises:
        WrongPeriodState: It is closed (FAILED_PRECONDITION).
    """
    year = _load(work, period)
    if year.state is PeriodState.SOFT_CLOSED:
        return year
    if year.state is PeriodState.CLOSED:
        raise WrongPeriodState(
            f"the {named(period)} is closed; two officers can reopen it",
            period=named(period),
            state=year.state,
            action="soft_close",
        )
    return _move(work, year, PeriodState.SOFT_CLOSED, "soft_closed")


def close(work: UnitOfWork, period: Period) -> Year:
    """Close a year for good; one that is closed stays so.

    Raises:
        WrongPeriodState: It is not soft-closed (FAILED_PRECONDITION).
        PeriodNotEmpty: Its pots hold live money (FAILED_PRECONDITION).
    """
    year = _load(work, period)
    if year.state is PeriodState.CLOSED:
        return year
    check_state(year.state, period, "be closed")
    held = {
        pot.id: figures.total - figures.spent - figures.written_off
        for pot in closing.pots_in(work.connection, work.tenant, period)
        if (figures := pots.available(work, pot.id, 0))
    }
    live = {pot_id: pence for pot_id, pence in held.items() if pence}
    if live:
        raise PeriodNotEmpty(
            f"{len(live)} pots of the {named(period)} hold {sum(live.values())} pence",
            pots=len(live),
            live_minor=sum(live.values()),
        )
    closing.close_pots(work, period, closed=True)
    return _move(work, year, PeriodState.CLOSED, "closed")


def answer(work: UnitOfWork, given: Answer) -> Year:
    """Keep what a funder answered for a year that is not closed.

    Raises:
        SourceNotFound: No such source (NOT_FOUND).
        WrongPeriodState: The year is closed (FAILED_PRECONDITION).
    """
    source = sources.get(work.connection, work.tenant, given.source_id)
    year = _load(work, given.period)
    if year.state is PeriodState.CLOSED:
        check_state(year.state, given.period, "take answers")
    closing.add_answer(work, year.id, source.id, rule=given.rule, reference=given.reference)
    return year


def _load(work: UnitOfWork, period: Period) -> Year:
    require(ACTIONS, work.caller, "period.close", Resource(work.tenant))
    return periods.hold(work, period)


def _move(work: UnitOfWork, year: Year, state: PeriodState, action: str) -> Year:
    after = periods.change(work, year, state, Change(action))
    work.emit(events.period_moved(after), resource=after.id, sequence=after.version)
    return after
