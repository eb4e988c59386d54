"""Proofs of the log: the vectors that others publish, and any size against the plain definition."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest
from localresponse.client.tree import (
    EMPTY_ROOT,
    consistency_proof,
    consistent,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)
from localresponse.outcomes.v1 import feeds_service_pb2 as pb
from sqlalchemy import Connection, func, select

from services.outcomes.agreements import storage
from services.outcomes.agreements.storage import AgreementState
from services.outcomes.feeds import nodes, sequencer
from services.outcomes.feeds.nodes import FEED_NODE
from tests.outcomes.authority import TENANT
from tests.outcomes.feeds.house import SYSTEM, House, evaluator, fact

ALMA = evaluator("alma")
# Leaves and roots of the reference implementation of RFC 6962 (Certificate Transparency).
LEAVES = [
    bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
] + [bytes(range(0x60, 0x70))]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]


def plain_root(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962 section 2.1 writes it, by recursion."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def test_the_published_vectors_hold() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]

    assert [root_of(hashes[: size + 1]).hex() for size in range(8)] == list(ROOTS)
    assert [each.hex() for each in inclusion_proof(hashes, 0)] == FIRST_OF_EIGHT
    assert len(consistency_proof(hashes[:7], 3)) == 4


@pytest.mark.parametrize("size", [1, 2, 3, 100, 1000])
def test_every_proof_of_a_size_holds_and_none_holds_for_another(size: int) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    root, step = plain_root(leaves), max(1, size // 50)
    places = [*range(0, size, step), size - 1]

    for place in places:
        proof = inclusion_proof(leaves, place)
        assert includes(root, size, leaf=leaves[place], index=place, proof=proof)
        assert not includes(root, size, leaf=leaves[place - 1], index=place, proof=proof) or (
            size == 1
        )
    for earlier in (place for place in places if place):
        old, grown = plain_root(leaves[:earlier]), consistency_proof(leaves, earlier)
        assert consistent((earlier, old), (size, root), grown)
        assert not consistent((earlier, root), (size, root), grown) or earlier == size


async def test_proofs_of_a_long_log_are_short_work_and_the_same(house: House) -> None:
    feed, sizes = await house.agree("alma"), [0]
    for first, end in pairwise((0, 100, 256, 1000, 1300)):
        await house.learn(*(fact(f"c{number}") for number in range(first, end)))
        await house.sequence()
        sizes.append(end)
    lines = (await house.download(ALMA, feed, pb.FILE_FORMAT_NDJSON)).splitlines()
    leaves = [leaf_hash(line) for line in lines]

    for size in sizes[1:]:
        for place in (1, 2, 100, 256, 257, 1000):
            if place <= size:
                request = pb.GetProofRequest(
                    feed_id=feed, size=size, feed_seq=place, earlier_size=place
                )
                proof = await house.call(ALMA, house.sharing.feeds.GetProof, request)
                assert list(proof.inclusion) == inclusion_proof(leaves[:size], place - 1)
                assert list(proof.consistency) == consistency_proof(leaves[:size], place)
    assert await house.database.read(kept) == 5


def kept(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(FEED_NODE)).scalar_one())


async def test_a_root_that_is_not_kept_yet_is_made_from_the_lines(small: House) -> None:
    feed = await small.agree("alma")
    await small.learn(*(fact(f"c{number}") for number in range(600)))
    (agreement,) = await small.database.read(lambda each: storage.of_tenant(each, TENANT))
    number = partial(sequencer.number_facts, tenant=TENANT)
    fill = partial(
        sequencer.fill, agreement=agreement, keys=small.keys, state=AgreementState.CURRENT
    )
    await small.database.write(number)
    await small.commands.apply(SYSTEM, fill)
    lines = (await small.download(ALMA, feed, pb.FILE_FORMAT_NDJSON)).splitlines()
    leaves = [leaf_hash(line) for line in lines]

    inclusion, consistency = await small.database.read(
        lambda connection: nodes.proofs(connection, agreement, 600, feed_seq=300, earlier=513)
    )

    assert await small.database.read(kept) == 0
    assert inclusion == inclusion_proof(leaves, 299)
    assert consistency == consistency_proof(leaves, 513)
