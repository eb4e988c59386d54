"""One database of one service: a lane that writes, readers apart, both through Core."""

from services.chassis.database.database import Database
from services.chassis.database.lane import Outdated, WriteLane
from services.chassis.database.transaction import Transaction

__all__ = ["Database", "Outdated", "Transaction", "WriteLane"]
