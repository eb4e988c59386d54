"""What a template may not hold: undeclared placeholders, and anything that speaks of a child.

E-mail, SMS, letters and webhooks leave the signed-in pages, so no value in them may describe a
child, and what a person wrote freely stands in no subject, SMS or webhook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from services.notify.domain.template import Placeholder, Template, Text, canonical, used
from services.notify.domain.words import Channel, Kind, Language
from services.notify.errors import TemplateInvalid, TemplateUnsafe, ValuesInvalid

_ABOUT_A_CHILD = re.compile(
    r"child|pupil|student|learner|upn|dob|birth|diagnos|safeguard|attendance|sibling|"
    r"(first|last|sur|fore|full|family|given)name|plentyn|disgybl"
)
_FREE = re.compile(r"(^|_)(name|notes?|reason|comment|description|detail|details|need)(_|$)")
_VALUE = {
    Kind.REFERENCE: re.compile(r"[A-Z0-9][A-Z0-9/_.-]{0,39}"),
    Kind.MONEY: re.compile(r"-?£[0-9]{1,3}(,?[0-9]{3})*(\.[0-9]{2})?"),
    Kind.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2} \w+ [0-9]{4}"),
    Kind.COUNT: re.compile(r"[0-9]{1,12}"),
    Kind.TEXT: re.compile(r"(?s).{0,500}"),
}
_UNBALANCED = re.compile(r"\(\(|\)\)")


def check(template: Template) -> None:
    """Refuse a template that cannot be sent, or may not be.

    Raises:
        TemplateInvalid: English or Welsh is missing, a mark is broken, a name is used and not
            declared or declared twice, or SMS is wanted without its text.
        TemplateUnsafe: A placeholder speaks of a child, or free text stands in a subject or SMS.
    """
    _check_declared(template)
    _check_complete(template)
    for language, text in template.texts.items():
        for part, content in _parts(text).items():
            _check_part(template, f"{part} ({language})", content)
    _check_safe(template)


def check_values(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values by canonical name.

    Raises:
        ValuesInvalid: One is required and missing, not declared, or not of its kind; names only,
            never the value.
    """
    given = {canonical(name): value for name, value in values.items()}
    declared = {canonical(each.name): each for each in template.placeholders}
    missing = [
        each.name for key, each in declared.items() if not each.optional and key not in given
    ]
    unknown = [name for name in values if canonical(name) not in declared]
    wrong = [
        declared[key].name
        for key, value in given.items()
        if key in declared and not _VALUE[declared[key].kind].fullmatch(value)
    ]
    for problem, names in (("are required", missing), ("are not declared", unknown)):
        if names:
            raise _values(f"these values {problem}: {_listed(names)}", names)
    if wrong:
        raise _values(f"these values are not of their kind: {_listed(wrong)}", wrong)
    return given


def _values(message: str, names: Iterable[str]) -> ValuesInvalid:
    return ValuesInvalid(f"values: {message}", field="values", placeholders=_listed(names))


def _check_declared(template: Template) -> None:
    names = [canonical(each.name) for each in template.placeholders]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TemplateInvalid(
            f"placeholders: declared twice: {_listed(twice)}",
            field="placeholders",
            placeholders=_listed(twice),
        )


def _check_complete(template: Template) -> None:
    missing = [language for language in Language if language not in template.texts]
    if missing:
        raise TemplateInvalid(
            f"texts: {_listed(missing)} is missing", field="texts", languages=_listed(missing)
        )
    if Channel.SMS in template.channels and not all(text.sms for text in template.texts.values()):
        raise TemplateInvalid("texts: an SMS needs its own text", field="texts")


def _check_part(template: Template, part: str, content: str) -> None:
    declared = {canonical(each.name) for each in template.placeholders}
    undeclared = sorted(used(content) - declared)
    if undeclared:
        raise TemplateInvalid(
            f"texts: the {part} uses undeclared placeholders: {_listed(undeclared)}",
            field="texts",
            placeholders=_listed(undeclared),
        )
    if part.startswith("title") and used(content):
        raise TemplateInvalid("texts: a title has no placeholders", field="texts")
    if len(_UNBALANCED.findall(content)) != 2 * len(_marks(content)):
        raise TemplateInvalid(f"texts: the {part} has a broken mark", field="texts")


def _check_safe(template: Template) -> None:
    about = [
        each.name for each in template.placeholders if _ABOUT_A_CHILD.search(canonical(each.name))
    ]
    if about:
        raise _unsafe("speak of a child", about, "template")
    disguised = [each.name for each in template.placeholders if _is_free(each)]
    free = {canonical(name) for name in disguised}
    for language, text in template.texts.items():
        for part, content in (("subject", text.subject), ("sms", text.sms)):
            found = sorted(used(content) & free)
            if found:
                raise _unsafe(f"are free text in the {part} ({language})", found, part)


def _is_free(placeholder: Placeholder) -> bool:
    return placeholder.kind is Kind.TEXT or bool(_FREE.search(placeholder.name))


def _unsafe(what: str, names: Iterable[str], part: str) -> TemplateUnsafe:
    listed = _listed(names)
    return TemplateUnsafe(
        f"placeholders: these {what}: {listed}; give the reference and a link instead",
        field="placeholders",
        placeholders=listed,
        part=part,
    )


def _parts(text: Text) -> dict[str, str]:
    return {"title": text.title, "subject": text.subject, "body": text.body, "sms": text.sms}


def _marks(content: str) -> list[str]:
    return re.findall(r"\(\([^()?]+(?:\?\?[^()]*)?\)\)", content)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
