"""What a sum counts for when the rules ask whether one officer is enough.

Sums are counted over 30 days with the same move's parts: a sum that needs two officers is not one
that several smaller ones get round.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.proposal import SAME_MOVE, ProposalKind
from services.fund.storage import proposals, sources

Content = Mapping[str, str | int | None]


def counted(work: UnitOfWork, kind: ProposalKind, pence: int, content: Content) -> int:
    """Return the sum that the rules look at: this one with its parts so far.

    The source is locked, so that two replicas cannot each count without the other.
    """
    same = SAME_MOVE.get(kind)
    if same is None:
        return pence
    sources.hold(work.connection, str(content["source_id"]))
    key = {name: content[name] for name in same}
    return pence + proposals.done_alone(work.connection, work.tenant, kind, same=key, at=work.at)
