"""OpenAPI 3.1, generated from the descriptors, their comments and their validation rules."""

from gateway.api.openapi.document import document

__all__ = ["document"]
