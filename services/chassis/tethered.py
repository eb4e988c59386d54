"""Runs a program that must not outlive the process which started it.

A script of its own, because code between fork and exec is unsafe in a process with threads and
gRPC. Linux ends the child by itself when the parent dies, also by SIGKILL; elsewhere the parent
ends it when it stops in order.

    python tethered.py PARENT_PID PROGRAM ARGUMENT...
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the program."""
    parent, program = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the line above; then nobody would end this process.
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(program[0], program)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
