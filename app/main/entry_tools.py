"""What the page of an entry offers to those who may change it."""

from datetime import UTC, datetime

from app.domain.categories import Category, Property
from app.domain.items import Item
from app.domain.permissions import Permission, allows
from app.domain.users import Role
from app.extensions import current_actor


def of(item: Item, category: Category | None) -> dict[str, object]:
    """Return the variables of the templates: who may do what, and which properties are still empty."""
    actor, now = current_actor(), datetime.now(UTC)
    unprotected = not item.protection or actor.role.includes(Role(item.protection))
    can_edit = allows(actor, Permission.EDIT, now) and unprotected
    return {
        "can_edit": can_edit,
        "can_delete": allows(actor, Permission.DELETE, now),
        "can_edit_category": category is not None and allows(actor, Permission.EDIT_CATEGORY, now),
        "empty_properties": empty_properties(item, category) if can_edit else (),
    }


def empty_properties(item: Item, category: Category | None) -> tuple[Property, ...]:
    """Return the properties of the category that the entry has no attribute for."""
    if category is None:
        return ()
    filled = {prop.key for a in item.attributes if (prop := category.find_property(a.key))}
    return tuple(prop for prop in category.properties if prop.key not in filled)
