"""A feed as a file: the lines themselves, or the same items as columns."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json
import pyarrow.parquet as pq

from services.outcomes.data_packages.contents import LICENCE, Notes, Sheet, Variable
from services.outcomes.data_packages.zipping import package

VARIABLES = (
    Variable("feed_seq", "integer", "place in the feed, from 1 without a gap"),
    Variable("op", "string", "assert, correct (in place of `supersedes`) or retract (of it)"),
    Variable("pseudonym", "string", "the child, for this evaluator and project alone"),
    Variable("measure", "string", "measure and version"),
    Variable("window", "string", "number of the child's episode, and the window"),
    Variable("value", "number", "in the measure's unit; attendance is a share of sessions"),
    Variable("symbol", "string", "z or x in place of a value"),
    Variable("valid_from", "string", "first half-term of the window"),
    Variable("valid_to", "string", "last half-term of the window"),
    Variable("recorded_at", "datetime", "when it entered the feed, UTC"),
    Variable("supersedes", "integer", "the item that no longer holds"),
    Variable("basis", "string", "the data-sharing agreement"),
    Variable("age_years", "integer", "age group at the request, in whole years"),
    Variable("phase", "string", "phase of the school"),
    Variable("check", "string", "first 16 digits of SHA-256 over the line without it"),
)
_ARROW: dict[str, Any] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "datetime": pa.string(),
}
SCHEMA = pa.schema([(each.name, _ARROW[each.kind]) for each in VARIABLES])
METHOD = (
    "Each line of the NDJSON form is a leaf of an append-only Merkle log (RFC 6962). To know what "
    "holds now, leave out items that a later one supersedes, and retractions. A line's `check` "
    "finds an accident; `localresponse verify feed` and a signed checkpoint find everything.\n"
)


def ndjson(texts: Iterable[str]) -> bytes:
    """Return the lines."""
    return "".join(texts).encode()


def table_of(text: str) -> Any:
    """Return lines as an Arrow table."""
    content = text.encode()
    options = pa_json.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="error")
    read = pa_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    return pa_json.read_json(pa.BufferReader(content), read, options).select(SCHEMA.names)


def parquet(tables: Iterable[Any]) -> bytes:
    """Return the items as Parquet, in one group of rows."""
    sink = io.BytesIO()
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables])
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        writer.write_table(whole)
    return sink.getvalue()


def as_csv(tables: Iterable[Any]) -> bytes:
    """Return the items as CSV. Texts in it are made by us: none can be taken for a formula."""
    sink = io.BytesIO()
    options = pa_csv.WriteOptions(quoting_style="needed")
    with pa_csv.CSVWriter(sink, SCHEMA, write_options=options) as writer:
        for table in tables:
            writer.write_table(table)
    return sink.getvalue()


def data_package(tables: Iterable[Any], feed_id: str, size: int) -> bytes:
    """Return a zip of CSV, datapackage.json, codebook, method and licence."""
    sheet = Sheet("items", "Items of a child-level feed", VARIABLES, as_csv(tables))
    notes = Notes(
        name=f"feed-{feed_id}",
        title="Child-level feed of a local response fund",
        version=f"1.0.{size}",
        licence=LICENCE,
        method=METHOD,
    )
    return package(notes, [sheet])
