"""Releases between the wire and what is stored, and as a package."""

from __future__ import annotations

from collections.abc import Sequence

from localresponse.outcomes.v1 import releases_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.outcomes.data_packages.contents import OPEN_LICENCE, Notes, Sheet
from services.outcomes.data_packages.zipping import package
from services.outcomes.releases.storage import Release, ReleaseState

_STATES = {
    ReleaseState.DRAFT: pb.RELEASE_STATE_DRAFT,
    ReleaseState.PUBLISHED: pb.RELEASE_STATE_PUBLISHED,
    ReleaseState.WITHDRAWN: pb.RELEASE_STATE_WITHDRAWN,
}
_KINDS = {
    "major": pb.RELEASE_CHANGE_KIND_MAJOR,
    "minor": pb.RELEASE_CHANGE_KIND_MINOR,
    "patch": pb.RELEASE_CHANGE_KIND_PATCH,
}


def release_out(release: Release, sheets: Sequence[Sheet]) -> pb.Release:
    """Return a release for the wire."""
    published, withdrawn = release.published_at, release.withdrawn_at
    return pb.Release(
        id=release.id,
        title=release.title,
        data_version=release.data_version,
        state=_STATES[release.state],
        analysis_run_id=release.analysis_run_id,
        method_version=release.method_version,
        disclosure_rules=release.rules,
        as_of_time=timestamp_to_proto(release.as_of),
        tables=[
            pb.ReleaseTable(
                name=sheet.name,
                title=sheet.title,
                rows=sheet.content.count(b"\r\n") - 1,
                sha256=sheet.sha256,
            )
            for sheet in sheets
        ],
        changes=[
            pb.ReleaseChange(kind=_KINDS[each.kind], table=each.table, detail=each.detail)
            for each in release.changes
        ],
        create_time=timestamp_to_proto(release.drafted_at),
        publish_time=timestamp_to_proto(published) if published else None,
        withdraw_time=timestamp_to_proto(withdrawn) if withdrawn else None,
        withdraw_reason=release.withdraw_reason,
        manifest_sha256=release.manifest_sha256,
    )


def package_of(release: Release, sheets: Sequence[Sheet]) -> bytes:
    """Return a release as a data package; the same bytes every time."""
    version = release.data_version or "0.0.0"
    notes = Notes(
        name=f"release-{release.id}",
        title=release.title,
        version=version,
        licence=OPEN_LICENCE,
        method=(
            f"{release.title}, version {version}, as of {release.as_of.isoformat()}.\n"
            f"Method version {release.method_version}, analysis {release.analysis_run_id}.\n"
            f"{release.rules}\n"
            "The adjusted difference compares children who met the same trigger; it is "
            "observational.\n"
        ),
    )
    return package(notes, sheets)
