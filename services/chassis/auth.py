"""Who may do what: one pure function over one table, and refusal wherever the table is silent.

A service's table says, for each action and each role, what relation the caller must have to the
resource. Roles stand alone: nobody holds two at once, and no role includes another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from services.chassis.errors import PermissionDenied, Unauthenticated

SYSTEM_ROLE = "system"
"""The role of consumers and jobs; no token may carry it."""

PEOPLE = (
    "practitioner",
    "liaison_officer",
    "finance_officer",
    "programme_manager",
    "evaluator",
    "forum_member",
    "administrator",
    "information_governance",
    "auditor",
)
"""Every role that a person may hold."""

EVERY_SCOPE = "*"
"""The scope of a person's own token: all that the role may do."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, as the token says or as the system itself.

    Attributes:
        tenant: The authority's nine-character ONS code; the only source of a call's tenant.
        subject: An opaque id of the person or service key, never a name.
        role: The one role that is active in this session.
        schools: URNs of the caller's own schools, or of a liaison officer's cluster.
        scopes: Actions that the token is narrowed to (`purchase.get`, `purchase.*`, `*`).
        token_id: The token's jti; empty for the system.
    """

    tenant: str
    subject: str
    role: str
    schools: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset({EVERY_SCOPE})
    token_id: str = ""

    @classmethod
    def system(cls, tenant: str) -> Principal:
        """Return the product itself, acting for one authority in a consumer or a job."""
        return cls(tenant=tenant, subject=SYSTEM_ROLE, role=SYSTEM_ROLE)


class Relation(StrEnum):
    """What a caller must be to a resource; the same authority is always needed as well."""

    OWN = "own"
    """The resource's school is one of the caller's own."""
    CLUSTER = "cluster"
    """The resource's school is in the caller's cluster."""
    TENANT = "tenant"
    """Any resource of the caller's authority."""
    SELF = "self"
    """The resource is the caller's own: its subject is the caller's."""


ActionTable = Mapping[str, Mapping[str, Relation]]
"""Action -> role -> relation needed. An action or a role that is not in it is refused."""


@dataclass(frozen=True, slots=True)
class Resource:
    """As much of a resource as a decision needs.

    Attributes:
        tenant: The authority that owns it.
        school: URN of its school; None when it has none, which OWN and CLUSTER refuse.
        subject: The person it belongs to; None when nobody, which SELF refuses.
    """

    tenant: str
    school: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Allow:
    """Allowed, by the rule of the table that says so (`purchase.get/practitioner/own`)."""

    rule: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Refused, by the rule that was not met."""

    rule: str


Decision = Allow | Deny

_CALLER: ContextVar[Principal] = ContextVar("caller")


def caller() -> Principal:
    """Return the caller of the rpc being served.

    Raises:
        Unauthenticated: No rpc is being served (TOKEN_INVALID); our own mistake, kept refused.
    """
    try:
        return _CALLER.get()
    except LookupError:
        raise Unauthenticated("nobody is calling") from None


def enter(principal: Principal) -> None:
    """Make `principal` the caller until this task ends; each rpc has a task of its own."""
    _CALLER.set(principal)


@contextmanager
def acting_as(principal: Principal) -> Iterator[None]:
    """Make `principal` the caller for the length of a block."""
    token = _CALLER.set(principal)
    try:
        yield
    finally:
        _CALLER.reset(token)


def decide_role(table: ActionTable, principal: Principal, action: str) -> Decision:
    """Decide what can be decided before anything is loaded: action, scope and role.

    Args:
        table: The service's own.
        principal: The caller.
        action: From the rpc's option; empty when it has none, which is refused.
    """
    roles = table.get(action)
    if roles is None:
        return Deny(f"{action or 'unnamed'}/unknown-action")
    if principal.role not in roles:
        return Deny(f"{action}/{principal.role}/role")
    if not _covers(principal.scopes, action):
        return Deny(f"{action}/{principal.role}/scope")
    return Allow(f"{action}/{principal.role}/{roles[principal.role]}")


def decide(table: ActionTable, principal: Principal, action: str, resource: Resource) -> Decision:
    """Decide whether `principal` may do `action` to `resource`. Pure; it loads nothing."""
    early = decide_role(table, principal, action)
    if isinstance(early, Deny):
        return early
    if resource.tenant != principal.tenant:
        return Deny(f"{action}/{principal.role}/other-tenant")
    if not _related(table[action][principal.role], principal, resource):
        return Deny(early.rule)
    return early


def require(table: ActionTable, principal: Principal, action: str, resource: Resource) -> None:
    """Do nothing when the decision is to allow.

    Raises:
        PermissionDenied: The decision is to deny (ACTION_NOT_ALLOWED); `rule` in its metadata.
    """
    refuse(decide(table, principal, action, resource), action)


def refuse(decision: Decision, action: str) -> None:
    """Raise the refusal that a decision stands for, if it is one.

    Raises:
        PermissionDenied: It is a Deny (ACTION_NOT_ALLOWED).
    """
    if isinstance(decision, Deny):
        raise PermissionDenied(
            f"your role may not do this ({decision.rule})", action=action, rule=decision.rule
        )


def _related(relation: Relation, principal: Principal, resource: Resource) -> bool:
    match relation:
        case Relation.OWN | Relation.CLUSTER:
            return resource.school is not None and resource.school in principal.schools
        case Relation.SELF:
            return resource.subject is not None and resource.subject == principal.subject
        case Relation.TENANT:
            return True


def _covers(scopes: frozenset[str], action: str) -> bool:
    return EVERY_SCOPE in scopes or action in scopes or f"{action.partition('.')[0]}.*" in scopes
