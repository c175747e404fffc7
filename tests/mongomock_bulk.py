"""mongomock's bulk updates know no ``sort``, which pymongo has named in each of its own since 4.11."""

from typing import Any

from mongomock.collection import BulkOperationBuilder

_add_update = BulkOperationBuilder.add_update


def _without_sort(builder: BulkOperationBuilder, *arguments: Any, sort: None = None, **others: Any) -> None:
    assert sort is None
    _add_update(builder, *arguments, **others)


def mend() -> None:
    """Let bulk updates without a ``sort`` through."""
    BulkOperationBuilder.add_update = _without_sort
