"""What a mark, a block and a session sequence are; numpy only, no database."""

from services.outcomes.register.domain.blocks import Block, Merged, merged
from services.outcomes.register.domain.marks import Marks
from services.outcomes.register.domain.matrix import SessionMatrix

__all__ = ["Block", "Marks", "Merged", "SessionMatrix", "merged"]
