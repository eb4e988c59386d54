"""P10: `localresponse demo` from the command to ready, and the memory of everything.

First on an empty directory, with the story to tell, then again on what is there. The reference is
a bare interpreter that imports the same parts and does nothing: no start can be shorter.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

from bench.report import Result
from tests.support.stack import ROOT


async def run() -> AsyncIterator[Result]:
    """Yield seconds to ready and megabytes, for a first and a second start."""
    floor = await _imports()
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        for which in ("first start", "next start"):
            began = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services", "demo"),
                *("--data", f"{folder}/var", "--port", "0"),
                cwd=ROOT,
                stdout=PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await _ready(process)
            took = time.perf_counter() - began
            memory = _resident_mb(process.pid)
            process.terminate()
            await process.wait()
            yield Result(
                name=f"P10 {which}",
                what="`demo` to ready; with memory of the process and its broker",
                ours=took,
                reference=floor,
                unit="s",
                least="<= 10 s",
                n=1,
                more={"memory_mb": round(memory, 1)},
            )


async def _imports() -> float:
    """Return the seconds of a process that imports every part and ends."""
    began = time.perf_counter()
    code = "from services.cli import parts; parts.builders(); parts.web()"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT)
    await process.wait()
    return time.perf_counter() - began


async def _ready(process: Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"Metrics" in line:
            return


def _resident_mb(pid: int) -> float:
    """Return the resident size of a process and all its descendants, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return own / 1024 + sum(_resident_mb(int(child)) for child in children)
