"""What a person chooses to be sent: the whole form stands for all of it."""

from __future__ import annotations

from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as recipients

from tests.gateway.pages.conftest import Browser
from tests.support.fakes.stack import PageStack

PATH = "/messages/preferences"
CHOSEN = {
    "requests-email": "yes",
    "requests-digest": "daily",
    "decisions-digest": "none",
    "money-digest": "none",
    "outcomes-digest": "weekly",
    "quiet_start": "19:00",
    "quiet_end": "07:30",
    "language": "cy",
}


async def test_what_is_chosen_is_kept_and_shown_again(browser: Browser, stack: PageStack) -> None:
    person = await browser.be("priya")

    page = await person.send(PATH, **CHOSEN)

    kept = stack.recipients.preferences
    by_category = {one.category: one for one in kept.categories}
    requests = by_category[types.CATEGORY_REQUESTS]
    assert list(requests.opt_outs) == [types.CHANNEL_SMS, types.CHANNEL_LETTER]
    assert requests.digest == recipients.DIGEST_DAILY
    assert len(by_category[types.CATEGORY_MONEY].opt_outs) == 3
    assert types.CATEGORY_STATUTORY not in by_category
    assert (kept.quiet_start, kept.quiet_end, kept.language) == (
        "19:00",
        "07:30",
        types.LANGUAGE_CY,
    )
    assert "Your choices were saved." in page.text
    assert 'value="daily" selected' in page.text
    assert 'value="19:00"' in page.text


WRONG = (
    ({"quiet_end": ""}, "Enter both times, or neither"),
    ({"quiet_start": "7pm"}, "Enter a time like 19:00"),
    ({"language": "fr"}, "Select a language"),
    ({"etag": "9"}, "Somebody changed"),
)


async def test_what_cannot_be_kept_comes_back_to_the_form(
    browser: Browser, stack: PageStack
) -> None:
    person = await browser.be("priya")

    for changes, message in WRONG:
        page = await person.send(PATH, **{**CHOSEN, **changes})
        assert (page.status_code, message in page.text) == (422, True), message

    assert stack.recipients.preferences.etag == "1"
