"""The demonstration's suppliers are paid, with the duties kept apart and a few invoices left."""

from __future__ import annotations

from pathlib import Path

from services.demonstration import neighbour, story
from services.demonstration.api import Json
from services.demonstration.calendar import day_json
from services.demonstration.people import SECOND_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage
from tests.support.stack import one_process, settings_for

SCALE = 0.2


async def test_a_council_pays_within_thirty_days_and_leaves_a_short_list(tmp_path: Path) -> None:
    async with one_process(settings_for(tmp_path)) as stack:
        stage = staged(
            SECOND_COUNCIL, api=stack.rest, bulk=stack.grpc, move=stack.clock.move, scale=SCALE
        )

        await neighbour.end(stage, await neighbour.begin(stage), story.TODAY)

        paid = await asked(stage, "GetPaymentStatistics", **period())
        files = await asked(stage, "ListPaymentFiles")
        due = await asked(stage, "ListDueInvoices")
    counts = ("paid_count", "within_30_days_count", "waiting_count", "overdue_count")
    assert [paid[name] for name in counts] == [3, 3, 2, 0]
    assert [file["state"] for file in files["payment_files"]] == ["PAYMENT_FILE_STATE_PAID"]
    assert sorted(invoice["hold_reason"] for invoice in due["due_invoices"]) == [
        "HOLD_REASON_PAYEE_ON_HOLD",
        "HOLD_REASON_UNSPECIFIED",
    ]


async def asked(stage: Stage, method: str, **body: object) -> Json:
    """Return what the payments officer is told."""
    who = stage.cast["payments"].principal
    return await stage.bulk.call(f"fund.PaymentsService.{method}", who, body)


def period() -> Json:
    """The whole story."""
    first = story.COHORTS[0].requested
    return {"from_date": day_json(first), "to_date": day_json(story.TODAY)}
