"""Notify put together: the one place that knows all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from govuk_bank_holidays.bank_holidays import BankHolidays

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.keyfiles import kept_key
from services.chassis.pagination import PageTokens
from services.chassis.service import Job, Service, Servicer
from services.chassis.settings import Settings
from services.chassis.unit_of_work import Commands
from services.notify.access import ACTIONS
from services.notify.channels.port import Provider
from services.notify.commands.intake import Intake
from services.notify.consumers import consumers
from services.notify.delivery.context import Context
from services.notify.delivery.loop import Delivery
from services.notify.domain.deciding import Policy
from services.notify.domain.hours import QuietHours, WorkingCalendar
from services.notify.domain.words import Channel
from services.notify.providers import providers
from services.notify.servicer.deliveries import Deliveries
from services.notify.servicer.messages import Messages
from services.notify.servicer.pages import Pages
from services.notify.servicer.recipients import Recipients
from services.notify.servicer.templates import Templates
from services.notify.vault import Vault

_PROTO = "localresponse.notify.v1"
_QUIET_HOURS = "19:00-07:30"


def build(settings: Settings, clock: Clock) -> Service:
    """Return notify, with nothing started."""
    vault = Vault(kept_key(settings.keys_dir / "notify"))
    url = settings.public_url or f"http://{settings.gateway_host}:{settings.gateway_port}"
    context = Context(policy=policy(settings), vault=vault, public_url=url.rstrip("/"))
    database = Database(settings.database_url("notify"))
    return assemble(database, clock, context=context, providers=providers(settings))


def assemble(
    database: Database, clock: Clock, *, context: Context, providers: Mapping[Channel, Provider]
) -> Service:
    """Return notify over a database and providers that are already chosen."""
    commands = Commands(database, clock)
    pages = Pages(database, PageTokens(context.vault.key("pages")))
    intake = Intake(frozenset(providers))
    delivery = Delivery(database, commands, clock, context=context, providers=providers)
    return Service(
        name="notify",
        database=database,
        servicers=(
            Servicer(Recipients(commands, pages), f"{_PROTO}.RecipientsService"),
            Servicer(
                Messages(commands, pages, intake=intake, mode=context.policy.mode),
                f"{_PROTO}.MessagesService",
            ),
            Servicer(
                Deliveries(commands, pages, intake=intake, clock=clock, vault=context.vault),
                f"{_PROTO}.DeliveriesService",
            ),
            Servicer(Templates(commands, pages), f"{_PROTO}.TemplatesService"),
        ),
        actions=ACTIONS,
        package="services.notify",
        consumers=consumers(intake.take),
        jobs=(Job(name="deliver", every_s=1, run=delivery.run),),
    )


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
