"""Webhooks after the Standard Webhooks specification, to public addresses only."""

from services.notify.channels.webhook.addresses import AddressRefused, Guard, Resolver
from services.notify.channels.webhook.provider import Webhooks

__all__ = ["AddressRefused", "Guard", "Resolver", "Webhooks"]
