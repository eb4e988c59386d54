"""Whether a request of a browser came from our own pages: the cookie, and CSRF."""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.errors import PermissionDenied

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"


class CsrfRefused(PermissionDenied):
    """A write with a session's cookie that did not come from our own pages."""

    reason = "CSRF_REFUSED"


class SessionCookie:
    """The cookie that carries a session's id.

    Args:
        secure: Whether people use https; a `__Host-` cookie is bound to this host and to https.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.name = "__Host-localresponse" if secure else "localresponse"

    def read(self, request: Request) -> str:
        """Return the id that the browser sent; empty if none."""
        return request.cookies.get(self.name, "")

    def set(self, response: Response, value: str) -> None:
        """Give the browser an id; the cookie ends with the browser, the session on the server."""
        response.set_cookie(
            self.name, value, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response) -> None:
        """Take the id away."""
        response.delete_cookie(
            self.name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


def same_site(request: Request) -> bool:
    """Return whether the browser says that the request is from a page of this origin.

    Browsers older than Sec-Fetch-Site send Origin with every form; a request with neither is
    no browser's, and the token still has to be right.
    """
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def require_genuine(request: Request, *, expected: str, given: str) -> None:
    """Do nothing when a write came from our own pages with the session's token.

    Raises:
        CsrfRefused: It did not.
    """
    if not same_site(request):
        raise CsrfRefused("the request came from another site")
    if not compare_digest(expected.encode(), given.encode()):
        raise CsrfRefused("the form's token is missing or not this session's; load the page again")
