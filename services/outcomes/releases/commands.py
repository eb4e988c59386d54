"""Writes of releases: one person drafts, another publishes, and nobody subtracts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import timestamp_to_proto
from services.outcomes.access import ACTIONS
from services.outcomes.agreements import storage as agreements
from services.outcomes.analysis.storage import Run
from services.outcomes.children import storage as children
from services.outcomes.data_packages.contents import Sheet
from services.outcomes.disclosure.differencing import Group, differences, outside
from services.outcomes.disclosure.rules import Rules
from services.outcomes.errors import (
    ReleaseDifferenced,
    ReleaseNotFound,
    ReleaseStateWrong,
    SecondPersonNeeded,
)
from services.outcomes.feeds import facts, logs
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.releases import storage, versions
from services.outcomes.releases.building import Built
from services.outcomes.releases.storage import Release, ReleaseState

_WORKS_ON = {"programme_manager", "information_governance", "auditor", "system"}


def draft(work: UnitOfWork, run: Run, title: str, *, built: Built, rules: Rules) -> Release:
    """Freeze the tables of a run as a draft.

    Raises:
        ReleaseDifferenced: Subtracting what was released would leave a few children.
    """
    require(ACTIONS, work.caller, "release.draft", Resource(work.tenant))
    _refuse_differences(work.connection, work.tenant, built.groups, rules)
    release = Release(
        id=new_id(),
        tenant=work.tenant,
        title=title,
        state=ReleaseState.DRAFT,
        analysis_run_id=run.id,
        method_version=run.method_version,
        rules=rules.statement(),
        as_of=run.as_of,
        drafted_by=work.caller.subject,
        drafted_at=work.at,
    )
    storage.add(work.connection, release, built.sheets, built.groups)
    return release


def publish(work: UnitOfWork, release_id: str, *, keys: FeedKeys, rules: Rules) -> Release:
    """Publish a draft as the second person, and log its manifest.

    Raises:
        ReleaseNotFound: No such release (RELEASE_NOT_FOUND).
        ReleaseStateWrong: It is no draft (RELEASE_STATE_WRONG).
        SecondPersonNeeded: The caller drafted it (SECOND_PERSON_NEEDED).
        ReleaseDifferenced: What was published meanwhile could be subtracted.
    """
    require(ACTIONS, work.caller, "release.publish", Resource(work.tenant))
    release = known(work.connection, work.caller, release_id)
    _require_state(release, ReleaseState.DRAFT)
    if release.drafted_by == work.caller.subject:
        raise SecondPersonNeeded("who drafted a release may not publish it", release_id=release_id)
    groups = storage.groups(work.connection, release)
    _refuse_differences(work.connection, work.tenant, groups, rules)
    sheets = storage.sheets(work.connection, release)
    before = storage.published_before(work.connection, release)
    found = versions.changes(storage.sheets(work.connection, before), sheets) if before else []
    version = versions.next_version(before.data_version, found) if before else versions.FIRST
    manifest = _manifest(release, version, sheets)
    changed = storage.change_state(
        work.connection,
        release,
        {
            "state": ReleaseState.PUBLISHED.value,
            "data_version": version,
            "changes": storage.changes_text(found),
            "manifest_sha256": sha256(manifest.encode()).hexdigest(),
            "published_by": work.caller.subject,
            "published_at": work.at,
        },
    )
    if not changed:
        raise _wrong(release)
    logs.log_release(work, manifest, keys)
    message = events.ReleasePublished(
        release_id=release.id, data_version=version, as_of_time=timestamp_to_proto(release.as_of)
    )
    work.emit(message, resource=release.id, sequence=1)
    return known(work.connection, work.caller, release_id)


def withdraw(work: UnitOfWork, release_id: str, *, reason: str) -> Release:
    """Withdraw a published release.

    Raises:
        ReleaseNotFound: No such release (RELEASE_NOT_FOUND).
        ReleaseStateWrong: It is not published (RELEASE_STATE_WRONG).
    """
    require(ACTIONS, work.caller, "release.publish", Resource(work.tenant))
    release = known(work.connection, work.caller, release_id)
    _require_state(release, ReleaseState.PUBLISHED)
    values = {
        "state": ReleaseState.WITHDRAWN.value,
        "withdrawn_at": work.at,
        "withdraw_reason": reason,
    }
    if not storage.change_state(work.connection, release, values):
        raise _wrong(release)
    return known(work.connection, work.caller, release_id)


def known(connection: Connection, who: Principal, release_id: str) -> Release:
    """Return a release that the caller may know of: drafts only by those who work on them.

    Raises:
        ReleaseNotFound: No such release (RELEASE_NOT_FOUND).
    """
    release = storage.find(connection, who.tenant, release_id)
    if release is None or not visible(release, who):
        raise ReleaseNotFound(release_id)
    return release


def visible(release: Release, who: Principal) -> bool:
    """Return whether the caller may know of a release."""
    return release.state is not ReleaseState.DRAFT or who.role in _WORKS_ON


def readable(release: Release) -> Release:
    """Return the release unless it was withdrawn.

    Raises:
        ReleaseStateWrong: It was withdrawn (RELEASE_STATE_WRONG).
    """
    if release.state is ReleaseState.WITHDRAWN:
        raise _wrong(release)
    return release


def _require_state(release: Release, state: ReleaseState) -> None:
    if release.state is not state:
        raise _wrong(release)


def _wrong(release: Release) -> ReleaseStateWrong:
    return ReleaseStateWrong(
        f"the release is {release.state.value}", release_id=release.id, state=release.state.value
    )


def _refuse_differences(
    connection: Connection, tenant: str, groups: Sequence[Group], rules: Rules
) -> None:
    earlier = storage.released_groups(connection, tenant)
    found = differences(groups, earlier, fewest=rules.group)
    feed = _feed_group(connection, tenant)
    if feed is not None:
        found += outside(groups, feed, fewest=rules.group)
    if found:
        first = found[0]
        raise ReleaseDifferenced(
            f"{first.asked} and {first.earlier} differ by fewer than {rules.group} children, "
            f"so one could be subtracted from the other; {len(found)} cells do",
            cell=first.asked,
            earlier=first.earlier,
            cells=len(found),
        )


def _feed_group(connection: Connection, tenant: str) -> Group | None:
    """Return the children that feeds ever told of; None where nothing is shared."""
    if not agreements.of_tenant(connection, tenant):
        return None
    numbers = children.by_id(connection, tenant, facts.ever_told(connection, tenant))
    return Group("the child-level feeds", frozenset(numbers.values()))


def _manifest(release: Release, version: str, sheets: Sequence[Sheet]) -> str:
    """Return the one line that stands for a release in the log."""
    return json.dumps(
        {
            "release_id": release.id,
            "title": release.title,
            "data_version": version,
            "as_of": release.as_of.isoformat(),
            "method_version": release.method_version,
            "rules": release.rules,
            "tables": {sheet.name: sheet.sha256 for sheet in sheets},
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
