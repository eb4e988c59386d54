"""E-mail from an event to the right person's mailbox, and to nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from services.demonstration import slice as story
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage
from tests.journeys.test_slice import SCALE
from tests.notify.sink import Sink
from tests.support.stack import one_process, settings_for
from tests.support.waiting import until

REQUESTER = "practitioner"
OPENING = (*story.OPENING, story.query_and_answer, story.approve)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    made = Sink()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def stage(sink: Sink, tmp_path: Path) -> AsyncIterator[Stage]:
    """Return a council whose requests were made and approved, with a relay for its mail."""
    settings = settings_for(tmp_path).model_copy(update={"smtp_url": sink.url})
    async with one_process(settings) as stack:
        stage = staged(
            FIRST_COUNCIL, api=stack.grpc, bulk=stack.grpc, move=stack.clock.move, scale=SCALE
        )
        for step in OPENING:
            await step(stage)
        yield stage


async def test_requester_and_officers_are_told_by_email_without_a_word_about_the_child(
    sink: Sink, stage: Stage
) -> None:
    def told(part: str, count: int) -> bool:
        address = f"{part}.{FIRST_COUNCIL.lower()}@example.org"
        return sink.recipients.count(address) >= count

    # Submitted requests go to both officers, decisions to whoever asked.
    for part, count in (("officer", story.COHORT), ("officer-two", story.COHORT), (REQUESTER, 1)):
        await until(partial(told, part, count), within_s=60)

    # A link to leave goes with digests alone: a page that does not exist helps nobody.
    assert {mail["List-Unsubscribe"] for mail in sink.received} == {None}
    said = written(sink)
    children = stage.borough.children
    assert [child.upn for child in children if child.surname in said or child.upn in said] == []
    assert {to.partition(".")[0] for to in sink.recipients} <= {
        *("officer", "officer-two", "practitioner", "practitioner-two", "liaison", "manager"),
    }


def written(sink: Sink) -> str:
    """Return every subject and every text that was taken."""
    return "\n".join(
        str(part["subject"] or "")
        + (str(part.get_content()) if part.get_content_maintype() == "text" else "")
        for mail in sink.received
        for part in mail.walk()
    )
