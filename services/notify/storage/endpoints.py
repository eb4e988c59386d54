"""Webhook endpoints, their secrets sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from services.notify.storage.tables import webhook_endpoint

_COLUMN = webhook_endpoint.c


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A system that is told of events.

    Attributes:
        event_types: Full types, or a beginning with `.*`; all when empty.
        secret: Sealed; `older_secret` signs too until `older_until`.
    """

    endpoint_id: str
    tenant: str
    url: str
    event_types: tuple[str, ...]
    enabled: bool
    secret: bytes
    created_at: datetime
    disabled_reason: str = ""
    older_secret: bytes | None = None
    older_until: datetime | None = None
    version: int = 1

    def wants(self, event_type: str) -> bool:
        """Return whether the endpoint is told of this type of event."""
        return not self.event_types or any(
            event_type == wanted or (wanted.endswith(".*") and event_type.startswith(wanted[:-1]))
            for wanted in self.event_types
        )


def add(connection: Connection, added: Endpoint) -> None:
    """Add an endpoint."""
    connection.execute(
        insert(webhook_endpoint).values(
            endpoint_id=added.endpoint_id,
            tenant=added.tenant,
            created_at=added.created_at,
            deleted_at=None,
            **_columns(added),
        )
    )


def save(connection: Connection, changed: Endpoint) -> None:
    """Keep an endpoint under its next version."""
    values = _columns(changed) | {"version": changed.version + 1}
    connection.execute(
        update(webhook_endpoint).where(_COLUMN.endpoint_id == changed.endpoint_id).values(**values)
    )


def remove(connection: Connection, endpoint_id: str, at: datetime) -> None:
    """Remove an endpoint and its secrets; the row stays for what was sent to it."""
    connection.execute(
        update(webhook_endpoint)
        .where(_COLUMN.endpoint_id == endpoint_id)
        .values(deleted_at=at, enabled=False, secret=b"", older_secret=None)
    )


def disable(connection: Connection, endpoint_id: str, reason: str) -> None:
    """Send nothing more to an endpoint until somebody turns it on."""
    connection.execute(
        update(webhook_endpoint)
        .where(_COLUMN.endpoint_id == endpoint_id)
        .values(enabled=False, disabled_reason=reason, version=_COLUMN.version + 1)
    )


def load(connection: Connection, tenant: str, endpoint_id: str) -> Endpoint | None:
    """Return one endpoint, or None when it is unknown or was removed."""
    return load_many(connection, tenant, [endpoint_id]).get(endpoint_id)


def load_many(
    connection: Connection, tenant: str, endpoint_ids: Iterable[str]
) -> dict[str, Endpoint]:
    """Return the endpoints that are there, by id."""
    query = _there(tenant).where(_COLUMN.endpoint_id.in_(sorted(set(endpoint_ids))))
    return {row.endpoint_id: _of(row) for row in connection.execute(query)}


def enabled(connection: Connection, tenant: str) -> Sequence[Endpoint]:
    """Return the endpoints that are told of events now."""
    query = _there(tenant).where(_COLUMN.enabled.is_(True)).order_by(_COLUMN.endpoint_id)
    return [_of(row) for row in connection.execute(query)]


def page(connection: Connection, tenant: str, *, after: str, limit: int) -> Sequence[Endpoint]:
    """Return endpoints, oldest first."""
    query = _there(tenant).where(_COLUMN.endpoint_id > after)
    query = query.order_by(_COLUMN.endpoint_id).limit(limit)
    return [_of(row) for row in connection.execute(query)]


def _there(tenant: str) -> Any:
    return select(webhook_endpoint).where(_COLUMN.tenant == tenant, _COLUMN.deleted_at.is_(None))


def _columns(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "event_types": json.dumps(list(endpoint.event_types)),
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "secret": endpoint.secret,
        "older_secret": endpoint.older_secret,
        "older_until": endpoint.older_until,
        "version": endpoint.version,
    }


def _of(row: Row[Any]) -> Endpoint:
    return Endpoint(
        endpoint_id=row.endpoint_id,
        tenant=row.tenant,
        url=row.url,
        event_types=tuple(json.loads(row.event_types)),
        enabled=bool(row.enabled),
        secret=row.secret,
        created_at=row.created_at,
        disabled_reason=row.disabled_reason,
        older_secret=row.older_secret,
        older_until=row.older_until,
        version=row.version,
    )
