"""E-mail from an event to the right person's mailbox, and to nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.demonstration import slice as story
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from tests.journeys.test_slice import SCALE
from tests.notify.sink import Sink
from tests.support.stack import one_process, settings_for
from tests.support.waiting import until

OPENING = (*story.OPENING, story.query_and_answer, story.approve)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    made = Sink()
    await made.start()
    yield made
    await made.stop()


async def test_requester_and_officers_are_told_by_email_without_a_word_about_the_child(
    sink: Sink, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path).model_copy(update={"smtp_url": sink.url})
    async with one_process(settings) as stack:
        stage = staged(
            FIRST_COUNCIL, api=stack.grpc, bulk=stack.grpc, move=stack.clock.move, scale=SCALE
        )
        for step in OPENING:
            await step(stage)

        def told(part: str, count: int) -> bool:
            address = f"{part}.{FIRST_COUNCIL.lower()}@example.org"
            return sink.recipients.count(address) >= count

        # Six requests or so each way: submitted to both officers, approved to each requester.
        await until(lambda: told("officer", story.COHORT), within_s=60)
        await until(lambda: told("officer-two", story.COHORT), within_s=60)
        await until(lambda: told("practitioner", 1), within_s=60)
    names = {child.surname for child in stage.borough.children}
    said = "\n".join(
        part.get_content()
        for mail in sink.received
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    ) + "\n".join(str(mail["subject"]) for mail in sink.received)
    assert not {name for name in names if name in said}
    assert not {child.upn for child in stage.borough.children if child.upn in said}
    assert {to.partition(".")[0] for to in sink.recipients} <= {
        *("officer", "officer-two", "practitioner", "practitioner-two", "liaison", "manager"),
    }
