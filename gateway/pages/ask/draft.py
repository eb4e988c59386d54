"""A request that is being written: what the session holds of it, and what is sent in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from localresponse.fund.v1 import purchase_requests_pb2, purchase_types_pb2

from gateway.pages.vocabulary import FALLING, Direction
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import date_to_proto, money_to_proto

JOURNEY = "purchase"
SENT = "sent"
"""What a session keeps in place of a draft once it was sent: the purchase's id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to buy; the price is of one, without VAT."""

    description: str
    quantity: int
    price_minor: int
    vat_rate: int

    @property
    def price(self) -> Money:
        """Return the price of one."""
        return Money(self.price_minor)

    @property
    def net(self) -> Money:
        """Return the price of all of them."""
        return Money(self.price_minor * self.quantity)


@dataclass(frozen=True, slots=True)
class Draft:
    """Every answer so far; an empty one was not given yet.

    Attributes:
        request_id: Names the command, so that sending it twice asks once. A refused request
            is sent under a new one, since a refusal is remembered too.
    """

    request_id: str
    school: str = ""
    children: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    cohort: str = ""
    category: str = ""
    need: str = ""
    lines: tuple[Line, ...] = ()
    supplier: str = ""
    urgency: int = 0
    measure: str = ""
    review: str = ""
    done: tuple[str, ...] = field(default=())

    @classmethod
    def begun(cls) -> Draft:
        """Return a draft without an answer."""
        return cls(request_id=new_id())

    @classmethod
    def restored(cls, kept: Mapping[str, Any] | None) -> Draft:
        """Return the draft that a session kept, or a new one."""
        if not kept or SENT in kept:
            return cls.begun()
        lines = tuple(Line(**line) for line in kept.get("lines", ()))
        known = {**kept, "lines": lines}
        for name in ("children", "years", "done"):
            known[name] = tuple(kept.get(name, ()))
        return cls(**known)

    def kept(self) -> dict[str, Any]:
        """Return what a session keeps."""
        return asdict(self)

    def answered(self, step: str, answers: Mapping[str, Any]) -> Draft:
        """Return the draft with one more step done; other children have other year groups."""
        done = self.done if step in self.done else (*self.done, step)
        if answers.get("children", self.children) != self.children:
            done = tuple(one for one in done if one != "group")
        return replace(self, done=done, **answers)

    def renewed(self) -> Draft:
        """Return the draft under a new request id."""
        return replace(self, request_id=new_id())

    @property
    def net(self) -> Money:
        """Return the price of everything, without VAT."""
        return Money(sum(line.net.minor for line in self.lines))

    def message(self) -> purchase_requests_pb2.SubmitPurchaseRequest:
        """Return the command that asks for it."""
        falls = self.measure in FALLING
        return purchase_requests_pb2.SubmitPurchaseRequest(
            request_id=self.request_id,
            school_urn=self.school,
            child_ids=self.children,
            year_groups=self.years,
            cohort=self.cohort,
            need=self.need,
            category=self.category,
            expected_change=purchase_types_pb2.ExpectedChange(
                measure=self.measure,
                direction=Direction.DIRECTION_DECREASE if falls else Direction.DIRECTION_INCREASE,
                review_date=date_to_proto(date.fromisoformat(self.review)),
            ),
            urgency=purchase_types_pb2.Urgency.ValueType(self.urgency),
            supplier_name=self.supplier,
            lines=[
                purchase_types_pb2.PurchaseLine(
                    description=line.description,
                    quantity=line.quantity,
                    unit_price=money_to_proto(line.price),
                    vat_rate_basis_points=line.vat_rate,
                )
                for line in self.lines
            ],
        )
