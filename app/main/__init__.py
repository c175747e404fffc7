"""The pages of the wiki. ``blueprint`` is all that ``create_app`` needs."""

from app.main import (
    administration,
    assistance,
    attribute_forms,
    category_forms,
    changes,
    comparison,
    discovery,
    editing,
    feeds,
    files,
    history,
    home,
    item_forms,
    items,
    moderation,
    search,
)
from app.main.blueprint import blueprint

__all__ = [
    "administration",
    "assistance",
    "attribute_forms",
    "blueprint",
    "category_forms",
    "changes",
    "comparison",
    "discovery",
    "editing",
    "feeds",
    "files",
    "history",
    "home",
    "item_forms",
    "items",
    "moderation",
    "search",
]
