"""RecipientsService."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from localresponse.notify.v1 import recipients_service_pb2 as pb
from localresponse.notify.v1.recipients_service_pb2_grpc import RecipientsServiceServicer
from sqlalchemy import Connection

from services.chassis import audit, auth
from services.chassis.auth import Principal, Resource, caller, require
from services.chassis.clock import Clock
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.notify.access import ACTIONS
from services.notify.commands import recipients as commands
from services.notify.commands import recipients_file
from services.notify.domain.recipient import Recipient
from services.notify.mapping import recipients as mapping
from services.notify.mapping import words
from services.notify.servicer.pages import Pages
from services.notify.storage import recipients
from services.notify.unsubscribing import UnsubscribeTokens


class Recipients(RecipientsServiceServicer):
    """People and what they asked for."""

    def __init__(
        self,
        commands_: Commands,
        pages: Pages,
        *,
        unsubscribing: UnsubscribeTokens,
        clock: Clock,
    ) -> None:
        self._commands = commands_
        self._pages = pages
        self._unsubscribing = unsubscribing
        self._clock = clock

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

    async def Unsubscribe(
        self, request: pb.UnsubscribeRequest, context: Any
    ) -> pb.UnsubscribeResponse:
        leaving = self._unsubscribing.read(request.token, self._clock.now())
        _become(replace(caller(), tenant=leaving.tenant, subject=leaving.subject))
        category = leaving.category
        answer = pb.UnsubscribeResponse(category=words.category_to(category))

        def leave(work: UnitOfWork) -> pb.UnsubscribeResponse:
            commands.unsubscribe(work, category)
            return answer

        return await self._commands.run(request, pb.UnsubscribeResponse, leave)

    async def _load(self, subject: str) -> Recipient | None:
        tenant = caller().tenant

        def load(connection: Connection) -> Recipient | None:
            return recipients.load(connection, tenant, subject)

        return await self._pages.database.read(load)


def _become(person: Principal) -> None:
    """Serve the rest of this rpc, and record it, as whom a verified token names."""
    call = audit.current()
    if call is not None:
        call.principal = person
    auth.enter(person)
