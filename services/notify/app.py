"""Notify put together: the one place that knows all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from govuk_bank_holidays.bank_holidays import BankHolidays

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.keyfiles import kept_key
from services.chassis.pagination import PageTokens
from services.chassis.service import Job, Service, Servicer
from services.chassis.settings import Settings
from services.chassis.unit_of_work import Commands
from services.notify.access import ACTIONS
from services.notify.channels.file import Files
from services.notify.channels.port import Provider
from services.notify.channels.webhook import Guard
from services.notify.commands.escalations import Escalations
from services.notify.commands.intake import Intake
from services.notify.consumers import Reactions, consumers
from services.notify.delivery.context import Context
from services.notify.delivery.loop import Delivery
from services.notify.domain.deciding import Policy
from services.notify.domain.hours import QuietHours, WorkingCalendar
from services.notify.domain.words import Channel
from services.notify.jobs import Housekeeping
from services.notify.providers import providers
from services.notify.servicer.deliveries import Deliveries
from services.notify.servicer.messages import Messages
from services.notify.servicer.pages import Pages
from services.notify.servicer.recipients import Recipients
from services.notify.servicer.suppressions import Suppressions
from services.notify.servicer.templates import Templates
from services.notify.servicer.webhooks import Webhooks
from services.notify.unsubscribing import UNSUBSCRIBE, UnsubscribeTokens
from services.notify.vault import Vault

_PROTO = "localresponse.notify.v1"
_QUIET_HOURS = "19:00-07:30"
_DELIVER_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Parts:
    """What is chosen from the settings, or by a test.

    Attributes:
        context: Settings of delivery.
        providers: By channel; a channel without one is not used.
        guard: Says which addresses a webhook may have.
        keep: How long addresses and values are kept.
    """

    context: Context
    providers: Mapping[Channel, Provider]
    guard: Guard = field(default_factory=Guard)
    keep: timedelta = timedelta(days=7)


def build(settings: Settings, clock: Clock) -> Service:
    """Return notify, with nothing started."""
    vault = Vault(kept_key(settings.keys_dir / "notify"))
    url = settings.public_url or f"http://{settings.gateway_host}:{settings.gateway_port}"
    guard = Guard(settings.webhook_networks)
    parts = Parts(
        context=Context(policy=policy(settings), vault=vault, public_url=url.rstrip("/")),
        providers=providers(settings, guard),
        guard=guard,
        keep=timedelta(days=settings.message_days),
    )
    return assemble(Database(settings.database_url("notify")), clock, parts)


def assemble(database: Database, clock: Clock, parts: Parts) -> Service:
    """Return notify over a database and providers that are already chosen."""
    context = parts.context
    commands = Commands(database, clock)
    intake = Intake(frozenset(parts.providers))
    ladders = Escalations(intake, context.policy.calendar)
    delivery = Delivery(database, commands, clock, context=context, providers=parts.providers)
    files = [each for each in parts.providers.values() if isinstance(each, Files)]
    housekeeping = Housekeeping(database, clock, ladders=ladders, files=files, keep=parts.keep)
    return Service(
        name="notify",
        database=database,
        servicers=_servicers(database, commands, clock, intake=intake, parts=parts),
        actions=ACTIONS,
        package="services.notify",
        consumers=consumers(Reactions(intake, ladders).take),
        jobs=(
            Job(name="deliver", every_s=_DELIVER_EVERY_S, run=delivery.run),
            *housekeeping.jobs(),
        ),
    )


def _servicers(
    database: Database, commands: Commands, clock: Clock, *, intake: Intake, parts: Parts
) -> list[Servicer]:
    vault, mode = parts.context.vault, parts.context.policy.mode
    pages = Pages(database, PageTokens(vault.key("pages")))
    implementations = {
        "RecipientsService": Recipients(
            commands, pages, unsubscribing=UnsubscribeTokens(vault.key(UNSUBSCRIBE)), clock=clock
        ),
        "MessagesService": Messages(commands, pages, intake=intake, mode=mode),
        "DeliveriesService": Deliveries(commands, pages, intake=intake, clock=clock, vault=vault),
        "TemplatesService": Templates(commands, pages),
        "WebhooksService": Webhooks(commands, pages, vault=vault, guard=parts.guard),
        "SuppressionsService": Suppressions(commands, pages),
    }
    return [Servicer(each, f"{_PROTO}.{name}") for name, each in implementations.items()]


def policy(settings: Settings) -> Policy:
    """Return the rules that the settings say; a demonstration knows no quiet hours."""
    hours = settings.quiet_hours or ("off" if settings.sign_in == "demo" else _QUIET_HOURS)
    return Policy(
        mode=settings.message_mode,
        quiet=QuietHours.parse(hours),
        calendar=WorkingCalendar(bank_holidays()),
        daily_max=settings.messages_per_day,
    )


def bank_holidays() -> frozenset[date]:
    """Return England's bank holidays from the list that the package carries."""
    known = BankHolidays(use_cached_holidays=True)
    return frozenset(each["date"] for each in known.get_holidays(BankHolidays.ENGLAND_AND_WALES))
