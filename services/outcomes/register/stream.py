"""Marks that arrive as chunks of packed columns, joined without touching each mark."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from localresponse.outcomes.v1 import register_service_pb2 as pb
from numpy.typing import NDArray

from services.outcomes.errors import StreamInvalid, TooManyRows
from services.outcomes.incoming_rows.csv_files import ROWS_MAX
from services.outcomes.incoming_rows.findings import Findings
from services.outcomes.register.domain.checks import Labels
from services.outcomes.register.domain.marks import Marks

_EPOCH = 719_163
_DAYS = (10_957, 47_482)
_MARKS_MAX = ROWS_MAX * 2


@dataclass(slots=True)
class _Dictionary:
    """The distinct values of a column over all chunks."""

    places: dict[str, int] = field(default_factory=dict)

    def mapped(self, values: Sequence[str], index: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return a chunk's places as places over all chunks."""
        for value in values:
            self.places.setdefault(value, len(self.places))
        table = np.fromiter((self.places[value] for value in values), np.int32, len(values))
        mapped: NDArray[np.int32] = table[index]
        return mapped


@dataclass(slots=True)
class Joined:
    """Chunks, as they arrive.

    Attributes:
        digest: SHA-256 over the chunks.
    """

    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _schools: _Dictionary = field(default_factory=_Dictionary)
    _children: _Dictionary = field(default_factory=_Dictionary)
    _codes: _Dictionary = field(default_factory=_Dictionary)
    _parts: list[tuple[NDArray[np.integer], ...]] = field(default_factory=list)
    _count: int = 0

    def add(self, chunk: pb.RegisterChunk) -> None:
        """Take a chunk.

        Raises:
            StreamInvalid: Columns differ in length, or point outside (STREAM_INVALID).
            TooManyRows: More marks than an import takes (TOO_MANY_ROWS).
        """
        self.digest.update(chunk.SerializeToString(deterministic=True))
        urn = _column(chunk.urn_index, "<u2", len(chunk.urns), "urn_index")
        child = _column(chunk.child_index, "<u4", len(chunk.children), "child_index")
        code = _column(chunk.code_index, "u1", len(chunk.codes), "code_index")
        session = _column(chunk.session, "u1", 2, "session")
        day = _column(chunk.day, "<u4", _DAYS[1], "day")
        if len({len(urn), len(child), len(code), len(session), len(day)}) != 1:
            raise _invalid("the columns of a chunk differ in length")
        if len(day) and int(day.min()) < _DAYS[0]:
            raise _invalid("day is before 2000")
        self._count += len(day)
        if self._count > _MARKS_MAX:
            raise TooManyRows(
                f"an import takes {_MARKS_MAX} marks", rows=self._count, limit=_MARKS_MAX
            )
        self._parts.append(
            (
                self._schools.mapped(chunk.urns, urn),
                self._children.mapped(chunk.children, child),
                self._codes.mapped(chunk.codes, code),
                (day + np.uint32(_EPOCH)).astype(np.int32),
                session,
            )
        )

    def marks(self) -> Marks:
        """Return all the marks."""
        if not self._parts:
            empty = np.zeros(0, np.int32)
            return Marks([], [], [], empty, empty, empty, empty, empty.astype(np.uint8))
        school, child, code, day, session = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        return Marks(
            list(self._schools.places),
            list(self._children.places),
            list(self._codes.places),
            school,
            child,
            code,
            day.astype(np.int32, copy=False),
            session.astype(np.uint8, copy=False),
        )


def describe(marks: Marks) -> tuple[Findings, Labels]:
    """Return empty findings over the marks, named by the stream's columns and counted from 1."""
    findings = Findings(lambda mark: mark + 1, np.zeros(len(marks), np.bool_))
    part = np.zeros(len(marks), np.uint8)
    return findings, Labels("child_index", "day", "urn_index", ("code_index",), part)


def _column(packed: bytes, kind: str, below: int, name: str) -> NDArray[np.integer]:
    width = np.dtype(kind).itemsize
    if len(packed) % width:
        raise _invalid(f"{name} is not a whole number of {width}-byte values")
    values: NDArray[np.integer] = np.frombuffer(packed, kind)
    if len(values) and int(values.max()) >= below:
        raise _invalid(f"{name} holds {int(values.max())}, which is out of range")
    return values


def _invalid(detail: str) -> StreamInvalid:
    return StreamInvalid(f"the stream cannot be read: {detail}", detail=detail)
