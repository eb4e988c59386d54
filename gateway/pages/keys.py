"""Service keys for evaluators' programs: the administrator makes, lists and revokes them.

Whom a key stands for and what it opens are ids that the agreement states, so that nobody opens
data alone: information governance decides who may read, the administrator hands out the key.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.identity.service_keys import LONGEST, KeyMade, KeyUnknown, ServiceKey, ServiceKeys
from gateway.pages.forms import Form
from gateway.pages.site import Site, see
from gateway.pages.visit import ADMINISTERS, Visit
from services.chassis.clock import LONDON, london_date
from services.chassis.ids import new_id

SCOPES = {
    "feed.*": "The child-level feed of the agreement",
    "release.read": "Published releases",
    "agreement.see": "The agreement itself",
}
"""What a key may do, in words, in the order in which it is asked."""

CHOICES = {f"may-{scope.partition('.')[0]}": scope for scope in SCOPES}
"""The boxes of the form."""

NAME_MAX, SUBJECT_MAX = 80, 120
_DAY = timedelta(days=1)


class KeyPages:
    """Handlers over one site and the store of keys."""

    def __init__(self, site: Site, keys: ServiceKeys) -> None:
        self._site = site
        self._keys = keys

    def routes(self) -> list[Route]:
        """Return the list, the form for a new key, and the page that revokes one."""
        page, only = self._site.page, ADMINISTERS
        return [
            Route("/keys", page(self.index, roles=only)),
            Route("/keys/new", page(self.new, roles=only)),
            Route("/keys/new", page(self.create, roles=only), methods=["POST"]),
            Route("/keys/{key_id}/revoke", page(self.ask, roles=only)),
            Route("/keys/{key_id}/revoke", page(self.revoke, roles=only), methods=["POST"]),
        ]

    async def index(self, _: Request, visit: Visit) -> Response:
        """List the authority's keys, with when each was last used."""
        return self._site.show(
            "keys/list.html",
            visit,
            title="Service keys",
            here="/keys",
            wide=True,
            keys=await self._keys.listed(visit.session.identity.tenant),
            now=self._site.clock.now(),
            scopes=SCOPES,
        )

    async def new(self, _: Request, visit: Visit) -> Response:
        """Ask what the key is for."""
        return self._form(visit, Form({"key_id": new_id()}))

    async def create(self, request: Request, visit: Visit) -> Response:
        """Make the key and show it, this once: nothing keeps it, so no page can show it again."""
        form = await self._site.form(request, visit)
        key = self._asked(form, visit)
        if key is None:
            return self._form(visit, form)
        try:
            secret = await self._keys.create(key)
        except KeyMade:
            form.refuse(
                "",
                "This form was sent before. If the key was not copied, revoke it and make another",
            )
            form.values = {**form.values, "key_id": new_id()}
            return self._form(visit, form)
        return self._site.show(
            "keys/made.html", visit, title="Copy the key now", key=key, secret=secret
        )

    async def ask(self, request: Request, visit: Visit) -> Response:
        """Ask before a key is taken back."""
        key = await self._named(request, visit)
        return self._site.show(
            "keys/revoke.html", visit, title="Revoke a service key", back="/keys", key=key
        )

    async def revoke(self, request: Request, visit: Visit) -> Response:
        """Take the key back."""
        await self._site.form(request, visit)
        await self._keys.revoke(await self._named(request, visit), by=visit.subject)
        return see("/keys")

    async def _named(self, request: Request, visit: Visit) -> ServiceKey:
        try:
            return await self._keys.get(
                visit.session.identity.tenant, request.path_params["key_id"]
            )
        except KeyUnknown:
            raise HTTPException(404) from None

    def _form(self, visit: Visit, form: Form) -> Response:
        return self._site.show(
            "keys/new.html",
            visit,
            errors=form.errors,
            title="Make a service key",
            back="/keys",
            values=form.values,
            choices={box: SCOPES[scope] for box, scope in CHOICES.items()},
        )

    def _asked(self, form: Form, visit: Visit) -> ServiceKey | None:
        """Return the key that a form asks for; None when the form has faults, which it notes."""
        name = form.text("name", missing="Enter a name for the key", longest=NAME_MAX)
        agreement_id = form.text("agreement", missing="Enter the agreement's id", longest=64)
        subject = form.text("subject", missing="Enter the reader's id", longest=SUBJECT_MAX)
        scopes = tuple(scope for box, scope in CHOICES.items() if form.values.get(box))
        if not scopes:
            form.refuse(next(iter(CHOICES)), "Select what the key may read")
        now = self._site.clock.now()
        last = form.day("ends", missing="Enter the last day on which the key is good")
        if last is not None and not london_date(now) <= last < london_date(now + LONGEST):
            form.refuse("ends-day", "The last day must be today or later, and within a year")
        if form.errors or last is None:
            return None
        return ServiceKey(
            id=_uuid(form.values.get("key_id", "")),
            tenant=visit.session.identity.tenant,
            name=name,
            subject=subject,
            agreement_id=agreement_id,
            scopes=scopes,
            created_by=visit.subject,
            created_at=now,
            expires_at=datetime.combine(last + _DAY, time(), LONDON),
        )


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return new_id()
