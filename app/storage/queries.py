"""What a caller may ask of the lists: plain values, never a piece of a database query."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """A condition on one attribute.

    ``ranges`` are pairs of sort keys, lower inclusive and upper exclusive, as ``Kind.filter_range``
    gives them; any of them may match. An open end is "". ``upper`` asks the ranges of the value's
    upper end where it has one (``.lte`` of a range: all of it is below). ``members`` are keys of list
    elements (``SortKeys.members``), of which the value must contain one. Where there are both, either
    will do.
    """

    key: str
    ranges: tuple[tuple[str, str], ...] = ()
    members: tuple[str, ...] = ()
    upper: bool = False


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """A list of items.

    ``sort`` is ``title``, ``updated_at`` or ``attr.KEY``, with ``-`` before it to descend; items
    without the attribute come last either way. ``text`` keeps items that contain all its words.
    ``fields``, where given and all of them fields of ItemHead, makes rows of ItemHead that hold those
    alone (and ``id``); otherwise rows are whole items. ``count`` adds the total, at the price of a count.
    """

    category: str = ""
    text: str = ""
    filters: tuple[AttributeFilter, ...] = ()
    sort: str = "title"
    limit: int = 20
    cursor: str = ""
    fields: frozenset[str] | None = None
    count: bool = False


@dataclass(frozen=True, slots=True)
class ChangeQuery:
    """A list of changes, newest first. Conditions that are "" do not apply.

    ``user`` is a username; ``key`` an attribute that the change touched; ``action`` one of Action;
    ``item_id`` keeps the changes of one item, and no item has one that cannot be an id.
    """

    category: str = ""
    user: str = ""
    key: str = ""
    action: str = ""
    item_id: str = ""
    limit: int = 50
    cursor: str = ""
