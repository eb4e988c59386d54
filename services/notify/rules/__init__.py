"""Who is told what when something happens: data, one table for each publisher."""

from services.notify.rules.notice import Notice, Rule
from services.notify.rules.table import (
    event_messages,
    notices,
    read,
    silent_reasons,
    spoken_types,
)

__all__ = ["Notice", "Rule", "event_messages", "notices", "read", "silent_reasons", "spoken_types"]
