"""Years, their steps and what still waits in them."""

from __future__ import annotations

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import periods_service_pb2 as pb

from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import timestamp_to_proto
from services.fund.commands.closing import Answer
from services.fund.commands.year_end import Progress, Run
from services.fund.domain.budget import Period
from services.fund.mapping.budgets import period as period_out
from services.fund.queries.closing import Waiting, YearView
from services.fund.wire.names import CARRY_FORWARD, PERIOD_KINDS, PERIOD_STATES, YEAR_END_STEPS
from services.fund.wire.values import day_out, figures, money, pence_or_none


def period(message: budgets_pb.Period) -> Period:
    """Read a year."""
    return Period(PERIOD_KINDS.read(message.kind), message.start_year)


def status(view: YearView) -> pb.PeriodStatus:
    """Return a year with its money."""
    return pb.PeriodStatus(
        id=view.year.id,
        etag=str(view.year.version),
        period=period_out(view.year.period),
        state=PERIOD_STATES.out(view.year.state),
        figures=figures(view.figures),
    )


def run(request: pb.RunYearEndStepRequest) -> Run:
    """Read which step is to be run.

    Raises:
        InvalidArgument: The amount cannot be.
    """
    least = pence_or_none(request.accrue_from, "accrue_from", given=request.HasField("accrue_from"))
    return Run(period(request.period), YEAR_END_STEPS.read(request.step), least or 1)


def progress(value: Progress) -> pb.YearEndProgress:
    """Return what a step did."""
    return pb.YearEndProgress(
        step=YEAR_END_STEPS.out(value.step),
        settled=value.settled,
        amount=money(value.pence),
        remaining=value.remaining,
        undecided_source_ids=value.undecided,
    )


def answer(request: pb.DecideCarryForwardRequest) -> Answer:
    """Read what a funder answered."""
    return Answer(
        period(request.period),
        request.source_id,
        CARRY_FORWARD.read(request.rule),
        request.reference,
    )


def decision(work: UnitOfWork, given: Answer) -> pb.CarryForwardDecision:
    """Return what was recorded."""
    return pb.CarryForwardDecision(
        source_id=given.source_id,
        period=period_out(given.period),
        rule=CARRY_FORWARD.out(given.rule),
        reference=given.reference,
        recorded_by_id=work.caller.subject,
        record_time=timestamp_to_proto(work.at),
    )


def waiting(value: Waiting) -> pb.ReceiptChaseItem:
    """Return what still waits for one purchase."""
    purchase = value.purchase
    return pb.ReceiptChaseItem(
        purchase_id=purchase.id,
        reference=purchase.reference,
        school_urn=purchase.school_urn,
        requester_id=purchase.requester,
        committed=money(value.committed),
        received=money(value.received),
        first_delivered_date=day_out(purchase.first_delivered_on),
    )
