"""Whose names are published with spending over £500, and why others are not.

Somebody decides it for each supplier before anything leaves: a sole trader's or a foster carer's
name is personal data, and an organisation's name can tell where a child lives. Source: Local
Government Transparency Code 2015, paras 20 and 28 to 30; Freedom of Information Act 2000, ss. 38,
40 and 43.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ABOVE = 500_00
"""Pence, without VAT that comes back."""


class SupplierKind(StrEnum):
    """What a supplier is, for publication."""

    ORGANISATION = "organisation"
    SOLE_TRADER = "sole_trader"
    FOSTER_CARER = "foster_carer"
    PRIVATE_PERSON = "private_person"
    SENSITIVE_PLACE = "sensitive_place"
    CONFIDENTIAL = "confidential"


_PERSON = "REDACTED PERSONAL DATA"
_REDACTIONS = {
    SupplierKind.SOLE_TRADER: (_PERSON, "FOI-40-SOLE-TRADER"),
    SupplierKind.FOSTER_CARER: (_PERSON, "FOI-40-FOSTER-CARER"),
    SupplierKind.PRIVATE_PERSON: (_PERSON, "FOI-40-PERSON"),
    SupplierKind.SENSITIVE_PLACE: ("REDACTED SAFETY", "FOI-38-SAFETY"),
    SupplierKind.CONFIDENTIAL: ("REDACTED COMMERCIAL CONFIDENTIALITY", "FOI-43-COMMERCIAL"),
}
"""Kind -> what stands in place of the name, and the reason's code."""

_ORGANISATION = re.compile(
    r"\b(ltd|limited|plc|llp|cic|cio|council|school|academy|college|university|nhs|trust|"
    r"charity|foundation|co-?operative|society|association|church|company)\b\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Published:
    """What stands in the file: a name or what replaces it, and why it does; empty: it does not."""

    beneficiary: str
    redaction: str


def published(name: str, kind: SupplierKind) -> Published:
    """Return how a supplier appears."""
    replaced, code = _REDACTIONS.get(kind, (name, ""))
    return Published(replaced, code)


def suggested(name: str) -> SupplierKind:
    """Return what a name looks like; whoever is not surely an organisation may be a person."""
    return SupplierKind.ORGANISATION if _ORGANISATION.search(name) else SupplierKind.SOLE_TRADER
