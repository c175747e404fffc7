"""The addresses of a comparison's views: every control of the page is a link that changes one thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import quote, urlencode

from app.services.comparisons import Options

# What stays readable in a query: keys keep their commas.
_SAFE = ",-"


@dataclass(frozen=True, slots=True)
class View:
    """All that the address of a comparison says.

    ``slugs`` are the columns as requested. ``folded`` holds the anchors of groups that are shut,
    ``empty`` whether the rows that nobody fills are open.
    """

    slugs: tuple[str, ...]
    options: Options = field(default_factory=Options)
    folded: tuple[str, ...] = ()
    empty: bool = False

    def url(self) -> str:
        """Return the address of this view."""
        return with_query(path_of(self.slugs), self.query())

    def query(self) -> dict[str, str]:
        """Return the parameters of the address, for forms that lead to the same view of other columns."""
        query = self.options.to_query()
        if self.folded:
            query["fold"] = ",".join(self.folded)
        if self.empty:
            query["empty"] = "shown"
        return query

    def only(self, *, differences: bool) -> str:
        """Return the address with all rows, or with those that differ."""
        return self._with(only_differences=differences)

    def units(self, system: str) -> str:
        """Return the address with other units."""
        return self._with(units=system)

    def hide(self, key: str) -> str:
        """Return the address without a row."""
        return self._with(hide=(*self.options.hide, key))

    def unhide(self, key: str = "") -> str:
        """Return the address with a hidden row, or with all of them, brought back."""
        return self._with(hide=tuple(hidden for hidden in self.options.hide if key and hidden != key))

    def sort(self, key: str) -> str:
        """Return the address with the columns ordered by a row: up, then down, then as they were."""
        step = {key: f"-{key}", f"-{key}": ""}
        return self._with(sort=step.get(self.options.sort, key))

    def columns(self, slugs: Sequence[str]) -> str:
        """Return the address with other columns, in the order given."""
        order = replace(self.options, sort="")
        return replace(self, slugs=tuple(slugs), options=order).url()

    def without(self, slug: str) -> str:
        """Return the address without a column; the order by a row stays."""
        return replace(self, slugs=tuple(other for other in self.slugs if other != slug)).url()

    def fold(self, anchor: str) -> str:
        """Return the address with a group shut, or open if it was."""
        rest = tuple(other for other in self.folded if other != anchor)
        return replace(self, folded=rest if anchor in self.folded else (*rest, anchor)).url()

    def toggle_empty(self) -> str:
        """Return the address with the rows that nobody fills open, or shut."""
        return replace(self, empty=not self.empty).url()

    def download(self, form: str) -> str:
        """Return the address of this view as a file."""
        return with_query(path_of(self.slugs), {**self.options.to_query(), "format": form})

    def _with(self, **changes: object) -> str:
        return replace(self, options=replace(self.options, **changes)).url()  # type: ignore[arg-type]


def path_of(slugs: Iterable[str]) -> str:
    """Return the path of a comparison."""
    return "/compare/" + "/".join(map(_quoted, slugs))


@lru_cache(maxsize=4096)
def _quoted(slug: str) -> str:
    # A page has a hundred links to the views of a few entries.
    return quote(slug, safe="")


def with_query(path: str, query: Mapping[str, str]) -> str:
    """Return ``path`` with a query string, or as it is without one."""
    return f"{path}?{urlencode(query, safe=_SAFE)}" if query else path


def moved(slugs: Sequence[str], index: int, step: int) -> list[str]:
    """Return ``slugs`` with the one at ``index`` exchanged with its neighbour."""
    order = list(slugs)
    order[index], order[index + step] = order[index + step], order[index]
    return order
