"""Journals and entries."""

from __future__ import annotations

from localresponse.fund.v1 import ledger_service_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.domain.ledger import Journal
from services.fund.storage.balances import Balance


def journal(value: Journal) -> pb.Journal:
    """Return a journal with its entries."""
    return pb.Journal(
        id=value.id,
        kind=value.kind,
        purchase_id=value.purchase_id,
        decision_id=value.decision_id,
        actor_id=value.actor,
        command_id=value.command_id,
        book_time=timestamp_to_proto(value.booked_at),
        effective_date=date_to_proto(value.effective_on),
        reverses_id=value.reverses_id,
        entries=[
            pb.Entry(
                account=entry.account,
                amount_minor=entry.amount_minor,
                pot_id=entry.pot_id,
                source_id=entry.source_id,
            )
            for entry in value.entries
        ],
    )


def balance(value: Balance) -> pb.Balance:
    """Return what an account holds."""
    return pb.Balance(account=value.account, balance_minor=value.pence, entries=value.entries)
