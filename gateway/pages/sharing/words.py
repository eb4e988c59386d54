"""Releases, agreements and their symbols in the words and colours of a page."""

from __future__ import annotations

from localresponse.outcomes.v1 import agreements_service_pb2 as agreements
from localresponse.outcomes.v1 import releases_service_pb2 as releases

RELEASE_STATES = {
    releases.RELEASE_STATE_DRAFT: ("Draft", "yellow"),
    releases.RELEASE_STATE_PUBLISHED: ("Published", "green"),
    releases.RELEASE_STATE_WITHDRAWN: ("Withdrawn", "red"),
}

CHANGES = {
    releases.RELEASE_CHANGE_KIND_MAJOR: "Something is gone",
    releases.RELEASE_CHANGE_KIND_MINOR: "Something is new",
    releases.RELEASE_CHANGE_KIND_PATCH: "Corrected",
}

AGREEMENT_STATES = {
    agreements.AGREEMENT_STATE_PENDING: ("Not begun", "blue"),
    agreements.AGREEMENT_STATE_CURRENT: ("In force", "green"),
    agreements.AGREEMENT_STATE_LAPSED: ("Lapsed", "grey"),
}

LAWFUL_BASES = {
    agreements.LAWFUL_BASIS_PUBLIC_TASK: "Public task, UK GDPR article 6(1)(e)",
    agreements.LAWFUL_BASIS_LEGAL_OBLIGATION: "Legal obligation, UK GDPR article 6(1)(c)",
    agreements.LAWFUL_BASIS_CONSENT: "Consent, UK GDPR article 6(1)(a)",
    agreements.LAWFUL_BASIS_LEGITIMATE_INTERESTS: "Legitimate interests, UK GDPR article 6(1)(f)",
}

FIELDS = {"age_years": "Age in whole years", "phase": "Phase of the school"}

SYMBOLS = {
    "c": "Not shown, because it is about too few children, or would tell of a few",
    "z": "Does not apply here",
    "x": "Not available, such as too few sessions to say",
    "low": "Rounds to nothing, and is not nothing",
}
"""The symbols of the Department for Education's statistics, as our tables use them."""
