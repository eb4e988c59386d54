"""The services behind the pages, as typed stubs; a refusal arrives as a `Refusal`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from localresponse.fund.v1.budgets_service_pb2_grpc import BudgetsServiceStub
from localresponse.fund.v1.discussion_service_pb2_grpc import DiscussionServiceStub
from localresponse.fund.v1.export_rules_service_pb2_grpc import ExportRulesServiceStub
from localresponse.fund.v1.ledger_service_pb2_grpc import LedgerServiceStub
from localresponse.fund.v1.payments_service_pb2_grpc import PaymentsServiceStub
from localresponse.fund.v1.proposals_service_pb2_grpc import ProposalsServiceStub
from localresponse.fund.v1.purchase_changes_service_pb2_grpc import PurchaseChangesServiceStub
from localresponse.fund.v1.purchases_service_pb2_grpc import PurchasesServiceStub
from localresponse.fund.v1.refunds_service_pb2_grpc import RefundsServiceStub
from localresponse.fund.v1.sources_service_pb2_grpc import SourcesServiceStub
from localresponse.fund.v1.suppliers_service_pb2_grpc import SuppliersServiceStub
from localresponse.notify.v1.messages_service_pb2_grpc import MessagesServiceStub
from localresponse.notify.v1.recipients_service_pb2_grpc import RecipientsServiceStub
from localresponse.outcomes.v1.agreements_service_pb2_grpc import AgreementsServiceStub
from localresponse.outcomes.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from localresponse.outcomes.v1.children_service_pb2_grpc import ChildrenServiceStub
from localresponse.outcomes.v1.feeds_service_pb2_grpc import FeedsServiceStub
from localresponse.outcomes.v1.releases_service_pb2_grpc import ReleasesServiceStub
from localresponse.outcomes.v1.schools_service_pb2_grpc import SchoolsServiceStub

from gateway import refusals
from gateway.pages.visit import Visit

if TYPE_CHECKING:
    # Only the stubs of the generated modules have these names.
    from localresponse.fund.v1.budgets_service_pb2_grpc import BudgetsServiceAsyncStub as Budgets
    from localresponse.fund.v1.discussion_service_pb2_grpc import (
        DiscussionServiceAsyncStub as Discussion,
    )
    from localresponse.fund.v1.export_rules_service_pb2_grpc import (
        ExportRulesServiceAsyncStub as ExportRules,
    )
    from localresponse.fund.v1.ledger_service_pb2_grpc import LedgerServiceAsyncStub as Ledger
    from localresponse.fund.v1.payments_service_pb2_grpc import (
        PaymentsServiceAsyncStub as Payments,
    )
    from localresponse.fund.v1.proposals_service_pb2_grpc import (
        ProposalsServiceAsyncStub as Proposals,
    )
    from localresponse.fund.v1.purchase_changes_service_pb2_grpc import (
        PurchaseChangesServiceAsyncStub as Changes,
    )
    from localresponse.fund.v1.purchases_service_pb2_grpc import (
        PurchasesServiceAsyncStub as Purchases,
    )
    from localresponse.fund.v1.refunds_service_pb2_grpc import RefundsServiceAsyncStub as Refunds
    from localresponse.fund.v1.sources_service_pb2_grpc import SourcesServiceAsyncStub as Sources
    from localresponse.fund.v1.suppliers_service_pb2_grpc import (
        SuppliersServiceAsyncStub as Suppliers,
    )
    from localresponse.notify.v1.messages_service_pb2_grpc import (
        MessagesServiceAsyncStub as Messages,
    )
    from localresponse.notify.v1.recipients_service_pb2_grpc import (
        RecipientsServiceAsyncStub as Recipients,
    )
    from localresponse.outcomes.v1.agreements_service_pb2_grpc import (
        AgreementsServiceAsyncStub as Agreements,
    )
    from localresponse.outcomes.v1.analysis_service_pb2_grpc import (
        AnalysisServiceAsyncStub as Analyses,
    )
    from localresponse.outcomes.v1.children_service_pb2_grpc import (
        ChildrenServiceAsyncStub as Children,
    )
    from localresponse.outcomes.v1.feeds_service_pb2_grpc import FeedsServiceAsyncStub as Feeds
    from localresponse.outcomes.v1.releases_service_pb2_grpc import (
        ReleasesServiceAsyncStub as Releases,
    )
    from localresponse.outcomes.v1.schools_service_pb2_grpc import (
        SchoolsServiceAsyncStub as Schools,
    )

DEADLINE_S = 10.0
PAGE_SIZE = 200
"""Items in one call of a list; the most that the contract allows."""

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
Item = TypeVar("Item")


class Channels(Protocol):
    """Open connections by service name; a channel belongs to the loop that runs when it is made."""

    def __getitem__(self, service: str) -> grpc.aio.Channel:
        """Return the channel to a service."""
        ...


class Services:
    """One stub for each proto service that a page speaks to, made at its first use."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    @cached_property
    def purchases(self) -> Purchases:
        """Return the fund's purchases."""
        return PurchasesServiceStub(self._channels["fund"])

    @cached_property
    def changes(self) -> Changes:
        """Return what may change about purchases after they were asked for."""
        return PurchaseChangesServiceStub(self._channels["fund"])

    @cached_property
    def refunds(self) -> Refunds:
        """Return the credit notes, refunds and vouchers of purchases."""
        return RefundsServiceStub(self._channels["fund"])

    @cached_property
    def discussion(self) -> Discussion:
        """Return what is said about purchases, and their papers."""
        return DiscussionServiceStub(self._channels["fund"])

    @cached_property
    def ledger(self) -> Ledger:
        """Return the fund's journals."""
        return LedgerServiceStub(self._channels["fund"])

    @cached_property
    def budgets(self) -> Budgets:
        """Return the fund's budgets."""
        return BudgetsServiceStub(self._channels["fund"])

    @cached_property
    def sources(self) -> Sources:
        """Return the fund's sources."""
        return SourcesServiceStub(self._channels["fund"])

    @cached_property
    def payments(self) -> Payments:
        """Return what waits for payment, and payment files."""
        return PaymentsServiceStub(self._channels["fund"])

    @cached_property
    def proposals(self) -> Proposals:
        """Return what needs a second officer."""
        return ProposalsServiceStub(self._channels["fund"])

    @cached_property
    def suppliers(self) -> Suppliers:
        """Return the suppliers."""
        return SuppliersServiceStub(self._channels["fund"])

    @cached_property
    def export_rules(self) -> ExportRules:
        """Return the finance system's codes, and whose names are published."""
        return ExportRulesServiceStub(self._channels["fund"])

    @cached_property
    def schools(self) -> Schools:
        """Return the authority's schools."""
        return SchoolsServiceStub(self._channels["outcomes"])

    @cached_property
    def children(self) -> Children:
        """Return the children on roll."""
        return ChildrenServiceStub(self._channels["outcomes"])

    @cached_property
    def analyses(self) -> Analyses:
        """Return the runs of the analysis."""
        return AnalysisServiceStub(self._channels["outcomes"])

    @cached_property
    def agreements(self) -> Agreements:
        """Return the data-sharing agreements."""
        return AgreementsServiceStub(self._channels["outcomes"])

    @cached_property
    def feeds(self) -> Feeds:
        """Return the evaluators' feeds."""
        return FeedsServiceStub(self._channels["outcomes"])

    @cached_property
    def releases(self) -> Releases:
        """Return the releases."""
        return ReleasesServiceStub(self._channels["outcomes"])

    @cached_property
    def recipients(self) -> Recipients:
        """Return what people asked to be sent."""
        return RecipientsServiceStub(self._channels["notify"])

    @cached_property
    def messages(self) -> Messages:
        """Return the person's messages."""
        return MessagesServiceStub(self._channels["notify"])


