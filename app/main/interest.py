"""What readers look at, for the order of suggestions and for the popular comparisons."""

from collections.abc import Iterable
from contextlib import suppress

from app import read_only
from app.domain.errors import DatabaseUnavailable
from app.extensions import stores


def count_view(slugs: Iterable[str]) -> None:
    """Count a view of an entry or of a comparison, unless this site writes nothing.

    A reader who has the page does not lose it because the count cannot be written.
    """
    if not read_only.is_on():
        with suppress(DatabaseUnavailable):
            stores().views.count_view(slugs)
