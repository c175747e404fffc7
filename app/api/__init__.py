"""The REST API, version 1: resources beside this module hang themselves on the blueprint."""

from app.api import (
    accounts,
    attributes,
    categories,
    changes,
    comparisons,
    docs,
    files,
    items,
    revisions,
    search,
)
from app.api.blueprint import blueprint

__all__ = [
    "accounts",
    "attributes",
    "blueprint",
    "categories",
    "changes",
    "comparisons",
    "docs",
    "files",
    "items",
    "revisions",
    "search",
]
