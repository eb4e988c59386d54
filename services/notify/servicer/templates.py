"""TemplatesService."""

from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import templates_service_pb2 as pb
from localresponse.notify.v1.templates_service_pb2_grpc import TemplatesServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.unit_of_work import Commands
from services.notify.commands import templates as commands
from services.notify.domain.words import Language
from services.notify.mapping import templates as mapping
from services.notify.mapping import words
from services.notify.queries import templates as queries
from services.notify.servicer.pages import Pages
from services.notify.storage.templates import Version


class Templates(TemplatesServiceServicer):
    """What messages say."""

    def __init__(self, commands_: Commands, pages: Pages) -> None:
        self._commands = commands_
        self._pages = pages

    async def CreateTemplateDraft(
        self, request: pb.CreateTemplateDraftRequest, context: Any
    ) -> pb.Template:
        content = mapping.content(request)
        return await self._commands.run(
            request, pb.Template, lambda work: mapping.template(commands.draft(work, content))
        )

    async def PublishTemplate(
        self, request: pb.PublishTemplateRequest, context: Any
    ) -> pb.Template:
        return await self._commands.run(
            request,
            pb.Template,
            lambda work: mapping.template(
                commands.publish(work, request.template_id, request.version)
            ),
        )

    async def GetTemplate(self, request: pb.GetTemplateRequest, context: Any) -> pb.Template:
        return mapping.template(await self._get(request.template_id, request.version))

    async def PreviewTemplate(
        self, request: pb.PreviewTemplateRequest, context: Any
    ) -> pb.TemplatePreview:
        version = await self._get(request.template_id, request.version)
        language = words.language_from(request.language) or Language.EN
        return mapping.preview(queries.preview(version, dict(request.values), language))

    async def ListTemplates(
        self, request: pb.ListTemplatesRequest, context: Any
    ) -> pb.ListTemplatesResponse:
        tenant = caller().tenant
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.page(
                connection, tenant, after=cut.last, limit=cut.limit
            ),
            lambda version: version.template.template_id,
        )
        return pb.ListTemplatesResponse(
            templates=[mapping.template(version) for version in found], next_page_token=token
        )

    async def _get(self, template_id: str, number: int) -> Version:
        tenant = caller().tenant

        def get(connection: Connection) -> Version:
            return queries.get(connection, tenant, template_id, number)

        return await self._pages.database.read(get)
