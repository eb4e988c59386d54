from __future__ import annotations

import pytest

from services.chassis.auth import (
    ActionTable,
    Allow,
    Deny,
    Principal,
    Relation,
    Resource,
    acting_as,
    caller,
    decide,
    require,
)
from services.chassis.errors import PermissionDenied, Unauthenticated

HERE, ELSEWHERE = "E06000050", "E06000049"
TABLE: ActionTable = {
    "thing.see": {
        "practitioner": Relation.OWN,
        "liaison_officer": Relation.CLUSTER,
        "auditor": Relation.TENANT,
        "evaluator": Relation.SELF,
    },
}


def somebody(role: str, *schools: str, scopes: frozenset[str] = frozenset({"*"})) -> Principal:
    return Principal(HERE, "p-1", role, frozenset(schools), scopes)


@pytest.mark.parametrize(
    ("principal", "resource", "allowed"),
    [
        pytest.param(somebody("practitioner", "1"), Resource(HERE, "1"), True, id="own school"),
        pytest.param(somebody("practitioner", "1"), Resource(HERE, "2"), False, id="other school"),
        pytest.param(somebody("practitioner", "1"), Resource(HERE), False, id="no school"),
        pytest.param(somebody("practitioner"), Resource(HERE, "1"), False, id="no own school"),
        pytest.param(somebody("practitioner", "1"), Resource(ELSEWHERE, "1"), False, id="tenant"),
        pytest.param(somebody("liaison_officer", "1"), Resource(HERE, "1"), True, id="cluster"),
        pytest.param(somebody("liaison_officer", "1"), Resource(HERE, "2"), False, id="beyond"),
        pytest.param(somebody("auditor"), Resource(HERE, "9"), True, id="whole authority"),
        pytest.param(somebody("auditor"), Resource(ELSEWHERE), False, id="another authority"),
        pytest.param(somebody("evaluator"), Resource(HERE, subject="p-1"), True, id="oneself"),
        pytest.param(somebody("evaluator"), Resource(HERE, subject="p-2"), False, id="another"),
        pytest.param(somebody("evaluator"), Resource(HERE), False, id="nobody's"),
        pytest.param(somebody("administrator"), Resource(HERE), False, id="role not listed"),
        pytest.param(somebody("system"), Resource(HERE), False, id="the system has no more"),
    ],
)
def test_the_table_and_the_relation_decide(
    principal: Principal, resource: Resource, *, allowed: bool
) -> None:
    decision = decide(TABLE, principal, "thing.see", resource)

    assert isinstance(decision, Allow if allowed else Deny)


@pytest.mark.parametrize("action", ["", "thing", "thing.edit", "thing.*", "*"])
def test_an_action_that_is_not_in_the_table_is_refused(action: str) -> None:
    assert isinstance(decide(TABLE, somebody("auditor"), action, Resource(HERE)), Deny)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ({"*"}, True),
        ({"thing.see"}, True),
        ({"thing.*"}, True),
        ({"thing.edit"}, False),
        ({"thin.*"}, False),
        (set(), False),
    ],
)
def test_a_scope_narrows_the_role(scopes: set[str], *, allowed: bool) -> None:
    principal = somebody("auditor", scopes=frozenset(scopes))

    decision = decide(TABLE, principal, "thing.see", Resource(HERE))

    assert isinstance(decision, Allow) is allowed


def test_a_refusal_says_which_rule_was_not_met() -> None:
    with pytest.raises(PermissionDenied) as refused:
        require(TABLE, somebody("practitioner", "1"), "thing.see", Resource(HERE, "2"))

    assert refused.value.reason == "ACTION_NOT_ALLOWED"
    assert refused.value.metadata["rule"] == "thing.see/practitioner/own"


def test_nobody_is_calling_outside_of_a_call() -> None:
    with pytest.raises(Unauthenticated):
        caller()


def test_the_caller_is_who_acts_and_only_for_that_long() -> None:
    with acting_as(somebody("auditor")):
        assert caller().role == "auditor"

    with pytest.raises(Unauthenticated):
        caller()
