"""How far a computation is, said from within it to whoever listens: a run, or nobody.

The steps are deep inside pure code that has no business knowing of runs; what is said where
nobody listens is lost, and the figures do not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int], None]
"""Takes what is being done and how much of the whole is done, 0 to 100."""

_LISTENER: ContextVar[Listener | None] = ContextVar("analysis_progress", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let a listener hear what is said on this thread until the end of the block."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report(step: str, percent: int) -> None:
    """Say what is done next, and how much of the whole is done before it.

    Raises:
        Exception: Whatever the listener raises to stop the work.
    """
    listener = _LISTENER.get()
    if listener is not None:
        listener(step, percent)
