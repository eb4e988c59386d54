"""What a person is sent, and how: by category, with digests, quiet hours and language."""

from __future__ import annotations

import re

from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.forms import Form
from gateway.pages.refusals import sentence
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id

CATEGORIES = {
    "requests": ("What becomes of my requests", types.CATEGORY_REQUESTS),
    "decisions": ("Decisions that wait for me", types.CATEGORY_DECISIONS),
    "money": ("Sources, budgets and payments", types.CATEGORY_MONEY),
    "outcomes": ("Thresholds, analyses and releases", types.CATEGORY_OUTCOMES),
}
"""What a person may choose about; what the law has them told is not among it."""

CHANNELS = {
    "email": ("E-mail", types.CHANNEL_EMAIL),
    "sms": ("Text message", types.CHANNEL_SMS),
    "letter": ("Letter", types.CHANNEL_LETTER),
}
DIGESTS = {
    "none": ("Each by itself", pb.DIGEST_NONE),
    "daily": ("Once a working day, at 8am", pb.DIGEST_DAILY),
    "weekly": ("Once a week, at 8am", pb.DIGEST_WEEKLY),
}
LANGUAGES = {
    "en": ("English", types.LANGUAGE_EN),
    "cy": ("Welsh (Cymraeg)", types.LANGUAGE_CY),
}
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class PreferencePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the form and where it is sent."""
        page = self._site.page
        return [
            Route("/messages/preferences", page(self.form)),
            Route("/messages/preferences", page(self.save), methods=["POST"]),
        ]

    async def form(self, request: Request, visit: Visit) -> Response:
        """Show what is asked for now."""
        asked = pb.GetPreferencesRequest()
        now = await ask(visit, self._site.services.recipients.GetPreferences, asked)
        return self._show(visit, Form(_values(now)), saved="saved" in request.query_params)

    async def save(self, request: Request, visit: Visit) -> Response:
        """Keep what is asked for; the whole form stands for all of it."""
        form = await self._site.form(request, visit)
        wanted = _wanted(form)
        if form.errors:
            return self._show(visit, form)
        try:
            await ask(visit, self._site.services.recipients.UpdatePreferences, wanted)
        except Refusal as refusal:
            form.refuse("", sentence(refusal))
            return self._show(visit, form)
        return see("/messages/preferences?saved=yes")

    def _show(self, visit: Visit, form: Form, *, saved: bool = False) -> Response:
        return self._site.show(
            "preferences.html",
            visit,
            errors=form.errors,
            title="What you are sent",
            back="/messages",
            values=form.values,
            saved=saved,
            categories={slug: words for slug, (words, _) in CATEGORIES.items()},
            channels={slug: words for slug, (words, _) in CHANNELS.items()},
            digests={slug: words for slug, (words, _) in DIGESTS.items()},
            languages={slug: words for slug, (words, _) in LANGUAGES.items()},
        )


def _values(now: pb.Preferences) -> dict[str, str]:
    values = {
        "request_id": new_id(),
        "etag": now.etag,
        "quiet_start": now.quiet_start,
        "quiet_end": now.quiet_end,
        "language": next((slug for slug, one in LANGUAGES.items() if one[1] == now.language), "en"),
    }
    kept = {one.category: one for one in now.categories}
    for slug, (_, category) in CATEGORIES.items():
        asked = kept.get(category, pb.CategoryPreference())
        for channel, (_, number) in CHANNELS.items():
            values[f"{slug}-{channel}"] = "" if number in asked.opt_outs else "yes"
        digest = [name for name, one in DIGESTS.items() if one[1] == asked.digest]
        values[f"{slug}-digest"] = digest[0] if digest else "none"
    return values


def _wanted(form: Form) -> pb.UpdatePreferencesRequest:
    language = form.choice("language", LANGUAGES, missing="Select a language")
    start, end = (form.text(name, longest=5) for name in ("quiet_start", "quiet_end"))
    if bool(start) != bool(end):
        form.refuse("quiet_end" if start else "quiet_start", "Enter both times, or neither")
    for name, given in (("quiet_start", start), ("quiet_end", end)):
        if given and not _TIME.fullmatch(given):
            form.refuse(name, "Enter a time like 19:00")
    categories = [
        pb.CategoryPreference(
            category=category,
            opt_outs=[
                number
                for channel, (_, number) in CHANNELS.items()
                if not form.values.get(f"{slug}-{channel}")
            ],
            digest=DIGESTS.get(form.values.get(f"{slug}-digest", ""), DIGESTS["none"])[1],
        )
        for slug, (_, category) in CATEGORIES.items()
    ]
    return pb.UpdatePreferencesRequest(
        request_id=form.values.get("request_id", ""),
        categories=categories,
        quiet_start=start,
        quiet_end=end,
        language=LANGUAGES[language][1] if language else types.LANGUAGE_UNSPECIFIED,
        etag=form.values.get("etag", ""),
    )
