"""Team-only and test modes, and providers that the settings choose."""

from __future__ import annotations

from pathlib import Path

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import messages_service_pb2 as pb
from pydantic import SecretStr

from services.chassis.database import Database
from services.chassis.ids import new_id
from services.chassis.settings import Settings
from services.notify.app import policy
from services.notify.channels.file import Files
from services.notify.channels.govuk_notify import GovukNotify
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.channels.simulator import Simulator
from services.notify.channels.smtp import Relay, Smtp
from services.notify.channels.webhook import Guard
from services.notify.domain.deciding import Policy
from services.notify.domain.words import Channel, Status
from services.notify.errors import TeamOnly
from services.notify.providers import providers
from tests.notify.house import MANAGER, OFFICER, REQUESTER, House, purchase_event
from tests.notify.sink import Sink
from tests.support.clock import FakeClock


async def test_team_only_writes_to_the_team_and_says_why_not_to_others(
    notify_database: Database, clock: FakeClock, providers: dict[Channel, Provider], sink: Sink
) -> None:
    house = House(notify_database, clock, providers, policy=Policy(mode="team"))
    await house.know(OFFICER, "f1@council.example", team_member=True)
    await house.know(REQUESTER, "p1@school.example")
    by_hand = pb.SendMessageRequest(
        request_id=new_id(), template_id="analysis_completed", subjects=["p-1"]
    )

    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))
    await house.take(purchase_event(fund.PurchaseApproved, sequence=2))
    await house.delivery.drain()

    assert sink.recipients == ["f1@council.example"]
    assert {each.reason for each in await house.messages(recipient="p-1")} == {"", "team_only"}
    with pytest.raises(TeamOnly):
        await house.call("SendMessage", by_hand, MANAGER)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("delivered@simulator.example", Status.DELIVERED),
        ("temp-fail@simulator.example", Status.TEMPORARY_FAILURE),
        ("perm-fail@simulator.example", Status.PERMANENT_FAILURE),
    ],
)
async def test_test_mode_answers_by_address(
    notify_database: Database, clock: FakeClock, address: str, status: Status
) -> None:
    simulated: dict[Channel, Provider] = {Channel.IN_APP: InApp(), Channel.EMAIL: Simulator()}
    house = House(notify_database, clock, simulated, policy=Policy(mode="test"))
    await house.know(REQUESTER, address)

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    assert (await house.one()).status is status


def chosen(folder: Path, **values: object) -> dict[Channel, type]:
    settings = Settings(data_dir=folder, **values)  # type: ignore[arg-type]  # fields of the settings
    return {channel: type(each) for channel, each in providers(settings, Guard()).items()}


def test_settings_choose_the_providers(tmp_path: Path) -> None:
    key = SecretStr("key-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0")
    govuk = {"govuk_notify_key": key, "govuk_notify_templates": {"sms": "a", "email": "b"}}

    assert chosen(tmp_path)[Channel.EMAIL] is Files
    assert Channel.SMS not in chosen(tmp_path)
    assert chosen(tmp_path, smtp_url="smtp://relay.example")[Channel.EMAIL] is Smtp
    assert chosen(tmp_path, **govuk)[Channel.EMAIL] is GovukNotify
    assert chosen(tmp_path, **govuk, smtp_url="smtp://relay.example")[Channel.SMS] is GovukNotify
    assert chosen(tmp_path, letters_dir=tmp_path)[Channel.LETTER] is Files
    assert chosen(tmp_path, message_mode="test", **govuk)[Channel.SMS] is Simulator


def test_a_demonstration_has_no_quiet_hours_and_production_has(tmp_path: Path) -> None:
    demo = Settings(data_dir=tmp_path)
    production = Settings(data_dir=tmp_path, quiet_hours="19:00-07:30")

    assert policy(demo).quiet is None
    assert policy(production).quiet is not None


def test_a_relay_is_read_from_its_url() -> None:
    assert Relay.parse("first", "smtp://a%40b@relay.example", "p") == Relay(
        "first", "relay.example", 587, "a@b", "p"
    )
    assert Relay.parse("first", "smtps://relay.example").tls
    with pytest.raises(ValueError, match="SMTP relay"):
        Relay.parse("first", "relay.example:25")
