from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.client.items import line_of
from localresponse.outcomes.v1 import agreements_service_pb2 as agreements_pb
from localresponse.outcomes.v1 import feeds_service_pb2 as pb
from sqlalchemy import Connection, inspect, text

from services.chassis.auth import Principal
from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from tests.outcomes.authority import OTHER_TENANT, rid
from tests.outcomes.feeds.house import GOVERNANCE, House, evaluator, fact, ops

ALMA, BO = evaluator("alma"), evaluator("bo")


async def test_facts_are_asserted_corrected_and_retracted(house: House) -> None:
    feed = await house.agree("alma")
    for new in (fact("c1"), fact("c1", 0.8), fact("c1", gone=True), fact("c1", 0.7)):
        await house.learn(new)
        await house.sequence()

    items = await house.items(ALMA, feed)

    assert ops(items) == ["assert", "correct", "retract", "assert"]
    assert [item.supersedes for item in items] == [0, 1, 2, 0]
    assert [item.value for item in items] == [0.9, 0.8, 0.0, 0.7]


async def test_a_later_agreement_receives_what_was_known_before(house: House) -> None:
    await house.agree("alma")
    await house.learn(fact("c1"), fact("c2"))
    await house.sequence()

    later = await house.agree("bo")
    await house.sequence()

    assert ops(await house.items(BO, later)) == ["assert", "assert"]


async def test_two_evaluators_share_no_pseudonym(small: House) -> None:
    feeds = [await small.agree("alma"), await small.agree("bo")]
    again = await small.agree("alma", project="second")
    await small.learn(*(fact(f"c{number}") for number in range(300)))
    await small.sequence()

    names = [
        {item.pseudonym for item in await small.items(who, feed)}
        for who, feed in ((ALMA, feeds[0]), (BO, feeds[1]), (ALMA, again))
    ]

    assert [len(each) for each in names] == [300, 300, 300]
    assert not names[0] & names[1]
    assert not names[0] & names[2]


async def test_no_row_holds_a_pseudonym_beside_an_id(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(fact("child-17"))
    await small.sequence()
    (item,) = await small.items(ALMA, feed)

    def rows(connection: Connection) -> list[str]:
        names = inspect(connection).get_table_names()
        return [
            repr(tuple(row))
            for name in names
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        ]

    held = await small.database.read(rows)

    assert sum(item.pseudonym in row for row in held) == 1
    assert [row for row in held if item.pseudonym in row and "child-17" in row] == []


async def test_erasing_a_child_retracts_it_from_every_feed_that_had_it(house: House) -> None:
    feeds = [(ALMA, await house.agree("alma")), (BO, await house.agree("bo"))]
    await house.learn(fact("c1"), fact("c1", span="1:baseline"), fact("c2"))
    await house.sequence()

    taken_back = await house.erase("c1")
    await house.sequence()

    assert taken_back == 2
    for who, feed in feeds:
        items = await house.items(who, feed)
        assert ops(items) == ["assert"] * 3 + ["retract"] * 2
        assert {item.pseudonym for item in items[3:]} == {items[0].pseudonym}


async def test_access_lapses_with_the_agreement(house: House) -> None:
    feed = await house.agree("alma", days=10)
    await house.learn(fact("c1"))
    await house.sequence()
    assert len(await house.items(ALMA, feed)) == 1

    house.clock.advance(days=11)

    with pytest.raises(FailedPrecondition, match="not in force"):
        await house.items(ALMA, feed)


async def test_an_ended_agreement_gets_retractions_and_nothing_else(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(fact("c1"))
    await small.sequence()
    end = agreements_pb.EndAgreementRequest(request_id=rid(), agreement_id=feed, reason="done")
    await small.call(GOVERNANCE, small.sharing.agreements.EndAgreement, end)

    await small.learn(fact("c2"), fact("c1", gone=True))
    await small.sequence()

    assert (await small.feed(GOVERNANCE, feed)).size == 2


@pytest.mark.parametrize(
    "who", [BO, Principal(OTHER_TENANT, "alma", "evaluator")], ids=["another", "elsewhere"]
)
async def test_another_evaluators_feed_is_unknown(small: House, who: Principal) -> None:
    feed = await small.agree("alma")

    with pytest.raises(NotFound):
        await small.items(who, feed)


async def test_every_download_is_logged(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(fact("c1"))
    await small.sequence()

    await small.items(ALMA, feed)
    await small.download(ALMA, feed, pb.FILE_FORMAT_CSV)
    request = agreements_pb.ListDownloadsRequest(agreement_id=feed)
    found = await small.call(GOVERNANCE, small.sharing.agreements.ListDownloads, request)

    assert [(each.subject, each.form, each.items) for each in found.downloads] == [
        ("alma", "csv", 1),
        ("alma", "stream", 1),
    ]
    assert len({each.sha256 for each in found.downloads}) == 2


async def test_as_of_and_filters_narrow_a_feed(house: House) -> None:
    feed = await house.agree("alma")
    await house.learn(fact("c1"), fact("c2", valid_to="2025/26 HT3"))
    await house.sequence()
    then = Timestamp()
    then.FromDatetime(house.clock.now())
    house.clock.advance(hours=1)
    await house.learn(fact("c1", 0.5))
    await house.sequence()

    assert len(await house.items(ALMA, feed)) == 3
    assert len(await house.items(ALMA, feed, as_of_time=then)) == 2
    assert len(await house.items(ALMA, feed, periods=["2025/26 HT3"])) == 1
    assert await house.items(ALMA, feed, measures=["lateness@1"]) == []


async def test_a_cursor_belongs_to_its_query_and_is_signed(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(fact("c1"))
    await small.sequence()
    (streamed,) = [each async for each in small.stream(ALMA, feed)]

    for cursor, filters in ((streamed.cursor, {"periods": ["x"]}), ("A" + streamed.cursor[1:], {})):
        with pytest.raises(InvalidArgument):
            assert [each async for each in small.stream(ALMA, feed, cursor, **filters)] == []


async def test_pages_go_on_where_they_ended_also_later(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(*(fact(f"c{number}") for number in range(5)))
    await small.sequence()
    request = pb.ListFeedItemsRequest(feed_id=feed, page_size=3)
    first = await small.call(ALMA, small.sharing.feeds.ListFeedItems, request)
    request.page_token = first.next_page_token
    second = await small.call(ALMA, small.sharing.feeds.ListFeedItems, request)
    await small.learn(fact("c9"))
    await small.sequence()

    request.page_token = second.cursor
    third = await small.call(ALMA, small.sharing.feeds.ListFeedItems, request)

    places = [[item.feed_seq for item in page.items] for page in (first, second, third)]
    assert places == [[1, 2, 3], [4, 5], [6]]
    assert second.next_page_token == ""


async def test_the_line_of_an_item_can_be_made_again(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(fact("c1", 1.0))
    await small.sequence()
    (item,) = await small.items(ALMA, feed)

    remade = line_of(
        {
            **{name: getattr(item, name) for name in ("feed_seq", "pseudonym", "measure")},
            **{name: getattr(item, name) for name in ("window", "value", "symbol", "basis")},
            **{name: getattr(item, name) for name in ("valid_from", "valid_to", "phase")},
            "op": "assert",
            "recorded_at": small.clock.now().isoformat().replace("+00:00", "Z"),
            "supersedes": None,
            "age_years": None,
        }
    )

    assert remade == item.line


async def test_an_agreement_may_not_end_before_it_begins(small: House) -> None:
    with pytest.raises(InvalidArgument, match="ends on its first day"):
        await small.agree("alma", days=-1)
