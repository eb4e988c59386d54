"""The embedded broker: one supervised nats-server, its configuration and its credentials."""

from services.chassis.nats_server.configuration import OPERATIONS, Identity
from services.chassis.nats_server.server import NatsServer

__all__ = ["OPERATIONS", "Identity", "NatsServer"]
