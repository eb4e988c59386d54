"""What claiming needs to know of this deployment."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.notify.domain.deciding import Policy
from services.notify.domain.template import Template
from services.notify.vault import Vault


@dataclass(frozen=True, slots=True)
class Context:
    """Settings of delivery.

    Attributes:
        policy: The authority's rules.
        vault: Hashes addresses, unseals webhook secrets.
        public_url: Where people reach the pages; without a slash at the end.
        lease_s: How long a claim holds before it counts as lost.
        versions: Templates of messages that were sent; a version never changes.
    """

    policy: Policy
    vault: Vault
    public_url: str
    lease_s: float = 120
    versions: dict[tuple[str, str, int], Template] = field(default_factory=dict)
