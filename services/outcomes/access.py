"""Who may do what with schools, children, registers, episodes and analyses.

Those who write identified data are the school and its liaison officer; an administrator may load
an authority's data but not read it back; everyone else sees ids and figures.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.chassis.auth import (
    ActionTable,
    Allow,
    Principal,
    Relation,
    Resource,
    decide,
    require,
)

_OWN, _CLUSTER, _TENANT = Relation.OWN, Relation.CLUSTER, Relation.TENANT

_EVERYONE: dict[str, Relation] = {
    "practitioner": _TENANT,
    "liaison_officer": _TENANT,
    "finance_officer": _TENANT,
    "programme_manager": _TENANT,
    "evaluator": _TENANT,
    "forum_member": _TENANT,
    "administrator": _TENANT,
    "information_governance": _TENANT,
    "auditor": _TENANT,
    "system": _TENANT,
}
_LOADS = {
    "practitioner": _OWN,
    "liaison_officer": _CLUSTER,
    "administrator": _TENANT,
    "system": _TENANT,
}
_SEES = {
    "practitioner": _OWN,
    "liaison_officer": _CLUSTER,
    "programme_manager": _TENANT,
    "auditor": _TENANT,
    "system": _TENANT,
}

ACTIONS: ActionTable = {
    "school.see": _EVERYONE,
    "school.edit": {"administrator": _TENANT, "system": _TENANT},
    "calendar.set": _LOADS,
    "child.edit": _LOADS,
    "child.see": {**_SEES, "information_governance": _TENANT},
    "child.erase": {"information_governance": _TENANT},
    "child.match": {
        "practitioner": _OWN,
        "liaison_officer": _CLUSTER,
        "information_governance": _TENANT,
    },
    "child.merge": {"liaison_officer": _CLUSTER, "information_governance": _TENANT},
    "child.identify": {"practitioner": _OWN, "liaison_officer": _CLUSTER},
    "register.import": _LOADS,
    "register.see": {**_SEES, "administrator": _TENANT},
    "attendance.see": _SEES,
    "child_event.record": _LOADS,
    "child_event.see": {
        "practitioner": _OWN,
        "liaison_officer": _CLUSTER,
        "information_governance": _TENANT,
    },
    "support.record": _LOADS,
    "support.see": {
        "practitioner": _OWN,
        "liaison_officer": _CLUSTER,
        "information_governance": _TENANT,
    },
    "episode.read": {**_SEES, "finance_officer": _TENANT},
    "published.record": {
        "programme_manager": _TENANT,
        "administrator": _TENANT,
        "system": _TENANT,
    },
    "analysis.run": {"programme_manager": _TENANT, "system": _TENANT},
    "analysis.read": {
        "programme_manager": _TENANT,
        "finance_officer": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "analysis.explain": {
        "programme_manager": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "catalogue.see": _EVERYONE,
    "catalogue.edit": {"programme_manager": _TENANT, "system": _TENANT},
    "observation.record": {
        "practitioner": _OWN,
        "liaison_officer": _CLUSTER,
        "system": _TENANT,
    },
    "observation.correct": {
        "practitioner": _OWN,
        "liaison_officer": _CLUSTER,
        "information_governance": _TENANT,
        "system": _TENANT,
    },
    "observation.import": _LOADS,
    "observation.see": {**_SEES, "information_governance": _TENANT},
    "measure.map": {"programme_manager": _TENANT, "system": _TENANT},
    "provider_measure.see": {
        "programme_manager": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "measure.summary": {
        "programme_manager": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "cohort.edit": {"programme_manager": _TENANT, "system": _TENANT},
    "cohort.preview": {
        "liaison_officer": _CLUSTER,
        "finance_officer": _TENANT,
        "programme_manager": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "cohort.see": {
        "liaison_officer": _TENANT,
        "finance_officer": _TENANT,
        "programme_manager": _TENANT,
        "evaluator": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "cohort.members": {
        "liaison_officer": _CLUSTER,
        "programme_manager": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
    "agreement.edit": {"information_governance": _TENANT},
    "agreement.see": {
        "evaluator": _TENANT,
        "programme_manager": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
    },
    "agreement.downloads": {
        "programme_manager": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
    },
    "feed.see": {
        "evaluator": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
    },
    "feed.read": {"evaluator": _TENANT},
    "release.draft": {"programme_manager": _TENANT},
    "release.publish": {"information_governance": _TENANT},
    "release.read": {
        "finance_officer": _TENANT,
        "programme_manager": _TENANT,
        "evaluator": _TENANT,
        "forum_member": _TENANT,
        "information_governance": _TENANT,
        "auditor": _TENANT,
        "system": _TENANT,
    },
}


def require_school(who: Principal, action: str, urn: str | None) -> None:
    """Do nothing when `who` may do `action` at the school; None is the whole authority.

    Raises:
        PermissionDenied: It is another's school (ACTION_NOT_ALLOWED).
    """
    require(ACTIONS, who, action, Resource(who.tenant, school=urn))


def require_any_school(who: Principal, action: str, urns: Iterable[str]) -> None:
    """Do nothing when `who` may do `action` at one of a child's schools.

    Raises:
        PermissionDenied: None of them is the caller's (ACTION_NOT_ALLOWED).
    """
    known = list(urns)
    if not any(allowed_at(who, action, urn) for urn in known):
        require_school(who, action, known[0] if known else None)


def allowed_at(who: Principal, action: str, urn: str | None) -> bool:
    """Return whether `who` may do `action` at the school."""
    return isinstance(decide(ACTIONS, who, action, Resource(who.tenant, school=urn)), Allow)


def schools_seen(who: Principal, action: str) -> frozenset[str] | None:
    """Return the schools that a list is narrowed to, or None for the whole authority."""
    needed = ACTIONS[action].get(who.role)
    return None if needed is Relation.TENANT else who.schools
