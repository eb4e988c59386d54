"""From claims to somebody: which role, authority and schools the provider's claims give.

The provider says it, so the council's own joiners and leavers decide who may come in; nobody is
kept here. Whoever has no role here, or more than one, is refused: roles stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.identity.provider import Identity, SignInRefused
from services.chassis.auth import PEOPLE

ROLES = frozenset(PEOPLE)
_SUBJECT_MAX = 120
_NAME_MAX = 120
_URN = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where the provider says what.

    Attributes:
        roles: The claim with roles or groups, text or a list.
        role_of: The role that each of its values means; empty when they are our own names.
        schools: The claim with URNs, text or a list.
        tenant: The claim with the authority's ONS code; empty where there is one authority.
        authorities: Names of the authorities that are served, by ONS code.
    """

    authorities: Mapping[str, str]
    roles: str = "roles"
    role_of: Mapping[str, str] = field(default_factory=dict)
    schools: str = "schools"
    tenant: str = ""

    def __post_init__(self) -> None:
        """Check what the settings say.

        Raises:
            ValueError: A role that is not ours, or an authority that cannot be told.
        """
        unknown = sorted(set(self.role_of.values()) - ROLES)
        if unknown:
            raise ValueError(f"LOCALRESPONSE_OIDC_ROLES names no role of ours: {unknown[0]}")
        if len(self.authorities) != 1 and not self.tenant:
            raise ValueError("several authorities need LOCALRESPONSE_OIDC_TENANT_CLAIM")

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """Return whom verified claims name.

        Raises:
            SignInRefused: Nobody who may come in.
        """
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
            raise SignInRefused("the account has no id that can be kept")
        tenant = self._tenant(claims)
        schools = tuple(sorted(filter(_URN.fullmatch, _texts(claims.get(self.schools)))))
        name = claims.get("name")
        return Identity(
            subject=subject,
            name=name[:_NAME_MAX] if isinstance(name, str) and name else "Signed-in person",
            role=self._role(claims),
            tenant=tenant,
            authority=self.authorities[tenant],
            schools=schools,
        )

    def _role(self, claims: Mapping[str, Any]) -> str:
        given = _texts(claims.get(self.roles))
        found = {self.role_of.get(one, "") if self.role_of else one for one in given} & ROLES
        if len(found) != 1:
            number = "no role" if not found else "more than one role"
            raise SignInRefused(f"the account has {number} in this service")
        return found.pop()

    def _tenant(self, claims: Mapping[str, Any]) -> str:
        tenant = claims.get(self.tenant) if self.tenant else next(iter(self.authorities))
        if not isinstance(tenant, str) or tenant not in self.authorities:
            raise SignInRefused("the account belongs to no authority that is served here")
        return tenant


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
