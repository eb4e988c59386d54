from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from localresponse.client import NoteInvalid, PublicKey, checkpoints_in, verify_feed
from localresponse.client.items import check_of
from localresponse.client.note import Checkpoint, SigningKey
from localresponse.client.tree import consistent, includes, leaf_hash
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from services.cli import verifying
from tests.outcomes.feeds.house import House, evaluator, fact

ALMA = evaluator("alma")
Tamper = Callable[[list[str], random.Random], None]


async def received(house: House) -> tuple[list[str], str, str, str]:
    """Return lines, checkpoints, key and id of a feed that grew in six steps."""
    feed = await house.agree("alma")
    for step in range(6):
        await house.learn(*(fact(f"c{step}-{number}", number / 10) for number in range(10)))
        await house.sequence()
    content = await house.download(ALMA, feed, pb.FILE_FORMAT_NDJSON)
    about = await house.feed(ALMA, feed)
    return content.decode().splitlines(), await house.notes(ALMA, feed), about.public_key, feed


def drop(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines) - 1)]


def alter(lines: list[str], chance: random.Random) -> None:
    """Change a value and forge its check, so that only the log can tell."""
    place = chance.randrange(len(lines))
    body = lines[place].rpartition(',"check":"')[0] + "}"
    body = body.replace('"value":0.', '"value":1.')
    lines[place] = f'{body[:-1]},"check":"{check_of(body)}"}}'


def reorder(lines: list[str], chance: random.Random) -> None:
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]


def double(lines: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(lines))
    lines.insert(place, lines[place])


def truncate(lines: list[str], chance: random.Random) -> None:
    del lines[-chance.randrange(1, len(lines)) :]


@pytest.mark.parametrize("tamper", [drop, alter, reorder, double, truncate])
async def test_100_of_100_are_found(small: House, tamper: Tamper) -> None:
    lines, notes, key, _ = await received(small)
    points = checkpoints_in(notes, PublicKey.parse(key))
    chance, found = random.Random(7), 0

    for _ in range(100):
        copy = list(lines)
        tamper(copy, chance)
        found += not verify_feed(copy, points).ok

    assert verify_feed(lines, points).ok
    assert found == 100


async def test_what_is_wrong_is_named(small: House) -> None:
    lines, notes, key, _ = await received(small)
    points = checkpoints_in(notes, PublicKey.parse(key))
    forged = list(lines)
    body = forged[16].rpartition(',"check":"')[0].replace('"value":0.6', '"value":0.7') + "}"
    forged[16] = f'{body[:-1]},"check":"{check_of(body)}"}}'

    kinds = [
        [(each.kind, each.message) for each in verify_feed(given, points).findings]
        for given in (
            lines[:20] + lines[21:],
            lines[:50],
            [*lines[:5], lines[4], *lines[5:]],
            forged,
        )
    ]

    assert kinds[0] == [("missing", "item 21")]
    assert kinds[1] == [("truncated", "items 51 to 60 are missing")]
    assert ("doubled", "item 5") in kinds[2]
    assert kinds[3] == [("altered", "among items 11 to 20")]


async def test_the_log_proves_inclusion_and_consistency(house: House) -> None:
    lines, notes, key, feed = await received(house)
    points = {each.size: each for each in checkpoints_in(notes, PublicKey.parse(key))}
    request = pb.GetProofRequest(feed_id=feed, size=60, feed_seq=17, earlier_size=30)

    proof = await house.call(ALMA, house.sharing.feeds.GetProof, request)

    leaf = leaf_hash(lines[16].encode())
    assert includes(points[60].root, 60, leaf=leaf, index=16, proof=proof.inclusion)
    assert not includes(points[60].root, 60, leaf=leaf, index=17, proof=proof.inclusion)
    assert consistent((30, points[30].root), (60, points[60].root), proof.consistency)
    assert not consistent((30, points[50].root), (60, points[60].root), proof.consistency)


def test_a_checkpoint_signed_by_another_is_refused() -> None:
    ours, theirs = SigningKey("log", b"a" * 32), SigningKey("log", b"b" * 32)
    note = theirs.sign(Checkpoint("log/1", 3, b"r" * 32))

    assert theirs.public.open(note).size == 3
    with pytest.raises(NoteInvalid):
        ours.public.open(note)
    with pytest.raises(NoteInvalid):
        theirs.public.open(note.replace("\n3\n", "\n4\n"))


async def test_verify_feed_works_offline_from_files(
    small: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, notes, key, _ = await received(small)
    file, checkpoint, key_file = (tmp_path / name for name in ("feed.ndjson", "notes", "key"))
    file.write_text("".join(f"{line}\n" for line in lines))
    checkpoint.write_text(notes)
    key_file.write_text(key)

    assert verifying.feed(file, checkpoint, str(key_file)) == 0
    file.write_text("".join(f"{line}\n" for line in lines[1:]))
    assert verifying.feed(file, checkpoint, key) == 1
    assert verifying.feed(file, checkpoint, key.replace("+", "-", 1)) == 2

    assert "missing: item 1" in capsys.readouterr().out
