"""The register codes of England, dated, and how each counts.

Source: School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208) reg. 10,
in force from 19 August 2024; the arithmetic of the DfE's own daily files. An index, once given,
is never given to another code: blocks of marks hold indexes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

FIRST = date(2006, 9, 1)
REGULATIONS_2024 = date(2024, 8, 19)
_EVE_2024 = date(2024, 8, 18)

WITHDRAWN = 255
"""In a block: a mark that stood here was taken back. It counts nowhere."""


class CodeClass(IntEnum):
    """How a code counts; the numbers are the proto's and are stored nowhere."""

    NONE = 0
    PRESENT = 1
    APPROVED = 2
    AUTHORISED = 3
    UNAUTHORISED = 4
    NOT_POSSIBLE = 5


@dataclass(frozen=True, slots=True)
class RegisterCode:
    """One code.

    Attributes:
        index: 1 to 254; what a block holds for it.
        code: As the register writes it; `X**` stands for the codes of the pandemic.
        code_class: How it counts.
        description: What it says.
        first: First day in force.
        last: Last day in force; None while it is. A later use is counted and warned about.
    """

    index: int
    code: str
    code_class: CodeClass
    description: str
    first: date = FIRST
    last: date | None = None


def _codes() -> tuple[RegisterCode, ...]:
    present, approved = CodeClass.PRESENT, CodeClass.APPROVED
    authorised, unauthorised = CodeClass.AUTHORISED, CodeClass.UNAUTHORISED
    nowhere, new = CodeClass.NOT_POSSIBLE, REGULATIONS_2024
    return (
        RegisterCode(1, "/", present, "Present in the morning"),
        RegisterCode(2, "\\", present, "Present in the afternoon"),
        RegisterCode(3, "L", present, "Late, before the register closed"),
        RegisterCode(4, "K", approved, "Education arranged by the authority", new),
        RegisterCode(5, "V", approved, "Educational visit or trip"),
        RegisterCode(6, "P", approved, "Approved sporting activity"),
        RegisterCode(7, "W", approved, "Work experience"),
        RegisterCode(8, "B", approved, "Other approved educational activity"),
        RegisterCode(9, "C1", authorised, "Regulated performance or employment abroad", new),
        RegisterCode(10, "M", authorised, "Medical or dental appointment"),
        RegisterCode(11, "J1", authorised, "Interview for employment or another school", new),
        RegisterCode(12, "S", authorised, "Study leave"),
        RegisterCode(13, "C2", authorised, "Part-time timetable", new),
        RegisterCode(14, "C", authorised, "Leave in exceptional circumstances"),
        RegisterCode(15, "T", authorised, "Parent travelling for work"),
        RegisterCode(16, "R", authorised, "Religious observance"),
        RegisterCode(17, "I", authorised, "Illness"),
        RegisterCode(18, "E", authorised, "Suspended or excluded, no provision made yet"),
        RegisterCode(19, "G", unauthorised, "Holiday not granted by the school"),
        RegisterCode(20, "N", unauthorised, "Reason not yet known"),
        RegisterCode(21, "O", unauthorised, "Other or unknown reason"),
        RegisterCode(22, "U", unauthorised, "Late, after the register closed"),
        RegisterCode(23, "D", nowhere, "Dual registered at another school"),
        RegisterCode(24, "X", nowhere, "Not of compulsory school age and not required"),
        RegisterCode(25, "Q", nowhere, "No access arrangements made by the authority", new),
        RegisterCode(26, "Y1", nowhere, "Transport not available", new),
        RegisterCode(27, "Y2", nowhere, "Widespread disruption to travel", new),
        RegisterCode(28, "Y3", nowhere, "Part of the school closed", new),
        RegisterCode(29, "Y4", nowhere, "Whole school closed unexpectedly", new),
        RegisterCode(30, "Y5", nowhere, "In the criminal justice system's custody", new),
        RegisterCode(31, "Y6", nowhere, "Public health guidance", new),
        RegisterCode(32, "Y7", nowhere, "Any other unavoidable cause", new),
        RegisterCode(33, "Z", nowhere, "Prospective pupil, not yet on the roll"),
        RegisterCode(34, "#", nowhere, "Planned closure of the whole school"),
        RegisterCode(35, "H", authorised, "Holiday granted by the school", last=_EVE_2024),
        RegisterCode(36, "J", approved, "At an interview", last=_EVE_2024),
        RegisterCode(37, "F", authorised, "Agreed family holiday", last=_EVE_2024),
        RegisterCode(38, "Y", nowhere, "Unable to attend", last=_EVE_2024),
        RegisterCode(39, "X**", nowhere, "Coronavirus", date(2020, 3, 1), _EVE_2024),
    )


CODES = _codes()
BY_INDEX = {code.index: code for code in CODES}
_BY_CODE = {code.code: code for code in CODES}
_PANDEMIC = re.compile(r"X[0-9]{1,2}")

ILLNESS = _BY_CODE["I"].index
PROVISIONAL = _BY_CODE["N"].index
LATE = (_BY_CODE["L"].index, _BY_CODE["U"].index)


def find(text: str) -> RegisterCode | None:
    """Return the code that a register writes as `text`, in any case, or None.

    The pandemic's codes (X01, X02 and so on) are one code here.
    """
    wanted = text.strip().upper()
    if _PANDEMIC.fullmatch(wanted):
        return _BY_CODE["X**"]
    return _BY_CODE.get(wanted)


def in_force(code: RegisterCode, day: date) -> bool:
    """Return whether the code may be used on `day`; one that may not is counted all the same."""
    return code.first <= day and (code.last is None or day <= code.last)


def _class_table() -> NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for code in CODES:
        table[code.index] = code.code_class
    return table


CLASS_OF = _class_table()
"""uint8[256]: code index -> CodeClass. No code has changed its class since 2006."""
