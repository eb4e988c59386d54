"""Marks on their way into the product: by gRPC stream, or as a school's file over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import numpy as np
from localresponse.outcomes.v1 import register_service_pb2 as pb

from services.chassis.ids import new_id
from services.demonstration.api import GrpcApi, Json, bytes_field
from services.demonstration.calendar import HalfTerm
from services.demonstration.marks import CODES, Matrix, csv_of
from services.demonstration.stage import Stage

IMPORTER = "liaison"
_EPOCH = date(1970, 1, 1).toordinal()


async def import_half_term(stage: Stage, term: HalfTerm) -> Json:
    """Draw the half-term's marks and import them as the liaison officer of every school."""
    codes = stage.registers.draw(term.days)
    if isinstance(stage.api, GrpcApi):
        return await _stream(stage, term, codes)
    return await stage.call(
        "outcomes.RegisterService.ImportRegisterFile",
        IMPORTER,
        {
            "source": f"half-term-{term.number + 1}.csv",
            "content": bytes_field(csv_of(stage.borough, list(term.days), codes)),
        },
    )


async def _stream(stage: Stage, term: HalfTerm, codes: Matrix) -> Json:
    async def parts() -> AsyncIterator[pb.ImportRegisterRequest]:
        header = pb.RegisterHeader(
            request_id=new_id(),
            source=f"half-term-{term.number + 1}",
            scheme=pb.IDENTIFIER_SCHEME_UPN,
        )
        yield pb.ImportRegisterRequest(header=header)
        yield pb.ImportRegisterRequest(chunk=_chunk(stage, term, codes))

    who = stage.cast[IMPORTER].principal
    return await stage.bulk.stream("outcomes.RegisterService.ImportRegister", who, parts())


def _chunk(stage: Stage, term: HalfTerm, codes: Matrix) -> pb.RegisterChunk:
    children, days, sessions = codes.shape
    urns = [school.urn for school in stage.borough.schools]
    school_of = np.array([urns.index(child.urn) for child in stage.borough.children], "<u2")
    each = days * sessions
    ordinals = np.array([day.toordinal() - _EPOCH for day in term.days], "<u4")
    return pb.RegisterChunk(
        urns=urns,
        children=[child.upn for child in stage.borough.children],
        codes=list(CODES),
        urn_index=np.repeat(school_of, each).tobytes(),
        child_index=np.repeat(np.arange(children, dtype="<u4"), each).tobytes(),
        day=np.tile(np.repeat(ordinals, sessions), children).tobytes(),
        session=np.tile(np.arange(sessions, dtype=np.uint8), children * days).tobytes(),
        code_index=codes.reshape(-1).tobytes(),
    )
