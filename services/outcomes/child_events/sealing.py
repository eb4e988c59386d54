"""What of an event is sealed with the child's key, and the event as it was before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.chassis.sealing import seal, unseal
from services.outcomes.child_events.domain import Change, Details, Event, Kind, Status
from services.outcomes.child_events.storage import FOREVER


def sealed(tenant: str, event: Event, key: bytes) -> bytes:
    """Return the reasons and the year group as they are stored."""
    details = event.details
    plain = {"reasons": details.reasons, "year_group": details.year_group}
    return seal(key, json.dumps(plain).encode(), *_about(tenant, event.id, event.version))


def event_of(row: Any) -> Event:
    """Return a version without what is sealed."""
    last, status_day = row["last_day"], row["status_day"]
    return Event(
        id=row["id"],
        number=row["number"],
        version=row["version"],
        kind=Kind(row["kind"]),
        urn=row["urn"],
        details=Details(
            first=date.fromordinal(row["first_day"]),
            last=None if last >= FOREVER else date.fromordinal(last),
            sessions=row["sessions"],
            status=Status(row["status"]),
            status_on=date.fromordinal(status_day) if status_day else None,
        ),
        withdrawn=bool(row["withdrawn"]),
        change=Change(row["change"]),
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
    )


def opened(tenant: str, rows: Iterable[Any], keys: Mapping[int, bytes]) -> list[Event]:
    """Return versions with what is sealed, by the keys of their children."""
    return [_opened(tenant, row, keys.get(row["number"])) for row in rows]


def _opened(tenant: str, row: Any, key: bytes | None) -> Event:
    event = event_of(row)
    if key is None:
        return event
    held: Mapping[str, Any] = json.loads(
        unseal(key, bytes(row["sealed"]), *_about(tenant, event.id, event.version))
    )
    reasons: Sequence[str] = held["reasons"]
    details = replace(event.details, reasons=tuple(reasons), year_group=held["year_group"])
    return replace(event, details=details)


def _about(tenant: str, event_id: str, version: int) -> tuple[str, str, str, str]:
    return (tenant, "child_event", event_id, str(version))
