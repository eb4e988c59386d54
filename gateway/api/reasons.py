"""Every reason the API can refuse with: the gateway's own, and the services' from their protos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.api.contract import Contract
from gateway.api.problems import kebab, title

_PREFIX = "ERROR_REASON_"

OWN: Mapping[str, str] = {
    "MALFORMED_JSON": "The body is not one JSON object in UTF-8 with each name used once.",
    "NESTED_TOO_DEEP": "The body has objects or lists inside one another beyond the limit of 32.",
    "INVALID_FIELD": "A field, parameter or header is unknown or has a value it may not have; "
    "`errors` names each.",
    "MONEY_TOO_FINE": "An amount has a fraction of a penny.",
    "MONEY_OUT_OF_RANGE": "An amount is negative where it may not be, or above 2^53 pence.",
    "CURRENCY_NOT_ACCEPTED": "An amount is in another currency than pounds sterling.",
    "DATE_INVALID": "A date has no day, month or year, or does not exist.",
    "DEAD_LETTER_UNKNOWN": "There is no such dead letter, or it was replayed already.",
    "UNSUPPORTED_CONTENT_TYPE": "A body must be sent as application/json in UTF-8.",
    "PAYLOAD_TOO_LARGE": "The body, or the file in it, is larger than it may be; "
    "`limit_bytes` says how large that is.",
    "IDEMPOTENCY_KEY_MISSING": "A write needs an Idempotency-Key header, or `requestId` in its "
    "body, so that it can be sent again safely.",
    "IDEMPOTENCY_KEY_MISMATCH": "The Idempotency-Key header and `requestId` name two different "
    "requests.",
    "REQUEST_ID_REUSED": "The key was used before with other input. Take a new key for new input.",
    "PRECONDITION_REQUIRED": "The write needs If-Match with the ETag that was read.",
    "ETAG_STALE": "Somebody changed the resource since it was read. Read it again and decide.",
    "UNKNOWN_ROUTE": "No such path in this API.",
    "METHOD_NOT_ALLOWED": "The path exists, the method does not; Allow names those that do.",
    "TOKEN_MISSING": "The call needs a bearer token or a signed-in session.",
    "TOKEN_EXPIRED": "The token's five minutes are over.",
    "TOKEN_WRONG_AUDIENCE": "The token was minted for other services.",
    "TOKEN_INVALID": "The token is malformed, forged, or of another issuer.",
    "SERVICE_KEY_REFUSED": "The service key is unknown, was revoked, or has expired. Ask the "
    "authority's administrator for a new one.",
    "SERVICE_KEY_NOT_FOUND": "The authority has no service key of that id.",
    "SERVICE_KEY_EXISTS": "The form was sent before, and its key was shown then.",
    "CSRF_REFUSED": "A write from a browser session needs the session's X-CSRF-Token, from our "
    "own pages.",
    "ACTION_NOT_ALLOWED": "The caller's role may not do this here.",
    "NOT_FOUND": "Unknown, or not the caller's to know of.",
    "ALREADY_EXISTS": "There is one already.",
    "WRONG_STATE": "The resource is in a state in which this may not happen.",
    "PAGE_TOKEN_INVALID": "The page token is not one that this query gave out.",
    "TOO_MANY_REQUESTS": "A service is asked too much or too often; wait and go on.",
    "UNPARSABLE": "A message that the gateway sent is not one that the service knows.",
    "SIGN_IN_REFUSED": "The identity provider did not say who this is.",
    "RATE_LIMITED": "Too many requests; Retry-After says when to go on.",
    "SERVICE_UNAVAILABLE": "A service behind the API does not answer. Send it again with the "
    "same key.",
    "DEADLINE_EXCEEDED": "The service took too long. A write may have happened: send it again "
    "with the same key.",
    "UNIMPLEMENTED": "The service does not know the call: its version is older than the gateway's.",
    "INTERNAL": "A mistake of ours. It is logged under the trace id.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its stable name, who can give it, and what it means."""

    name: str
    owner: str
    meaning: str

    def as_json(self) -> dict[str, str]:
        """Return the entry as the catalogue shows it."""
        return {
            "type": "/problems/" + kebab(self.name),
            "reason": self.name,
            "title": title(self.name),
            "owner": self.owner,
            "meaning": self.meaning,
        }


def catalogue(contract: Contract) -> dict[str, Reason]:
    """Return every reason by its kebab name; a service's own text wins over ours."""
    found = {kebab(name): Reason(name, "gateway", meaning) for name, meaning in OWN.items()}
    for enum in contract.reasons:
        owner = enum.full_name.split(".")[1]
        for value in enum.values:
            if value.number == 0:
                continue
            name = value.name.removeprefix(_PREFIX)
            meaning = contract.comments.get(f"{enum.full_name}.{value.name}", "")
            found[kebab(name)] = Reason(name, owner, meaning)
    return dict(sorted(found.items()))
