"""Every refusal of notify, in order of precedence.

ServiceError
├── InvalidArgument
│   ├── EmailInvalid             not an e-mail address
│   ├── PhoneInvalid             not a number that can take a text
│   ├── RecipientsFileInvalid    a CSV file that cannot be read as a whole
│   ├── TemplateInvalid          undeclared placeholders, or a text is missing
│   ├── TemplateUnsafe           a child's details, or free text where it may not stand
│   ├── ValuesInvalid            a required value is missing, or not of its kind
│   ├── UnsubscribeTokenInvalid  forged or altered; UnsubscribeTokenExpired: its time is over
│   └── WebhookAddressRefused    not a public https address
├── NotFound
│   ├── RecipientUnknown, MessageUnknown, TemplateUnknown
│   └── EndpointUnknown, SuppressionUnknown, ReceiptUnknown
├── FailedPrecondition
│   ├── TemplatePublished        the version is published already
│   ├── MessageState             the message is past that point
│   ├── TeamOnly                 the recipient is not of the team
│   ├── NoRecipient              nobody holds the role
│   └── PreferenceRefused        a statutory category cannot be opted out of
└── Aborted                      the chassis's stale etag
"""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


class EmailInvalid(InvalidArgument):
    """It is not an e-mail address."""

    reason = "EMAIL_INVALID"


class PhoneInvalid(InvalidArgument):
    """It is not a telephone number that can take a text."""

    reason = "PHONE_INVALID"


class RecipientsFileInvalid(InvalidArgument):
    """A CSV file of recipients cannot be read as a whole."""

    reason = "RECIPIENTS_FILE_INVALID"


class TemplateInvalid(InvalidArgument):
    """A template uses what it does not declare, or lacks a text."""

    reason = "TEMPLATE_INVALID"


class TemplateUnsafe(InvalidArgument):
    """A template would carry a child's details, or free text, out of the signed-in pages."""

    reason = "TEMPLATE_UNSAFE"


class ValuesInvalid(InvalidArgument):
    """A required value is missing, unknown or not of its kind."""

    reason = "VALUES_INVALID"


class WebhookAddressRefused(InvalidArgument):
    """An endpoint is not https, or its address is private."""

    reason = "WEBHOOK_ADDRESS_REFUSED"


class UnsubscribeTokenInvalid(InvalidArgument):
    """The token of an unsubscribe link was not made here, or was altered."""

    reason = "UNSUBSCRIBE_TOKEN_INVALID"


class UnsubscribeTokenExpired(InvalidArgument):
    """The token of an unsubscribe link is ours, and its time is over."""

    reason = "UNSUBSCRIBE_TOKEN_EXPIRED"


class RecipientUnknown(NotFound):
    """There is no such recipient in the caller's authority."""

    reason = "RECIPIENT_UNKNOWN"


class MessageUnknown(NotFound):
    """There is no such message in the caller's authority, or it is another person's."""

    reason = "MESSAGE_UNKNOWN"


class TemplateUnknown(NotFound):
    """There is no such template, or no such version of it."""

    reason = "TEMPLATE_UNKNOWN"


class EndpointUnknown(NotFound):
    """There is no such webhook endpoint in the caller's authority."""

    reason = "ENDPOINT_UNKNOWN"


class SuppressionUnknown(NotFound):
    """There is no such suppression in the caller's authority, or it was cleared."""

    reason = "SUPPRESSION_UNKNOWN"


class ReceiptUnknown(NotFound):
    """A receipt names no message that was handed to that provider."""

    reason = "RECEIPT_UNKNOWN"


class TemplatePublished(FailedPrecondition):
    """The version is published already."""

    reason = "TEMPLATE_PUBLISHED"


class MessageState(FailedPrecondition):
    """The message is past the point where this can be done."""

    reason = "MESSAGE_STATE"


class TeamOnly(FailedPrecondition):
    """Team-only mode: the recipient is not of the team."""

    reason = "TEAM_ONLY"


class NoRecipient(FailedPrecondition):
    """Nobody holds the role that was addressed."""

    reason = "NO_RECIPIENT"


class PreferenceRefused(FailedPrecondition):
    """A preference that the rules do not allow."""

    reason = "PREFERENCE_REFUSED"
