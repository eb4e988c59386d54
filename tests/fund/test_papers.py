"""Comments, attachments and the whole history; the bytes' store keeps what it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from localresponse.fund.v1 import discussion_service_pb2 as pb
from localresponse.fund.v1.approval_policies_service_pb2 import ApprovalRung

from services.chassis.auth import Principal
from services.fund.domain.papers import SIZE_MAX
from services.fund.storage.papers import Papers, papers_at
from tests.fund.approving import amend, approve, in_force, refusal
from tests.fund.objects import object_store
from tests.fund.papers import JPEG, PDF, PNG, MemoryPapers
from tests.fund.world import (
    FOREIGNER,
    LIAISON,
    MANAGER,
    OFFICER,
    PRACTITIONER,
    STRANGER,
    TENANT,
    World,
    rid,
)


async def attach(
    world: World, purchase_id: str, data: bytes = PDF, *, who: Principal = PRACTITIONER, **more: Any
) -> Any:
    values = {"kind": pb.ATTACHMENT_KIND_QUOTE, "name": "quote.pdf", "content": data, **more}
    request = pb.AddAttachmentRequest(request_id=rid(), purchase_id=purchase_id, **values)
    return await world.call(who, "AddAttachment", request)


async def say(
    world: World, who: Principal, purchase_id: str, text: str, *, internal: bool = False
) -> Any:
    request = pb.AddCommentRequest(
        request_id=rid(), purchase_id=purchase_id, text=text, internal=internal
    )
    return await world.call(who, "AddComment", request)


async def heard(world: World, who: Principal, purchase_id: str) -> list[str]:
    request = pb.ListCommentsRequest(purchase_id=purchase_id)
    return [each.text for each in (await world.call(who, "ListComments", request)).comments]


KINDS = [
    pytest.param(PDF, "application/pdf", id="pdf"),
    pytest.param(JPEG, "image/jpeg", id="jpeg"),
    pytest.param(PNG, "image/png", id="png"),
]


@pytest.mark.parametrize(("data", "media_type"), KINDS)
async def test_a_paper_comes_back_as_it_was_and_says_what_it_is(
    world: World, data: bytes, media_type: str
) -> None:
    await world.money()
    asked = await world.submit()

    added = await attach(world, asked.id, data)

    request = pb.GetAttachmentRequest(purchase_id=asked.id, attachment_id=added.id)
    kept = await world.call(OFFICER, "GetAttachment", request)
    assert (kept.content, kept.attachment) == (data, added)
    assert (added.media_type, added.size) == (media_type, len(data))
    assert added.sha256 == hashlib.sha256(data).hexdigest()


REFUSED = [
    pytest.param(b"MZ a program", "ATTACHMENT_TYPE_REFUSED", id="a program"),
    pytest.param(b" %PDF-1.7", "ATTACHMENT_TYPE_REFUSED", id="nearly a pdf"),
    pytest.param(PDF + b" " * SIZE_MAX, "ATTACHMENT_TOO_LARGE", id="too large"),
]


@pytest.mark.parametrize(("data", "reason"), REFUSED)
async def test_other_bytes_are_refused(fund: World, data: bytes, reason: str) -> None:
    await fund.money()
    asked = await fund.submit()

    assert await refusal(attach(fund, asked.id, data)) == reason


async def test_the_same_receipt_twice_names_the_first(world: World) -> None:
    await world.money()
    first, second = await world.submit(), await world.submit()
    receipt: dict[str, Any] = {"kind": pb.ATTACHMENT_KIND_RECEIPT, "name": "receipt.pdf"}
    original = await attach(world, first.id, **receipt)

    copy = await attach(world, second.id, **receipt)

    assert not original.duplicate_of_id
    assert (copy.duplicate_of_id, copy.duplicate_purchase_id) == (original.id, first.id)
    request = pb.ListAttachmentsRequest(purchase_id=second.id)
    (seen,) = (await world.call(OFFICER, "ListAttachments", request)).attachments
    assert seen == copy


async def test_papers_of_others_are_not_there(fund: World) -> None:
    await fund.money()
    asked, other = await fund.submit(), await fund.submit()
    added = await attach(fund, asked.id)

    async def get(who: Principal, purchase_id: str) -> Any:
        request = pb.GetAttachmentRequest(purchase_id=purchase_id, attachment_id=added.id)
        return await fund.call(who, "GetAttachment", request)

    assert await refusal(get(OFFICER, other.id)) == "ATTACHMENT_NOT_FOUND"
    assert await refusal(get(STRANGER, asked.id)) == "ACTION_NOT_ALLOWED"
    assert await refusal(get(FOREIGNER, asked.id)) == "PURCHASE_NOT_FOUND"
    assert await refusal(attach(fund, asked.id, who=STRANGER)) == "ACTION_NOT_ALLOWED"


async def test_as_many_different_quotes_as_the_policy_asks_for(fund: World) -> None:
    await fund.money()
    await in_force(fund, rungs=[ApprovalRung(approvers=1, quotes=2)])
    await fund.limit()
    asked = await fund.submit()
    await attach(fund, asked.id, PDF)
    await attach(fund, asked.id, PDF)
    await attach(fund, asked.id, PNG, kind=pb.ATTACHMENT_KIND_OTHER)

    assert await refusal(approve(fund, OFFICER, asked.id)) == "QUOTES_MISSING"
    await attach(fund, asked.id, JPEG)
    assert (await approve(fund, OFFICER, asked.id)).approve_time


async def test_internal_comments_are_for_the_authority(world: World) -> None:
    await world.money()
    asked = await world.submit()
    await say(world, PRACTITIONER, asked.id, "they grow fast")
    await say(world, OFFICER, asked.id, "ask the other school", internal=True)

    assert await heard(world, PRACTITIONER, asked.id) == ["they grow fast"]
    assert await heard(world, LIAISON, asked.id) == ["they grow fast"]
    assert await heard(world, MANAGER, asked.id) == ["they grow fast", "ask the other school"]
    hidden = say(world, PRACTITIONER, asked.id, "hidden", internal=True)
    assert await refusal(hidden) == "COMMENT_INTERNAL"
    assert await refusal(say(world, STRANGER, asked.id, "x")) == "ACTION_NOT_ALLOWED"


async def test_the_history_holds_everything_in_order_as_far_as_one_may_see(world: World) -> None:
    await world.money()
    await world.limit()
    asked = await world.submit()
    world.clock.advance(minutes=1)
    await attach(world, asked.id)
    world.clock.advance(minutes=1)
    await say(world, OFFICER, asked.id, "dear", internal=True)
    world.clock.advance(minutes=1)
    await amend(world, asked.id, "40")
    world.clock.advance(minutes=1)
    await approve(world, OFFICER, asked.id)

    async def seen(who: Principal) -> list[str]:
        request = pb.GetPurchaseHistoryRequest(purchase_id=asked.id)
        entries = (await world.call(who, "GetPurchaseHistory", request)).entries
        return [f"{each.kind} {each.action}" for each in entries]

    theirs = await seen(PRACTITIONER)
    assert theirs == [
        "step submitted",
        "attachment quote",
        "step amended",
        "revision replaced",
        "step approved",
        "decision approved",
    ]
    assert await seen(OFFICER) == [*theirs[:2], "comment internal", *theirs[2:]]


@pytest.fixture(params=["memory", "folder", "objects"])
def papers(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Papers]:
    """Return each store that bytes may be kept in."""
    if request.param == "memory":
        yield MemoryPapers()
    elif request.param == "folder":
        yield papers_at("", tmp_path / "attachments")
    else:
        with object_store() as address:
            monkeypatch.setenv("AWS_ENDPOINT_URL", address)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
            yield papers_at("s3://papers/fund", tmp_path)


def test_a_store_keeps_bytes_once_for_each_authority(papers: Papers) -> None:
    name = hashlib.sha256(PDF).hexdigest()

    papers.put(TENANT, name, PDF)
    papers.put(TENANT, name, PDF)

    assert papers.get(TENANT, name) == PDF
    with pytest.raises(OSError, match=r".+"):
        papers.get("E08000019", name)


def test_a_file_of_the_folder_is_for_the_process_alone(tmp_path: Path) -> None:
    papers_at("", tmp_path / "kept").put(TENANT, "ab", PDF)

    assert (tmp_path / "kept" / TENANT).stat().st_mode & 0o077 == 0


def test_an_address_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="s3://"):
        papers_at("ftp://papers", tmp_path)
