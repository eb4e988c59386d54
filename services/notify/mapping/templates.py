"""Templates and previews."""

from __future__ import annotations

from localresponse.notify.v1 import templates_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.notify.domain.render import Rendered
from services.notify.domain.template import Placeholder, Template, Text
from services.notify.domain.words import Channel, Language
from services.notify.mapping import words
from services.notify.storage.templates import Version


def content(request: pb.CreateTemplateDraftRequest) -> Template:
    """Return the content of a draft."""
    channels = [words.channel_from(channel) for channel in request.channels]
    asked = [channel for channel in channels if channel] or [Channel.EMAIL]
    return Template(
        template_id=request.template_id,
        category=words.category_from(request.category),
        urgency=words.urgency_from(request.urgency),
        channels=tuple(dict.fromkeys([Channel.IN_APP, *asked])),
        texts={
            words.language_from(text.language) or Language.EN: Text(
                title=text.title, subject=text.subject, body=text.body, sms=text.sms
            )
            for text in request.texts
        },
        placeholders=tuple(
            Placeholder(
                name=each.name,
                kind=words.kind_from(each.kind),
                sample=each.sample,
                optional=each.optional,
            )
            for each in request.placeholders
        ),
    )


def template(version: Version) -> pb.Template:
    """Return a version."""
    held = version.template
    return pb.Template(
        template_id=held.template_id,
        version=held.version,
        published=version.published_at is not None,
        shipped=version.shipped,
        category=words.category_to(held.category),
        urgency=words.urgency_to(held.urgency),
        placeholders=[
            pb.Placeholder(
                name=each.name,
                kind=words.kind_to(each.kind),
                optional=each.optional,
                sample=each.sample,
            )
            for each in held.placeholders
        ],
        texts=[
            pb.TemplateText(
                language=words.language_to(language),
                title=text.title,
                subject=text.subject,
                body=text.body,
                sms=text.sms,
            )
            for language, text in sorted(held.texts.items(), reverse=True)
        ],
        channels=[words.channel_to(channel) for channel in held.channels],
        create_time=timestamp_to_proto(version.created_at),
        publish_time=timestamp_to_proto(version.published_at) if version.published_at else None,
    )


def preview(rendered: Rendered) -> pb.TemplatePreview:
    """Return how a version looks."""
    return pb.TemplatePreview(
        title=rendered.title,
        subject=rendered.subject,
        body=rendered.body,
        html=rendered.html,
        sms=rendered.sms,
    )
