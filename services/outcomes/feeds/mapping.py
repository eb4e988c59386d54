"""Items, filters and files between the wire and what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import feeds_service_pb2 as pb
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.wire import timestamp_from_proto
from services.outcomes.agreements.storage import Agreement
from services.outcomes.feeds import files, reading, segments
from services.outcomes.feeds.reading import Filter

_OPS = {
    "assert": pb.FEED_OP_ASSERT,
    "correct": pb.FEED_OP_CORRECT,
    "retract": pb.FEED_OP_RETRACT,
}
Build = Callable[[Connection, Agreement, int], bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file, and how it is built from the first items of a feed."""

    suffix: str
    media: str
    build: Build


def _of_columns(build: Callable[[Iterable[Any]], bytes]) -> Build:
    return lambda connection, agreement, size: build(segments.tables(connection, agreement, size))


FORMS = {
    pb.FILE_FORMAT_NDJSON: Form(
        "ndjson",
        "application/x-ndjson",
        lambda connection, agreement, size: files.ndjson(
            reading.texts(connection, agreement, size)
        ),
    ),
    pb.FILE_FORMAT_CSV: Form("csv", "text/csv", _of_columns(files.as_csv)),
    pb.FILE_FORMAT_PARQUET: Form(
        "parquet", "application/vnd.apache.parquet", _of_columns(files.parquet)
    ),
    pb.FILE_FORMAT_PACKAGE: Form(
        "zip",
        "application/zip",
        lambda connection, agreement, size: files.data_package(
            segments.tables(connection, agreement, size), agreement.id, size
        ),
    ),
}


def filter_in(request: Any) -> Filter:
    """Return what a request is narrowed to."""
    given = request.filter
    as_of = timestamp_from_proto(given.as_of_time) if given.HasField("as_of_time") else None
    return Filter(tuple(sorted(given.measures)), tuple(sorted(given.periods)), as_of)


def query_of(who: Principal, feed_id: str, wanted: Filter) -> str:
    """Return what a cursor is bound to; pages and streams of one query share theirs."""
    return f"feed:{who.tenant}:{feed_id}:{wanted!r}"


def item_out(line: str) -> pb.FeedItem:
    """Return a stored line as an item on the wire."""
    held = json.loads(line)
    at = Timestamp()
    at.FromDatetime(datetime.fromisoformat(held["recorded_at"]))
    return pb.FeedItem(
        feed_seq=held["feed_seq"],
        op=_OPS[held["op"]],
        pseudonym=held["pseudonym"],
        measure=held["measure"],
        window=held["window"],
        value=held["value"],
        symbol=held["symbol"],
        valid_from=held["valid_from"],
        valid_to=held["valid_to"],
        record_time=at,
        supersedes=held["supersedes"],
        basis=held["basis"],
        age_years=held["age_years"],
        phase=held["phase"],
        line=line,
    )


def first_part(content: bytes, file_name: str, media_type: str) -> pb.FilePart:
    """Return the first part of a file, still without content."""
    digest = sha256(content).hexdigest()
    return pb.FilePart(file_name=file_name, media_type=media_type, sha256=digest)
