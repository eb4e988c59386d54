"""Templates are versions that never change, and none carries a child out of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import templates_service_pb2 as pb
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.chassis.ids import new_id
from services.notify.domain.lint import check, check_values
from services.notify.domain.render import render
from services.notify.domain.template import Placeholder, Template, Text
from services.notify.domain.words import Category, Channel, Kind, Language, Urgency
from services.notify.errors import (
    TemplateInvalid,
    TemplatePublished,
    TemplateUnknown,
    TemplateUnsafe,
    ValuesInvalid,
)
from services.notify.shipped import shipped
from tests.notify.house import MANAGER, REQUESTER, House, purchase_event
from tests.notify.sink import Sink

REFERENCE = Placeholder("reference", Kind.REFERENCE, "LR-1")
NOTE = Placeholder("remark", Kind.TEXT, "thank you")


def template(
    *placeholders: Placeholder, subject: str = "s", body: str = "b", sms: str = ""
) -> Template:
    said = Text("A title", subject, body, sms)
    return Template(
        template_id="news",
        category=Category.REQUESTS,
        urgency=Urgency.NORMAL,
        channels=(Channel.IN_APP, Channel.EMAIL, *((Channel.SMS,) if sms else ())),
        texts={Language.EN: said, Language.CY: said},
        placeholders=placeholders,
    )


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        pytest.param(template(body="((amount)) ((due))"), "amount, due", id="undeclared"),
        pytest.param(template(REFERENCE, REFERENCE), "reference", id="declared-twice"),
    ],
)
def test_what_is_not_declared_is_refused_by_name(broken: Template, named: str) -> None:
    with pytest.raises(TemplateInvalid) as refusal:
        check(broken)

    assert refusal.value.metadata["placeholders"] == named


def test_a_missing_language_a_broken_mark_and_an_empty_sms_are_refused() -> None:
    only_english = replace(template(), texts={Language.EN: Text("t", "s", "b")})
    no_sms = replace(template(), channels=(Channel.IN_APP, Channel.SMS))

    for broken in (only_english, no_sms, template(REFERENCE, body="((reference")):
        with pytest.raises(TemplateInvalid):
            check(broken)


@pytest.mark.parametrize(
    "name", ["child_name", "pupil", "upn", "date_of_birth", "first_name", "enw_plentyn"]
)
def test_a_placeholder_that_speaks_of_a_child_is_refused_everywhere(name: str) -> None:
    unsafe = template(Placeholder(name, Kind.REFERENCE, "x"), body=f"(({name}))")

    with pytest.raises(TemplateUnsafe) as refusal:
        check(unsafe)

    assert refusal.value.metadata["placeholders"] == name


@pytest.mark.parametrize("part", ["subject", "sms"])
@pytest.mark.parametrize(
    "free",
    [NOTE, Placeholder("reason", Kind.REFERENCE, "R"), Placeholder("n_name", Kind.COUNT, "1")],
)
def test_free_text_in_a_subject_or_an_sms_is_refused(part: str, free: Placeholder) -> None:
    unsafe = template(free, **{part: f"News: (({free.name}))"})

    with pytest.raises(TemplateUnsafe):
        check(unsafe)


def test_free_text_may_stand_in_a_body() -> None:
    check(template(NOTE, body="((remark))"))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "reference"),
        ({"reference": "LR-1", "amount": "1"}, "amount"),
        ({"reference": "Alice Smith"}, "reference"),
    ],
)
def test_values_that_do_not_fit_are_refused_without_repeating_them(
    values: dict[str, str], named: str
) -> None:
    with pytest.raises(ValuesInvalid) as refusal:
        check_values(template(REFERENCE, body="((reference))"), values)

    assert refusal.value.metadata["placeholders"] == named
    assert "Alice" not in refusal.value.message


def test_names_are_compared_without_case_spaces_and_hyphens() -> None:
    said = template(REFERENCE, body="((Refe-rence)) and ((REFERENCE??yes))")

    assert render(said, Language.EN, {"reference": "LR-1"}).body == "LR-1 and yes"


def test_values_cannot_become_markup_or_a_second_header() -> None:
    said = template(NOTE, body="((remark))")

    rendered = render(said, Language.EN, {"remark": '<img src=x onerror="alert(1)">'})

    assert "<img" not in rendered.html
    assert "\n" not in render(template(subject="a\r\nBcc: b"), Language.EN, {}).subject


def request(kind: Any, **fields: Any) -> Any:
    return kind(request_id=new_id(), template_id="purchase_approved", **fields)


def draft(subject: str = "Approved ((reference))") -> pb.CreateTemplateDraftRequest:
    texts = [
        pb.TemplateText(language=language, title="Approved", subject=subject, body="Sign in.")
        for language in (types.LANGUAGE_EN, types.LANGUAGE_CY)
    ]
    placeholder = pb.Placeholder(
        name="reference", kind=pb.PLACEHOLDER_KIND_REFERENCE, sample="LR-1"
    )
    made: pb.CreateTemplateDraftRequest = request(
        pb.CreateTemplateDraftRequest,
        category=types.CATEGORY_REQUESTS,
        placeholders=[placeholder],
        texts=texts,
    )
    return made


async def test_an_own_version_is_sent_from_its_publication_on_and_what_waits_keeps_its_own(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    made = await house.call("CreateTemplateDraft", draft(), MANAGER)
    await house.call(
        "PublishTemplate", request(pb.PublishTemplateRequest, version=made.version), MANAGER
    )

    await house.take(purchase_event(fund.PurchaseApproved, purchase_id="purchase-2"))
    await house.delivery.drain()

    subjects = sorted(str(each["Subject"]) for each in sink.received)
    assert subjects == ["Approved LR-2026-0042", "Your request LR-2026-0042 was approved"]


async def test_a_draft_is_not_sent_and_a_published_version_is_not_published_again(
    house: House,
) -> None:
    made = await house.call("CreateTemplateDraft", draft(), MANAGER)
    publish = {"version": made.version}
    current = await house.call(
        "GetTemplate", pb.GetTemplateRequest(template_id="purchase_approved"), MANAGER
    )

    await house.call("PublishTemplate", request(pb.PublishTemplateRequest, **publish), MANAGER)

    assert (current.version, current.shipped) == (1, True)
    with pytest.raises(TemplatePublished):
        await house.call("PublishTemplate", request(pb.PublishTemplateRequest, **publish), MANAGER)
    with pytest.raises(TemplateUnknown):
        await house.call("PublishTemplate", request(pb.PublishTemplateRequest, version=9), MANAGER)


async def test_a_preview_uses_samples_and_keeps_nothing(house: House) -> None:
    asked = pb.PreviewTemplateRequest(template_id="purchase_approved", language=types.LANGUAGE_CY)

    shown = await house.call("PreviewTemplate", asked, MANAGER)

    assert shown.subject == "Cymeradwywyd eich cais LR-2027-0042"
    assert not await house.messages()


async def test_all_templates_are_listed_before_any_was_sent(house: House) -> None:
    names: list[str] = []
    token = ""
    while token or not names:
        asked = pb.ListTemplatesRequest(page_size=20, page_token=token)
        page = await house.call("ListTemplates", asked, MANAGER)
        names += [each.template_id for each in page.templates]
        token = page.next_page_token

    assert names == sorted(names)
    assert len(names) == len(set(names)) == len(shipped())


async def execute(house: House, statement: str) -> None:
    await house.database.write(lambda connection: connection.execute(text(statement)))


@pytest.mark.parametrize("table", ["template_version", "template_publication"])
async def test_a_version_can_be_neither_changed_nor_removed_by_sql(
    house: House, table: str
) -> None:
    await house.call("CreateTemplateDraft", draft(), MANAGER)

    for statement in (f"UPDATE {table} SET version = 9", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError):
            await execute(house, statement)


async def test_an_own_text_may_leave_out_what_the_event_offers_and_never_breaks_intake(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    bare = draft("Approved")
    del bare.placeholders[:]
    made = await house.call("CreateTemplateDraft", bare, MANAGER)
    await house.call(
        "PublishTemplate", request(pb.PublishTemplateRequest, version=made.version), MANAGER
    )

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    assert [each["Subject"] for each in sink.received] == ["Approved"]


async def test_an_own_text_cannot_require_what_no_event_offers(house: House) -> None:
    wanting = draft("Approved ((reference))")
    wanting.placeholders.add(name="amount", kind=pb.PLACEHOLDER_KIND_MONEY, sample="£1.00")

    with pytest.raises(TemplateInvalid) as refusal:
        await house.call("CreateTemplateDraft", wanting, MANAGER)

    assert refusal.value.metadata["placeholders"] == "amount"
