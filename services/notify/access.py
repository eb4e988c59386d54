"""Who may call what; everything that is not here is refused."""

from __future__ import annotations

from services.chassis.auth import PEOPLE, ActionTable, Relation

UNSUBSCRIBER = "unsubscriber"
"""Whoever opened an unsubscribe link, as the gateway says it; no person holds this role."""

_OWN = dict.fromkeys(PEOPLE, Relation.SELF)
_ADMINISTRATOR = {"administrator": Relation.TENANT}
_SENDERS = {"administrator": Relation.TENANT, "programme_manager": Relation.TENANT}
_BOARD = {
    **_SENDERS,
    "auditor": Relation.TENANT,
    "information_governance": Relation.TENANT,
}

ACTIONS: ActionTable = {
    "recipient.upsert": {**_OWN, **_ADMINISTRATOR},
    "recipient.get": {**_OWN, **_ADMINISTRATOR},
    "recipient.list": {**_ADMINISTRATOR, "auditor": Relation.TENANT},
    "recipient.import": _ADMINISTRATOR,
    "recipient.end_role": _ADMINISTRATOR,
    "preferences.get": _OWN,
    "preferences.update": _OWN,
    "preferences.unsubscribe": {UNSUBSCRIBER: Relation.SELF},
    "message.inbox": _OWN,
    "message.read": _OWN,
    "message.send": _SENDERS,
    "delivery.list": _BOARD,
    "delivery.get": _BOARD,
    "delivery.cancel": _SENDERS,
    "delivery.replay": _SENDERS,
    "receipt.record": _ADMINISTRATOR,
    "template.list": _BOARD,
    "template.draft": _SENDERS,
    "template.publish": _SENDERS,
    "webhook.create": _ADMINISTRATOR,
    "webhook.update": _ADMINISTRATOR,
    "webhook.delete": _ADMINISTRATOR,
    "webhook.list": {**_ADMINISTRATOR, "auditor": Relation.TENANT},
    "webhook.rotate_secret": _ADMINISTRATOR,
    "webhook.replay": _ADMINISTRATOR,
    "suppression.list": _BOARD,
    "suppression.clear": _ADMINISTRATOR,
}
