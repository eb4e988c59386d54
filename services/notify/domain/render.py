"""From a template and values to what a channel sends: plain text, HTML, SMS."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.notify.domain.template import Template, canonical, fill
from services.notify.domain.words import Kind, Language

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS = {
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    Language.CY: (
        *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
        *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
    ),
}
_STYLE = "font-family:sans-serif;font-size:1.1em;line-height:1.5;max-width:36em"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent; `sms` is empty when the template has none."""

    title: str
    subject: str
    body: str
    html: str
    sms: str


def render(
    template: Template, language: Language, values: Mapping[str, str], *, url: str = ""
) -> Rendered:
    """Fill the template's text.

    Args:
        template: A version.
        language: The recipient's.
        values: Checked by `lint.check_values`.
        url: The page to go to; put under the body and after the SMS.
    """
    text = template.text(language)
    kinds = {canonical(each.name): each.kind for each in template.placeholders}
    given = {
        canonical(name): _said(value, kinds.get(canonical(name)), language)
        for name, value in values.items()
    }
    body = fill(text.body, given).strip()
    if url:
        body = f"{body}\n\n{url}"
    sms = fill(text.sms, given).strip()
    return Rendered(
        title=text.title,
        subject=" ".join(fill(text.subject, given).split()),
        body=body,
        html=_html(body, language),
        sms=f"{sms} {url}".strip() if sms else "",
    )


def samples(template: Template) -> dict[str, str]:
    """Return each placeholder's sample, to preview with."""
    return {placeholder.name: placeholder.sample for placeholder in template.placeholders}


def date_in_words(day: date, language: Language) -> str:
    """Return a date as it is said in a language, such as `2 Tachwedd 2026`."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def _said(value: str, kind: Kind | None, language: Language) -> str:
    """Return a value as it is said in a language: a date that came as ISO 8601 in words."""
    if kind is not Kind.DATE or not _ISO_DATE.fullmatch(value):
        return value
    return date_in_words(date.fromisoformat(value), language)


def _html(body: str, language: Language) -> str:
    """Return paragraphs, lists and headings of escaped text; nothing else becomes markup."""
    blocks = [_block(block) for block in re.split(r"\n\s*\n", body) if block.strip()]
    return f'<html lang="{language}"><body style="{_STYLE}">{"".join(blocks)}</body></html>'


def _block(block: str) -> str:
    lines = [line.strip() for line in block.strip().splitlines()]
    if all(line.startswith("* ") for line in lines):
        return f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in lines)}</ul>"
    if len(lines) == 1 and lines[0].startswith("# "):
        return f"<h2>{_inline(lines[0][2:])}</h2>"
    return f"<p>{'<br>'.join(_inline(line) for line in lines)}</p>"


def _inline(line: str) -> str:
    escaped = html.escape(line)
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
