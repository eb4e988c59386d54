"""Runs one service, or all of them and the gateway, in one process: the same code for both."""

from services.chassis.runtime.process import Running, running, serve

__all__ = ["Running", "running", "serve"]
