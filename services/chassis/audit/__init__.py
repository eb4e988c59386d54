"""Who decided what, in a chain of hashes that shows every flip, deletion and reorder."""

from services.chassis.audit.calls import AuditedCall, current, enter
from services.chassis.audit.chain import Entry, Outcome, append, entry_of
from services.chassis.audit.checkpoints import Checkpoints
from services.chassis.audit.commands import CommandTrail
from services.chassis.audit.verification import Finding, verify

__all__ = [
    "AuditedCall",
    "Checkpoints",
    "CommandTrail",
    "Entry",
    "Finding",
    "Outcome",
    "append",
    "current",
    "enter",
    "entry_of",
    "verify",
]
