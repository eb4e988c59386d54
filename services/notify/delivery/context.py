"""What claiming needs to know of this deployment."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.domain.deciding import Policy
from services.notify.vault import Vault


@dataclass(frozen=True, slots=True)
class Context:
    """Settings of delivery.

    Attributes:
        policy: The authority's rules.
        vault: Hashes addresses, unseals webhook secrets.
        public_url: Where people reach the pages; without a slash at the end.
        lease_s: How long a claim holds before it counts as lost.
    """

    policy: Policy
    vault: Vault
    public_url: str
    lease_s: float = 120
