"""A command is done once: the same id and input get the stored answer, refusals included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import MetaData, select

from services.chassis.database.bulk import inserter
from services.chassis.database.together import Asked, Result, Statement, one_of
from services.chassis.database.transaction import Key, Transaction
from services.chassis.errors import Code, RequestIdReused, ServiceError, restored
from services.chassis.ids import derived_id
from services.chassis.tables import add_to

_METADATA = MetaData()
add_to(_METADATA)
_TABLE = _METADATA.tables["idempotency"]
_STORED = Statement(
    lambda dialect: select(
        _TABLE.c.key, _TABLE.c.input_hash, _TABLE.c.answer, _TABLE.c.refusal
    ).where(one_of(dialect, _TABLE.c.key, "keys"))
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered the first time: an answer's bytes, or a refusal."""

    input_hash: bytes
    answer: bytes | None
    refusal: str | None

    def replay(self, input_hash: bytes) -> bytes:
        """Return the stored answer.

        Raises:
            RequestIdReused: The id came with another input (INVALID_ARGUMENT).
            ServiceError: The refusal that was stored.
        """
        if input_hash != self.input_hash:
            raise RequestIdReused(
                "request_id: it was used before with another input", field="request_id"
            )
        if self.refusal is not None:
            fields = json.loads(self.refusal)
            raise restored(Code(fields.pop("code")), **fields)
        return self.answer or b""


def input_hash(request: Message) -> bytes:
    """Return the SHA-256 of the request's type and deterministic bytes."""
    body = request.SerializeToString(deterministic=True)
    return hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0" + body).digest()


class StoredAnswers:
    """Looks up what was answered to the commands of a batch, in one query."""

    def asks(self, keys: Sequence[Key]) -> Asked:
        """Return the look-up."""
        return _STORED.asked(keys=tuple(map(_stored_key, keys)))

    def found(self, memory: dict[Any, Any], keys: Sequence[Key], result: Result) -> None:
        """Keep what was found for the batch, by the key of its command."""
        if not result.rows:
            return
        wanted = {_stored_key(key): key for key in keys}
        for row in result.rows:
            memory[wanted[row.key]] = Stored(row.input_hash, row.answer, row.refusal)


def remember(
    transaction: Transaction, key: Key, *, method: str, stored: Stored, at: datetime
) -> None:
    """Store the answer with the command's commit, and for the rest of its batch."""
    transaction.memory[key] = stored
    transaction.later(
        inserter(_TABLE),
        {
            "key": _stored_key(key),
            "tenant": key[0],
            "subject": key[1],
            "request_id": key[2],
            "method": method,
            "input_hash": stored.input_hash,
            "answered_at": at,
            "answer": stored.answer,
            "refusal": stored.refusal,
        },
    )


def refusal_of(error: ServiceError) -> str:
    """Return the refusal as it is stored."""
    return json.dumps(
        {
            "code": error.code,
            "reason": error.reason,
            "message": error.message,
            "field": error.field,
            "metadata": error.metadata,
        }
    )


@lru_cache(maxsize=1_024)
def _stored_key(key: Key) -> str:
    return derived_id("idempotency", *key)
