"""Sessions of each supported child in each window by how they count, not only missed or not."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from services.outcomes.analysis.rows import Panel
from services.outcomes.episodes.measuring import Roll
from services.outcomes.episodes.windows import WindowKind
from services.outcomes.measures.builtin import Occurrences
from services.outcomes.measures.rates import Attendance
from services.outcomes.reference import codes
from services.outcomes.reference.codes import CodeClass
from services.outcomes.register import queries as register


class Counted:
    """What the register and the events say of the children of a panel.

    Args:
        connection: A reader's.
        tenant: The authority.
        panel: Children with their windows.
        roll: Of the same children.
        as_of: The register as it was recorded then.
    """

    def __init__(
        self, connection: Connection, tenant: str, panel: Panel, *, roll: Roll, as_of: datetime
    ) -> None:
        self._panel = panel
        children = [roll.children[row.child_id] for row in panel.rows]
        # A child has one row, so rows and children are the same in number and order.
        self._matrix = register.sessions_of(
            connection,
            tenant,
            [child.number for child in children],
            as_of=as_of,
            enrolled={child.number: child.enrolments for child in children},
        )
        self._late = np.isin(self._matrix.codes, codes.LATE)

    def attendance(self, place: int, kind: WindowKind) -> Attendance:
        """Return the sessions of one row's window."""
        window, held = self._panel.windows[kind], self._matrix
        low = int(np.searchsorted(held.days, window.start_day[place], side="left"))
        high = int(np.searchsorted(held.days, window.end_day[place], side="right"))
        found = np.bincount(held.classes[place, low:high], minlength=len(CodeClass)).tolist()
        present, approved = found[CodeClass.PRESENT], found[CodeClass.APPROVED]
        authorised, unauthorised = found[CodeClass.AUTHORISED], found[CodeClass.UNAUTHORISED]
        return Attendance(
            possible=present + approved + authorised + unauthorised,
            attended=present + approved,
            authorised=authorised,
            unauthorised=unauthorised,
            late=int(self._late[place, low:high].sum()),
        )

    def occurrences(self, place: int, kind: WindowKind) -> Occurrences:
        """Return what happened in one row's window; exclusions up to the end of follow-up 1."""
        happened = self._panel.happened
        return Occurrences(
            suspension_spells=int(happened.spells[kind][place]),
            suspension_sessions=int(happened.sessions[kind][place]),
            permanent_exclusions=int(happened.excluded[place]),
            off_roll_sessions=int(happened.off_roll[place]),
        )
