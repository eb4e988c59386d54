"""The fund put together: the one place that knows all its parts."""

from __future__ import annotations

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.keyfiles import kept_key
from services.chassis.pagination import PageTokens
from services.chassis.service import Service, Servicer
from services.chassis.settings import Settings
from services.chassis.unit_of_work import Commands
from services.fund import expiry, metrics
from services.fund.access import ACTIONS
from services.fund.consumers import absence_lines
from services.fund.jobs import Jobs
from services.fund.servicer.approvals import Approvals
from services.fund.servicer.budgets import Budgets
from services.fund.servicer.changes import Changes
from services.fund.servicer.discussion import Discussion
from services.fund.servicer.drafts import Drafts
from services.fund.servicer.export_rules import ExportRules
from services.fund.servicer.ledger import Ledger
from services.fund.servicer.orders import Orders
from services.fund.servicer.pages import Pages
from services.fund.servicer.payments import Payments
from services.fund.servicer.periods import Periods
from services.fund.servicer.policies import Policies
from services.fund.servicer.proposals import Proposals
from services.fund.servicer.purchases import Purchases
from services.fund.servicer.refunds import Refunds
from services.fund.servicer.reports import Reports
from services.fund.servicer.sources import Sources
from services.fund.servicer.suppliers import Suppliers
from services.fund.storage.papers import Papers, papers_at
from services.fund.storage.payee_vault import PayeeVault

_PROTO = "localresponse.fund.v1"


def build(settings: Settings, clock: Clock) -> Service:
    """Return the fund, with nothing started."""
    database = Database(settings.database_url("fund"))
    tokens = PageTokens(kept_key(settings.keys_dir / "pages"))
    papers = papers_at(settings.attachments_url or "", settings.data_dir / "attachments")
    vault = PayeeVault(kept_key(settings.keys_dir / "payees"))
    return assemble(database, tokens, clock=clock, papers=papers, vault=vault)


def assemble(
    database: Database, tokens: PageTokens, *, clock: Clock, papers: Papers, vault: PayeeVault
) -> Service:
    """Return the fund over a database, a store of attachments and keys already chosen."""
    commands = Commands(database, clock)
    pages = Pages(database, tokens)
    return Service(
        name="fund",
        database=database,
        servicers=(
            Servicer(Sources(commands, database, pages), f"{_PROTO}.SourcesService"),
            Servicer(Budgets(commands, database, pages), f"{_PROTO}.BudgetsService"),
            Servicer(Approvals(commands, pages), f"{_PROTO}.ApprovalsService"),
            Servicer(Policies(commands, database, pages), f"{_PROTO}.ApprovalPoliciesService"),
            Servicer(Changes(commands), f"{_PROTO}.PurchaseChangesService"),
            Servicer(Refunds(commands, pages), f"{_PROTO}.RefundsService"),
            Servicer(Drafts(commands, database, pages), f"{_PROTO}.DraftsService"),
            Servicer(Discussion(commands, database, pages, papers), f"{_PROTO}.DiscussionService"),
            Servicer(
                Suppliers(commands, database, pages, clock, vault), f"{_PROTO}.SuppliersService"
            ),
            Servicer(
                Purchases(commands, database, pages, clock=clock), f"{_PROTO}.PurchasesService"
            ),
            Servicer(Ledger(database, pages), f"{_PROTO}.LedgerService"),
            Servicer(Proposals(commands, database, pages), f"{_PROTO}.ProposalsService"),
            Servicer(
                Payments(commands, database, pages, clock, vault), f"{_PROTO}.PaymentsService"
            ),
            Servicer(Reports(database, clock), f"{_PROTO}.ReportsService"),
            Servicer(ExportRules(commands, database, pages), f"{_PROTO}.ExportRulesService"),
            Servicer(Orders(commands, database, pages), f"{_PROTO}.OrdersService"),
            Servicer(Periods(commands, database, pages), f"{_PROTO}.PeriodsService"),
        ),
        actions=ACTIONS,
        package="services.fund",
        consumers=(absence_lines(),),
        jobs=(
            metrics.refreshing(database),
            expiry.warning(commands, database),
            *Jobs(commands, database, clock).all(),
        ),
    )
