"""Signed notes and the checkpoints in them: what a log says of itself, in a form others know.

A checkpoint is three lines, the log's origin, its size and the base64 of its root, then an empty
line and a signature line of an em dash, the key's name, and base64(key hash, signature). Source:
C2SP signed-note and tlog-checkpoint; Ed25519 of RFC 8032.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_KEY_HASH = 4
_MARK = "\u2014 "


class NoteInvalid(ValueError):
    """A note is malformed, or nobody we trust signed it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one size."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verifier key: `<name>+<hash>+<base64 of algorithm and key>`."""

    name: str
    raw: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read a key as it is published.

        Raises:
            NoteInvalid: It is malformed, or its hash is not its own.
        """
        name, _, rest = text.strip().partition("+")
        stated, _, encoded = rest.partition("+")
        try:
            held = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise NoteInvalid("the public key is not base64") from None
        key = cls(name, held[1:])
        if held[:1] != _ED25519 or len(key.raw) != 32 or key.hash().hex() != stated:
            raise NoteInvalid("this is not an Ed25519 verifier key")
        return key

    def text(self) -> str:
        """Return the key as it is published."""
        encoded = base64.b64encode(_ED25519 + self.raw).decode()
        return f"{self.name}+{self.hash().hex()}+{encoded}"

    def hash(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_KEY_HASH]

    def open(self, note: str) -> Checkpoint:
        """Return the checkpoint of a note that this key signed.

        Raises:
            NoteInvalid: It is malformed, or this key did not sign it.
        """
        text, gap, signatures = note.partition("\n\n")
        text += "\n"
        if not gap or not any(self._signed(text, line) for line in signatures.splitlines()):
            raise NoteInvalid(f"the checkpoint is not signed by {self.name}")
        return _checkpoint(text)

    def _signed(self, text: str, line: str) -> bool:
        name, _, encoded = line.removeprefix(_MARK).partition(" ")
        if not line.startswith(_MARK) or name != self.name:
            return False
        try:
            held = base64.b64decode(encoded, validate=True)
            key = Ed25519PublicKey.from_public_bytes(self.raw)
            key.verify(held[_KEY_HASH:], text.encode())
        except (binascii.Error, InvalidSignature, ValueError):
            return False
        return held[:_KEY_HASH] == self.hash()


class SigningKey:
    """Signs checkpoints; only the log's keeper has one.

    Args:
        name: Such as `outcomes.e06000050`; no spaces and no plus.
        seed: 32 bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(name, self._key.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note of a checkpoint."""
        text = checkpoint.text()
        signature = self.public.hash() + self._key.sign(text.encode())
        encoded = base64.b64encode(signature).decode()
        return f"{text}\n{_MARK}{self.public.name} {encoded}\n"


def checkpoints_in(text: str, key: PublicKey) -> list[Checkpoint]:
    """Return the checkpoints of a file of signed notes, smallest first, each verified.

    Raises:
        NoteInvalid: There is none, one is malformed or not signed, or two are of other logs.
    """
    found = sorted((key.open(note) for note in _notes(text)), key=lambda each: each.size)
    if not found or len({each.origin for each in found}) > 1:
        raise NoteInvalid("the file holds no checkpoint, or checkpoints of several logs")
    return found


def _notes(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if lines and lines[-1].startswith(_MARK) and not line.startswith(_MARK):
            yield "\n".join(lines) + "\n"
            lines = []
        if lines or line.strip():
            lines.append(line)
    if lines:
        yield "\n".join(lines) + "\n"


def _checkpoint(text: str) -> Checkpoint:
    origin, size, root, *_ = [*text.splitlines(), "", "", ""]
    try:
        decoded = base64.b64decode(root, validate=True)
        held = Checkpoint(origin, int(size), decoded)
    except (ValueError, binascii.Error):
        raise NoteInvalid("the checkpoint's text is malformed") from None
    if not origin or len(decoded) != 32 or size != str(held.size):
        raise NoteInvalid("the checkpoint's text is malformed")
    return held
