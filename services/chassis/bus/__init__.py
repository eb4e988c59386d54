"""The wire between services: NATS JetStream with CloudEvents; it may be lost at any time.

The databases hold the truth. What is published here is in an outbox first and what is read here
ends in an inbox, so a lost broker costs time and nothing else. There is no in-memory bus: the
embedded product speaks to a real server as a cluster does.
"""

from services.chassis.bus.connection import Bus, Published, StreamState
from services.chassis.bus.envelope import Unparsable, event_of, headers_of
from services.chassis.bus.keeper import Keeper, Reader, StreamLimits
from services.chassis.bus.pull import Delivery, Pull

__all__ = [
    "Bus",
    "Delivery",
    "Keeper",
    "Published",
    "Pull",
    "Reader",
    "StreamLimits",
    "StreamState",
    "Unparsable",
    "event_of",
    "headers_of",
]
