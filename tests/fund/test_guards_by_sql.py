"""The guards of approvals as somebody meets them who writes to the tables: the same refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, delete, insert, update

from services.fund.storage import tables
from services.fund.storage.tables import approving
from tests.fund.approving import THIRD_OFFICER, amend, approve, in_force
from tests.fund.by_sql import answers, decided, row_of, unexpected, wrong
from tests.fund.world import OFFICER, PRACTITIONER, SECOND_OFFICER, World, rid

PURCHASES = tables.purchases
ME, SECOND = PRACTITIONER.subject, SECOND_OFFICER.subject
STANDS, LIMIT = "not about the request that stands", "no such limit"
STATE = "purchases_approved_as_it_stands"
COVER, RULES, FIRST = "no such cover", "rules in force", "another person decides first"


FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "self-approval": ({"decider": ME}, LIMIT),
    "self-approval under a name": ({"requester": "somebody"}, STANDS),
    "splitting under the limit": ({"counted": 500_01}, "decisions_within_limit"),
    "counting less than it is": ({"counted": 49_99}, "decisions_amount_counts"),
    "a limit that nobody set": ({"limit_amount": 900_00, "counted": 900_00}, LIMIT),
    "somebody else's limit": ({"decider": SECOND}, LIMIT),
    "delegation round segregation": ({"on_behalf_of": ME}, f"{LIMIT}|{COVER}"),
    "the limit of whom one covers": ({"on_behalf_of": SECOND}, f"{LIMIT}|{COVER}"),
    "another version": ({"revision": 2}, STANDS),
    "a raise of what is not approved": ({"outcome": "uplifted"}, STANDS),
    "as it should be": ({}, "taken"),
}


async def test_a_forged_decision_is_refused(world: World) -> None:
    _, row = await decided(world)

    assert await wrong(world, row, FORGED) == {}


async def test_the_database_asks_for_cover_rules_and_a_first_person(world: World) -> None:
    _, row = await decided(world)
    second = await row_of(world, tables.delegated_limits, officer=SECOND)
    theirs = {"limit_id": second["id"], "limit_amount": 100_00, "on_behalf_of": SECOND}
    await world.limit(OFFICER, "9000")
    limit = await row_of(world, tables.delegated_limits, officer=OFFICER.subject)
    mine = {"limit_id": limit["id"], "limit_amount": 9000_00}
    by_rule = {"decider": "rule", "limit_id": None, "limit_amount": 900_00}
    two = {"counted": 6000_00, "approvers_needed": 2, "approver_number": 2}

    cases = {
        "cover": (theirs, COVER),
        "rule": (by_rule, RULES),
        "one where two are needed": ({**mine, "counted": 6000_00}, RULES),
        "second of one": ({**mine, **two}, FIRST),
        "old policy": ({**mine, "policy_version": 7}, RULES),
        "override": ({**mine, "overridden": "QUOTES_MISSING"}, "no such right"),
        "as it should be": (mine, "taken"),
    }

    assert await wrong(world, row, cases) == {}


async def test_the_rules_in_force_say_how_many_decide(world: World) -> None:
    await in_force(world)
    _, row = await decided(world)

    cases = {
        "up to the rung": ({"counted": 100_00}, "taken"),
        "above it": ({"counted": 100_01}, RULES),
        "under the shipped rules": ({"policy_version": 1}, RULES),
    }

    assert await wrong(world, row, cases) == {}


async def test_an_approval_is_not_replayed_after_its_limit_was_lowered(world: World) -> None:
    _, row = await decided(world)
    await world.limit(OFFICER, "400")

    assert await wrong(world, row, {"replayed": ({}, LIMIT)}) == {}


async def approved(world: World) -> str:
    """Have a purchase approved by an officer whose limit is £500."""
    await world.money()
    await world.limit()
    asked = await world.submit("50")
    await approve(world, OFFICER, asked.id)
    return str(asked.id)


SHOP: dict[str, Any] = {"supplier_name": "Another shop"}
BACK: dict[str, Any] = {"state": "submitted", "approved_at": None, "approver": "", "approved": 0}
LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)
EDIT = "an edit is a new version"
EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "as it is approved": (SHOP, EDIT),
    "as a version that is approved": ({**SHOP, "revision": 2}, f"{EDIT}|is kept"),
    "as the same version": ({**SHOP, **BACK}, EDIT),
    "for another child": ({"child_ids": [rid()]}, EDIT),
    "for other lines": ({"lines": []}, EDIT),
    "without a trace": ({**SHOP, **BACK, "revision": 2}, "is kept"),
    "for more": ({"approved": 60_00}, "may cost more"),
    "by another": ({"approver": SECOND}, "nobody decided"),
    "at another time": ({"approved_at": LONG_AGO}, "nobody decided"),
    "as if undecided": ({"approved_at": None}, STATE),
    "asked by another": ({"requester": "somebody"}, f"for good|{EDIT}"),
    "within tolerance": ({"approved": 52_50}, "taken"),
}


async def test_what_was_approved_is_not_edited(world: World) -> None:
    await approved(world)
    statements: dict[str, Executable] = {
        name: update(PURCHASES).values(values) for name, (values, _) in EDITS.items()
    }
    statements["a child"] = delete(tables.purchase_children)

    answered = await answers(world, statements)

    expected = {name: words for name, (_, words) in EDITS.items()}
    assert unexpected(answered, {**expected, "a child": EDIT}) == {}


async def test_what_nobody_decided_on_is_not_approved(world: World) -> None:
    purchase_id = await approved(world)
    await amend(world, purchase_id, "60")
    by = {"approved_at": world.clock.now(), "approver": THIRD_OFFICER.subject}
    of = update(PURCHASES).where(PURCHASES.c.id == purchase_id)

    answered = await answers(
        world,
        {
            "approved": of.values(**by, state="approved"),
            "ordered": of.values(state="ordered"),
            "by the last decision": of.values(**{**by, "approver": OFFICER.subject}),
        },
    )

    expected = {
        "approved": "nobody decided",
        "ordered": STATE,
        "by the last decision": "nobody decided",
    }
    assert unexpected(answered, expected) == {}


async def test_a_purchase_is_not_written_as_decided(world: World) -> None:
    purchase_id = await approved(world)
    row = await row_of(world, PURCHASES, id=purchase_id)
    new = {**row, "id": rid(), "reference": "SP-0000-0000"}
    fresh = {"state": "submitted", "approved_at": None, "approver": "", "approved": 0}

    cases = {
        "approved": (new, "begins as"),
        "approved at first": ({**new, "version": 1}, "begins as"),
        "ordered": ({**new, **fresh, "state": "ordered"}, "begins as"),
        "worked on": ({**new, **fresh}, "begins as"),
        "approved as submitted": ({**new, "state": "submitted", "version": 1}, STATE),
        "fresh": ({**new, **fresh, "version": 1}, "taken"),
    }

    answered = await answers(
        world, {name: insert(PURCHASES).values(values) for name, (values, _) in cases.items()}
    )

    assert unexpected(answered, {name: words for name, (_, words) in cases.items()}) == {}


async def test_what_is_over_stays_over(world: World) -> None:
    await world.money()
    asked = await world.submit("50")
    await world.step(PRACTITIONER, "WithdrawPurchase", asked.id)

    answered = await answers(world, {"asked again": update(PURCHASES).values(state="submitted")})

    assert unexpected(answered, {"asked again": "it is over"}) == {}


async def test_rules_are_only_those_that_another_officer_confirmed(world: World) -> None:
    await in_force(world)
    versions, asked = approving.approval_policies, approving.policy_proposals
    row = {**await row_of(world, versions), "version": 3}
    waits = {**await row_of(world, asked), "id": rid()}

    answered = await answers(
        world,
        {
            "in place": update(versions).values(content={}),
            "unproposed": insert(versions).values({**row, "proposal_id": rid()}),
            "other than proposed": insert(versions).values({**row, "content": {}}),
            "one's own under a name": insert(versions).values({**row, "proposed_by": "somebody"}),
            "proposed": insert(asked).values(waits),
        },
    )

    says = dict.fromkeys(answered, "policy_proposals says otherwise|only ever added to")
    assert unexpected(answered, {**says, "proposed": "taken"}) == {}
