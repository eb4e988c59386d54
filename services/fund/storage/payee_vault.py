"""Payees' accounts at rest: sealed under the authority's key, opened only to be paid.

The key is derived from a secret that is kept with the other keys, apart from the database and its
backups; a row shows no more of an account than its last digits.
"""

from __future__ import annotations

import hmac
import json

from services.chassis.sealing import derived_key, seal, unseal
from services.fund.domain.payee import Account

_PURPOSE = "payee accounts"


class PayeeVault:
    """Seals and opens accounts.

    Args:
        root: 32 bytes, of this deployment.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root

    def fingerprint(self, account: Account, tenant: str) -> str:
        """Return 64 digits that tell two accounts apart, and tell nobody without the key which."""
        text = json.dumps([account.holder, account.sort_code, account.number])
        key = derived_key(self._root, f"{_PURPOSE}: fingerprints", tenant)
        return hmac.new(key, text.encode(), "sha256").hexdigest()

    def seal(self, account: Account, *, tenant: str, change_id: str) -> bytes:
        """Return an account as a change of payee details keeps it."""
        plain = json.dumps([account.holder, account.sort_code, account.number]).encode()
        key = derived_key(self._root, _PURPOSE, tenant)
        return seal(key, plain, tenant, "payee_changes", change_id)

    def open(self, sealed: bytes, *, tenant: str, change_id: str) -> Account:
        """Return the account that a change keeps.

        Raises:
            cryptography.exceptions.InvalidTag: It was altered, or is another change's.
        """
        key = derived_key(self._root, _PURPOSE, tenant)
        return Account(*json.loads(unseal(key, sealed, tenant, "payee_changes", change_id)))
