"""Items, filters and files between the wire and what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from services.chassis.auth import Principal
from services.chassis.wire import timestamp_from_proto
from services.outcomes.feeds import files
from services.outcomes.feeds.reading import Filter

_OPS = {
    "assert": pb.FEED_OP_ASSERT,
    "correct": pb.FEED_OP_CORRECT,
    "retract": pb.FEED_OP_RETRACT,
}
Blocks = Iterator[list[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file: how it is built from lines, a feed's id and its size."""

    suffix: str
    media: str
    build: Callable[[Blocks, str, int], bytes]


FORMS = {
    pb.FILE_FORMAT_NDJSON: Form(
        "ndjson", "application/x-ndjson", lambda blocks, _id, _size: files.ndjson(blocks)
    ),
    pb.FILE_FORMAT_CSV: Form("csv", "text/csv", lambda blocks, _id, _size: files.as_csv(blocks)),
    pb.FILE_FORMAT_PARQUET: Form(
        "parquet",
        "application/vnd.apache.parquet",
        lambda blocks, _id, _size: files.parquet(blocks),
    ),
    pb.FILE_FORMAT_PACKAGE: Form("zip", "application/zip", files.data_package),
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
