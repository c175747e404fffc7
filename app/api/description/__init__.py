"""The API's description of itself (OpenAPI 3.1): schemas, operations, and the document made of both."""

from app.api.description.document import document

__all__ = ["document"]
