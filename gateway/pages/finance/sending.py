"""Sending a form's command: what was refused comes back to the form, under an id that fits."""

from __future__ import annotations

from typing import TypeVar

import grpc
from google.protobuf.message import Message

from gateway.identity.origin import CSRF_FIELD
from gateway.pages.forms import Form
from gateway.pages.refusals import faults
from gateway.pages.services import ask
from gateway.pages.visit import Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
MAY_HAVE_HAPPENED = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED"})
"""What a call ends with when nobody knows whether it was done."""


async def sent(
    visit: Visit, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q, *, form: Form
) -> A | None:
    """Return the answer; None when it was refused, with the faults noted in the form.

    What may have happened is sent again under the same id, so that it happens once; what was
    refused is asked anew under another, since a refusal is remembered too.
    """
    try:
        return await ask(visit, method, request)
    except Refusal as refusal:
        form.errors.extend(faults(refusal))
        if refusal.code not in MAY_HAVE_HAPPENED:
            form.values = {**form.values, "request_id": new_id()}
        return None


def to_check(form: Form) -> bool:
    """Whether the answers are whole and nobody has confirmed them yet."""
    return not form.errors and not form.values.get("confirmed")


def answers(form: Form) -> dict[str, str]:
    """Return the answers as the page that checks them carries them."""
    return {name: value for name, value in form.values.items() if name != CSRF_FIELD}
