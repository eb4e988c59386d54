"""The API's addresses: every route of the contract, its OpenAPI document, and the problems."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.api import reasons
from gateway.api.openapi import document
from gateway.api.problems import Problem
from gateway.api.transcoder import Api

_A_DAY = {"Cache-Control": "public, max-age=86400"}


def routes(api: Api, *, cookie: str) -> list[Route]:
    """Return the routes of the API.

    Args:
        api: Serves the contract.
        cookie: Name of the session's cookie, for the OpenAPI document.
    """
    catalogue = reasons.catalogue(api.contract)
    openapi = json.dumps(document(api.contract, cookie=cookie), ensure_ascii=False)

    async def openapi_document(_: Request) -> Response:
        return Response(openapi, media_type="application/json", headers=_A_DAY)

    async def problems(_: Request) -> Response:
        listed = [reason.as_json() for reason in catalogue.values()]
        return JSONResponse({"problems": listed}, headers=_A_DAY)

    async def problem(request: Request) -> Response:
        reason = catalogue.get(request.path_params["reason"])
        if reason is None:
            return Problem("NOT_FOUND", "There is no such problem type.", 404).response()
        return JSONResponse(reason.as_json(), headers=_A_DAY)

    return [
        Route("/api/v1/openapi.json", openapi_document),
        Route("/problems", problems),
        Route("/problems/{reason}", problem),
        Route("/api/{path:path}", api),
    ]
