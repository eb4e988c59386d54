"""Progress of long work: a bar on a terminal, a JSON line a step in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[str, int], None]


@contextmanager
def progress(title: str) -> Iterator[Show]:
    """Yield a function that shows what was done last and how far along the whole is, 0 to 100."""
    if not sys.stderr.isatty():
        last = -1

        def line(done: str, percent: int) -> None:
            nonlocal last
            if percent == last:
                return
            last = percent
            content = {"doing": title, "done": done, "percent": percent}
            sys.stderr.write(json.dumps(content) + "\n")

        yield line
        return
    # Imported here because it costs a third of a second that a pipe does not need.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=100)
        yield lambda done, percent: bar.update(
            task, completed=percent, description=f"{title}: {done}"
        )
