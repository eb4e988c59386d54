"""One thing that can be done to a request, and the command that its form becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message
from localresponse.fund.v1 import purchase_types_pb2

from gateway.pages.forms import Form

Purchase = purchase_types_pb2.Purchase


@dataclass(frozen=True, slots=True)
class Command:
    """One rpc and what it is asked.

    Attributes:
        rpc: Its name.
        request: What it is asked.
        service: Which of the fund's services has it, as `Services` names it.
    """

    rpc: str
    request: Message
    service: str = "purchases"


Rows = Sequence[tuple[str, str]]
Reader = Callable[[Form, Purchase], Command | None]


def always(_: Purchase) -> bool:
    """Return True: the states alone decide."""
    return True


@dataclass(frozen=True, slots=True)
class StepAhead:
    """One thing that can be done to a request.

    Attributes:
        slug: Its address under the request, and its template.
        title: The heading of its page and the words of its link.
        done: What is said when it was done.
        roles: Who is offered it.
        states: When it is offered.
        read: Reads its form; None when something was wrong.
        own: Whether it is only for who asked.
        gives_up: Whether it ends the request without its purpose, so that it is never the
            button that stands out.
        when: What must be so of the request beside its state.
        summary: What is shown to be confirmed before it is done; None does it at once.
    """

    slug: str
    title: str
    done: str
    roles: frozenset[str]
    states: frozenset[int]
    read: Reader
    own: bool = False
    gives_up: bool = False
    when: Callable[[Purchase], bool] = always
    summary: Callable[[Form, Purchase], Rows] | None = None


def command(form: Form, purchase: Purchase, rpc: str, request: Message) -> Command:
    """Return the command of a form, with what every step's request holds."""
    # The form carries the id and etag of the page that was read, so that a second press does
    # nothing and a decision is about what the person saw.
    for name, value in (
        ("request_id", form.values.get("request_id", "")),
        ("purchase_id", purchase.id),
        ("etag", form.values.get("etag", "")),
    ):
        setattr(request, name, value)
    return Command(rpc, request)
