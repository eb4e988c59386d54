"""What Prometheus is told of delivery; every label is a closed set."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from services.chassis.telemetry import REGISTRY

ATTEMPTS = Counter(
    "localresponse_notify_attempts",
    "Attempts by channel, provider and outcome.",
    ["channel", "provider", "outcome"],
    registry=REGISTRY,
)
SEND_SECONDS = Histogram(
    "localresponse_notify_send_seconds",
    "How long a provider took to answer.",
    ["provider"],
    registry=REGISTRY,
)
SENT_SECONDS = Histogram(
    "localresponse_notify_intake_to_accepted_seconds",
    "From taking a message in to a provider's acceptance, for what was not held.",
    ["channel"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
    registry=REGISTRY,
)
MESSAGES = Gauge(
    "localresponse_notify_messages",
    "Messages by authority, channel and status; those whose values were erased count too.",
    ["authority", "channel", "status"],
    registry=REGISTRY,
)
OLDEST_DUE_SECONDS = Gauge(
    "localresponse_notify_oldest_due_seconds",
    "Age of the oldest message that is due and was not handed over.",
    registry=REGISTRY,
)
SUPPRESSED_ADDRESSES = Gauge(
    "localresponse_notify_suppressed_addresses",
    "Addresses that are shut, by authority.",
    ["authority"],
    registry=REGISTRY,
)
