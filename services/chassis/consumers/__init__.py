"""Reading other services' events: in order, once, and never silently dropped."""

from services.chassis.consumers.consumer import MAX_DELIVERIES, Consumer, Patience
from services.chassis.consumers.loop import ConsumerLoop
from services.chassis.inbox import EventHandler

__all__ = ["MAX_DELIVERIES", "Consumer", "ConsumerLoop", "EventHandler", "Patience"]
