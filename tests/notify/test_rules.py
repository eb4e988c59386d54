"""Every event of the fund and the outcomes service tells somebody, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass

from services.chassis.auth import PEOPLE
from services.notify.domain.audience import Holders
from services.notify.domain.ladder import LADDERS
from services.notify.domain.lint import check, check_values
from services.notify.domain.render import render, samples
from services.notify.domain.template import Template
from services.notify.domain.words import Language
from services.notify.rules import Notice, event_messages, notices, silent_reasons, spoken_types
from services.notify.rules.matters import MATTERS
from services.notify.shipped import shipped
from tests.notify.house import event


def test_every_event_has_a_template_or_a_written_reason_and_never_both() -> None:
    spoken, silent = spoken_types(), set(silent_reasons())

    assert spoken | silent == set(event_messages())
    assert not spoken & silent
    assert all(len(reason.split()) > 5 for reason in silent_reasons().values())


EXPIRED = "localresponse.fund.purchase.expired.v1"
FIELDS = {
    "direction": 1,
    "window": 3,
    "items": 2,
    "threshold_percent": 75,
    "data_version": "1.0.0",
}


def told_by(event_type: str, **more: Any) -> Sequence[Notice]:
    """Return what an event of a type tells, with values where a rule needs them."""
    descriptor = event_messages()[event_type]
    message: Any = GetMessageClass(descriptor)()
    for name, value in {**FIELDS, **more}.items():
        if name in descriptor.fields_by_name:
            setattr(message, name, value)
    if "purchase" in descriptor.fields_by_name:
        message.purchase.reference = "LR-1"
    if "reference" in descriptor.fields_by_name:
        message.reference = "LR-1"
    if "spend_by_date" in descriptor.fields_by_name:
        message.spend_by_date.year, message.spend_by_date.month = 2027, 3
        message.spend_by_date.day = 31
    return notices(event(message, resource="r-1"))


@pytest.mark.parametrize("event_type", sorted(spoken_types()))
def test_what_an_event_tells_has_a_shipped_template_and_a_known_role(event_type: str) -> None:
    found = told_by(event_type)

    assert found
    for notice in found:
        check_values(shipped()[notice.template_id], notice.values)
        assert not isinstance(notice.audience, Holders) or notice.audience.role in PEOPLE


def test_a_request_that_ended_with_its_year_is_not_told_that_it_ran_out() -> None:
    (in_time,) = told_by(EXPIRED)
    (with_its_year,) = told_by(EXPIRED, at_year_end=True)

    assert in_time.template_id == "purchase_expired"
    assert with_its_year.template_id == "purchase_expired_at_year_end"
    said = render(shipped()[with_its_year.template_id], Language.EN, with_its_year.values)
    assert "ended with its year" in said.subject
    assert "the next year could not hold it" in said.body


def test_a_date_is_said_in_words_of_the_language() -> None:
    template = shipped()["source_expiring"]

    assert "31 March 2027" in render(template, Language.EN, {"on": "2027-03-31"}).subject
    assert "31 Mawrth 2027" in render(template, Language.CY, {"on": "2027-03-31"}).subject


def test_every_shipped_template_is_used_and_every_use_has_one() -> None:
    by_steps = {step.template_id for steps in LADDERS.values() for step in steps}
    by_events = {
        each.template_id
        for name in spoken_types()
        for late in (False, True)
        for each in told_by(name, at_year_end=late)
    }

    assert by_steps | by_events | {"digest"} == set(shipped())
    assert set(MATTERS) <= set(event_messages())


@pytest.mark.parametrize("template", shipped().values(), ids=lambda each: each.template_id)
def test_a_shipped_template_is_safe_and_reads_in_both_languages(template: Template) -> None:
    check(template)

    english = render(template, Language.EN, samples(template))
    welsh = render(template, Language.CY, samples(template))

    assert english.title != welsh.title
    assert english.body != welsh.body
    for said in (english.subject, english.body, welsh.subject, welsh.body):
        assert "((" not in said
    for each in (english, welsh):
        assert not each.sms or len(each.sms) <= 160
