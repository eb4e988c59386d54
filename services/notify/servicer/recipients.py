"""RecipientsService."""

from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import recipients_service_pb2 as pb
from localresponse.notify.v1.recipients_service_pb2_grpc import RecipientsServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Resource, caller, require
from services.chassis.unit_of_work import Commands
from services.notify.access import ACTIONS
from services.notify.commands import recipients as commands
from services.notify.commands import recipients_file
from services.notify.domain.recipient import Recipient
from services.notify.mapping import recipients as mapping
from services.notify.servicer.pages import Pages
from services.notify.storage import recipients


class Recipients(RecipientsServiceServicer):
    """People and what they asked for."""

    def __init__(self, commands_: Commands, pages: Pages) -> None:
        self._commands = commands_
        self._pages = pages

    async def UpsertRecipient(
        self, request: pb.UpsertRecipientRequest, context: Any
    ) -> pb.UpsertRecipientResponse:
        kept = mapping.kept(request)
        return await self._commands.run(
            request,
            pb.UpsertRecipientResponse,
            lambda work: mapping.kept_answer(commands.upsert(work, kept)),
        )

    async def GetRecipient(self, request: pb.GetRecipientRequest, context: Any) -> pb.Recipient:
        who = caller()
        resource = Resource(who.tenant, subject=request.subject)
        require(ACTIONS, who, "recipient.get", resource)
        person = await self._load(request.subject)
        if person is None:
            raise commands.unknown(request.subject)
        return mapping.recipient(person, contacts=True)

    async def ListRecipients(
        self, request: pb.ListRecipientsRequest, context: Any
    ) -> pb.ListRecipientsResponse:
        who = caller()
        found, token = await self._pages.read(
            request,
            lambda connection, cut: recipients.page(
                connection, who.tenant, after=cut.last, role=request.role, limit=cut.limit
            ),
            lambda person: person.subject,
        )
        shown = [mapping.recipient(person, contacts=False) for person in found]
        return pb.ListRecipientsResponse(recipients=shown, next_page_token=token)

    async def ImportRecipients(
        self, request: pb.ImportRecipientsRequest, context: Any
    ) -> pb.ImportRecipientsResponse:
        return await self._commands.run(
            request,
            pb.ImportRecipientsResponse,
            lambda work: mapping.imported(recipients_file.import_file(work, request.content)),
        )

    async def EndRecipientRole(
        self, request: pb.EndRecipientRoleRequest, context: Any
    ) -> pb.UpsertRecipientResponse:
        return await self._commands.run(
            request,
            pb.UpsertRecipientResponse,
            lambda work: mapping.kept_answer(
                commands.end_role(work, request.subject, request.role)
            ),
        )

    async def GetPreferences(
        self, request: pb.GetPreferencesRequest, context: Any
    ) -> pb.Preferences:
        subject = caller().subject
        return mapping.preferences(await self._load(subject) or Recipient(subject))

    async def UpdatePreferences(
        self, request: pb.UpdatePreferencesRequest, context: Any
    ) -> pb.Preferences:
        asked, language = mapping.asked(request), mapping.language(request)
        return await self._commands.run(
            request,
            pb.Preferences,
            lambda work: mapping.preferences(
                commands.update_preferences(work, asked, language, request.etag)
            ),
        )

    async def _load(self, subject: str) -> Recipient | None:
        tenant = caller().tenant

        def load(connection: Connection) -> Recipient | None:
            return recipients.load(connection, tenant, subject)

        return await self._pages.database.read(load)