async def ask(visit: Visit, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q) -> A:
    """Call one rpc as the person who looks at the page.

    Raises:
        Refusal: The service refused, or does not answer.
    """
    try:
        return await method(request, metadata=visit.metadata, timeout=DEADLINE_S)
    except grpc.aio.AioRpcError as error:
        raise refusals.of_call(error) from None


async def streamed(
    visit: Visit, method: grpc.aio.UnaryStreamMultiCallable[Q, A], request: Q
) -> list[A]:
    """Return all answers of a stream that is known to be short, such as one table.

    Raises:
        Refusal: The service refused, or does not answer.
    """
    try:
        call = method(request, metadata=visit.metadata, timeout=DEADLINE_S)
        return [answer async for answer in call]
    except grpc.aio.AioRpcError as error:
        raise refusals.of_call(error) from None


async def everything(
    turn: Callable[[str], Awaitable[tuple[list[Item], str]]], *, most: int = 1000
) -> list[Item]:
    """Return the items of all pages of a list, at most so many.

    Args:
        turn: Fetches the page of a token; answers its items and the next page's token.
        most: Where to stop, so that one page of ours stays one page.
    """
    items, token = await turn("")
    while token and len(items) < most:
        more, token = await turn(token)
        items.extend(more)
    return items[:most]
