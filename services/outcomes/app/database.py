"""The two databases of the service as one: its own, and that of the children's keys."""

from __future__ import annotations

from services.chassis.database import Database
from services.outcomes.children.vault import Vault


class OutcomesDatabase(Database):
    """The service's database, opened and closed together with that of the children's keys.

    Args:
        url: Of the service's own database.
        vault: The keys.
        readers: Connections that serve reads; on SQLite each may cache 64 MB.
    """

    def __init__(self, url: str, vault: Vault, *, readers: int = 4) -> None:
        super().__init__(url, readers=readers)
        self._vault = vault

    def start(self) -> None:
        """Open both."""
        self._vault.start()
        super().start()

    def close(self) -> None:
        """Close both, the keys last: what is still written may need them."""
        super().close()
        self._vault.close()
