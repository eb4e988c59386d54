"""Repeated work, supervised: a run that fails is logged and counted, and runs again later."""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter, Gauge

from services.chassis import telemetry
from services.chassis.errors import ServiceError
from services.chassis.service import Job

_log = structlog.get_logger()
_FAILURES = Counter("localresponse_job_failures", "Runs of a job that failed.", ["service", "job"])
_LAST_SUCCESS = Gauge(
    "localresponse_job_last_success_timestamp_seconds",
    "When a job last ended well, in Unix time.",
    ["service", "job"],
)


async def repeat(service: str, job: Job) -> None:
    """Run the job now and then every `job.every_s` seconds, for ever."""
    while True:
        telemetry.continue_trace("")
        try:
            await job.run()
            _LAST_SUCCESS.labels(service, job.name).set_to_current_time()
        except ServiceError as error:
            _FAILURES.labels(service, job.name).inc()
            _log.warning("job refused", service=service, job=job.name, reason=error.reason)
        except Exception as error:  # noqa: BLE001  (one bad run must not end the process)
            _FAILURES.labels(service, job.name).inc()
            _log.error("job failed", service=service, job=job.name, exc_info=error)
        await asyncio.sleep(job.every_s)
