"""The table of a comparison as HTML, joined from ready-made pieces.

A template with a macro for each cell costs ten times as much, and a comparison has up to 800 cells
(docs/decisions/comparison-table.md). Values come as markup from their kinds; everything else is escaped here.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from urllib.parse import quote

from flask_babel import format_date, gettext, ngettext
from markupsafe import Markup, escape

from app.domain.categories import Direction
from app.domain.items import Attribute, Source
from app.main.comparison_links import View, moved
from app.rendering import item_url, locale
from app.services.comparisons import (
    DIRECTION_WORDS,
    MOST,
    STATE_EXPLANATIONS,
    STATE_WORDS,
    Cell,
    Column,
    Comparison,
    Row,
)

# Drawn once in the page (includes/comparison_icons.html) and used by name.
_ICON = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="#icon-{}"/></svg>'
_NAMES = ("left", "right", "swap", "remove", "sort", "sort-up", "sort-down", "hide", "chevron")
ICONS = {name: _ICON.format(name) for name in _NAMES}

# Stand for what is filled in later: a text is translated, an address is built, once for all rows.
_FIRST, _SECOND = "\x01", "\x02"
_QUOTED_FIRST = quote(_FIRST)


def render(comparison: Comparison, view: View) -> Markup:
    """Return ``<table id="comparison">`` of what ``view`` shows."""
    return Markup("".join(_Table(comparison, view).pieces()))  # noqa: S704 - every piece is escaped


class _Words:
    """What every table says in one language, looked up and escaped once. Made within a request for it."""

    def __init__(self, locale_name: str) -> None:
        self.locale = locale_name
        self.absent = {
            state: f'<span class="absent" title="{escape(gettext(STATE_EXPLANATIONS[state]))}">'
            f"{escape(gettext(word))}</span>"
            for state, word in STATE_WORDS.items()
        }
        self.best = f'<span class="best">{escape(gettext("best"))}</span> '
        self.directions = {
            meaning: f'<span class="row-note">{escape(gettext(word))}</span>'
            for meaning, word in DIRECTION_WORDS.items()
        }
        signs = {True: ("≠", gettext("differs:")), False: ("=", gettext("equal:"))}
        self.marks = {
            differs: f'<span class="sign" aria-hidden="true">{sign}</span>'
            f'<span class="visually-hidden">{escape(words)} </span>'
            for differs, (sign, words) in signs.items()
        }
        self.caption = str(escape(gettext("Comparison, one entry a column, one fact a row:")))
        self.corner = str(escape(gettext("Fact")))
        self.about = str(escape(gettext("About")))
        self.add = str(escape(gettext("Add an entry")))
        self.more_facts = str(escape(gettext("More facts")))
        self.for_none = str(escape(gettext("Recorded for none of them")))
        self.sources = str(escape(gettext("Sources")))
        self.name_tools()

    def direction(self, row: Row) -> str:
        """Return what says which value of a row is best."""
        return self.directions.get((row.kind, row.direction)) or self.directions["", row.direction]

    def name_tools(self) -> None:
        """Set the labels that stand for many: of rows, columns and dates."""
        self.more = str(escape(gettext("Source and notes: %(row)s, %(item)s", row=_FIRST, item=_SECOND)))
        self.hide = str(escape(gettext("Hide the row %(row)s", row=_FIRST)))
        self.sort = str(escape(gettext("Order the columns by %(row)s", row=_FIRST)))
        self.checked = str(escape(gettext("Checked on %(date)s", date=_FIRST)))
        self.recorded = str(escape(gettext("Recorded as %(value)s", value=_FIRST)))
        self.swap = str(escape(gettext("Swap %(item)s with the other", item=_FIRST)))
        self.to_left = str(escape(gettext("Move %(item)s to the left", item=_FIRST)))
        self.to_right = str(escape(gettext("Move %(item)s to the right", item=_FIRST)))
        self.remove = str(escape(gettext("Remove %(item)s", item=_FIRST)))


# There are as many as languages.
_words_of = lru_cache(maxsize=8)(_Words)


class _Table:
    def __init__(self, comparison: Comparison, view: View) -> None:
        self.comparison = comparison
        self.view = view
        self.words = _words_of(locale())
        self.starts = {
            column.item.slug: f'<td role="cell" data-item="{escape(column.item.slug)}" data-state="'
            for column in comparison.columns
        }
        self.titles = {column.item.slug: escape(column.item.title) for column in comparison.columns}
        self.many_groups = False
        self.can_add = len(comparison.columns) < MOST
        self.width = len(comparison.columns) + 1

    @cached_property
    def hide_tool(self) -> str:
        return _tool(self.view.hide(_FIRST), "hide", self.words.hide)

    @cached_property
    def sort_tool(self) -> str:
        url = replace(self.view, options=replace(self.view.options, sort=_FIRST)).url()
        return _tool(url, "sort", self.words.sort)

    def pieces(self) -> Iterator[str]:
        names = " · ".join(self.titles.values())
        yield f'<table id="comparison" class="comparison cols-{len(self.titles)}" role="table">'
        yield f'<caption class="visually-hidden">{self.words.caption} {names}</caption>'
        yield from self.head()
        groups = self.comparison.groups
        self.many_groups = len(groups) > 1
        for group in groups:
            yield from self.body(
                group.anchor, group.name, group.rows, open_=group.anchor not in self.view.folded
            )
        if empty := self.comparison.empty_rows():
            yield from self.empty(empty)
        yield "</table>"

    def head(self) -> Iterator[str]:
        yield '<thead role="rowgroup"><tr class="names" role="row">'
        # No td: each of those is a cell of one entry with a state, for the scripts of users.
        yield f'<th class="corner" role="columnheader">{self.words.corner}</th>'
        for index, column in enumerate(self.comparison.columns):
            yield self.column_header(index, column)
        if self.can_add:
            label = self.words.add
            yield (
                f'<th class="add" role="columnheader"><button type="button" class="tool add-button" '
                f'popovertarget="adder" title="{label}" aria-label="{label}">+</button></th>'
            )
        yield "</tr>"
        yield f'<tr class="about" role="row"><th class="corner" role="rowheader">{self.words.about}</th>'
        yield from map(self.about, self.comparison.columns)
        yield "</tr></thead>"

    def column_header(self, index: int, column: Column) -> str:
        item = column.item
        return (
            f'<th scope="col" role="columnheader" data-item="{escape(item.slug)}"><div class="column">'
            f'<a class="column-title" href="{item_url(item.slug)}" title="{self.titles[item.slug]}">'
            f"<bdi>{self.titles[item.slug]}</bdi></a>"
            f'<span class="tools">{"".join(self.column_tools(index, column))}</span></div></th>'
        )

    def column_tools(self, index: int, column: Column) -> Iterator[str]:
        slugs, title = self.comparison.slugs, self.titles[column.item.slug]
        if len(slugs) == 2:
            label = _fill(self.words.swap, title)
            yield _tool(self.view.columns(slugs[::-1]), "swap", label)
        elif index:
            label = _fill(self.words.to_left, title)
            yield _tool(self.view.columns(moved(slugs, index, -1)), "left", label)
        if len(slugs) > 2 and index < len(slugs) - 1:
            label = _fill(self.words.to_right, title)
            yield _tool(self.view.columns(moved(slugs, index, 1)), "right", label)
        label = _fill(self.words.remove, title)
        yield _tool(self.view.without(column.item.slug), "remove", label)

    def about(self, column: Column) -> str:
        item, total = column.item, self.comparison.total
        category = escape(column.category.label(self.words.locale)) if column.category else ""
        known = escape(gettext("%(known)s of %(total)s facts", known=column.known, total=total))
        summary = f'<p class="column-summary" dir="auto">{escape(item.summary)}</p>' if item.summary else ""
        meta = f"{category} · {known}" if category else known
        return f'<th role="cell">{summary}<p class="column-meta">{meta}</p></th>'

    def body(self, anchor: str, name: str, rows: tuple[Row, ...], *, open_: bool) -> Iterator[str]:
        yield f'<tbody id="{escape(anchor)}" class="group" role="rowgroup">'
        if name or self.many_groups:
            title = escape(name) or self.words.more_facts
            yield self.group_header(title, self.view.fold(anchor), len(rows), open_=open_)
        for row in rows:
            yield self.row(row, hidden=not open_)
        yield "</tbody>"

    def group_header(self, title: str, url: str, count: int, *, open_: bool) -> str:
        return (
            f'<tr class="group-row" role="row"><th scope="rowgroup" role="rowheader" colspan="{self.width}">'
            f'<a class="fold" data-fold href="{escape(url)}" rel="nofollow" '
            f'aria-expanded="{"true" if open_ else "false"}">{ICONS["chevron"]}<bdi>{title}</bdi>'
            f' <span class="count">{count}</span></a></th></tr>'
        )

    def empty(self, rows: tuple[Row, ...]) -> Iterator[str]:
        title = self.words.for_none
        yield '<tbody id="nothing-recorded" class="group" role="rowgroup">'
        yield self.group_header(title, self.view.toggle_empty(), len(rows), open_=self.view.empty)
        for row in rows:
            yield self.row(row, hidden=not self.view.empty)
        yield "</tbody>"

    def row(self, row: Row, *, hidden: bool) -> str:
        differs = "true" if row.differs else "false"
        kind = " numeric" if row.numeric else ""
        name = escape(row.name)
        cells = "".join([self.cell(cell, name) for cell in row.cells])
        return (
            f'<tr class="fact{kind}" role="row" data-key="{escape(row.key)}" data-differs="{differs}"'
            f"{' hidden' if hidden else ''}>{self.row_header(row, name)}{cells}</tr>"
        )

    def row_header(self, row: Row, name: Markup) -> str:
        note = self.words.direction(row) if row.direction is not Direction.NEUTRAL else ""
        key = _quoted(row.key)
        tools = self.hide_tool
        if row.sortable:
            tools = self.sorting(row) + tools
        # The key before the name: the one is quoted, while the other may contain anything.
        tools = tools.replace(_QUOTED_FIRST, key).replace(_FIRST, name)
        mark = "" if row.empty else self.words.marks[row.differs]
        return (
            f'<th scope="row" role="rowheader"><div class="label">{mark}'
            f'<span class="row-name"><bdi>{name}</bdi>{note}</span>'
            f'<span class="tools">{tools}</span></div></th>'
        )

    def sorting(self, row: Row) -> str:
        if self.view.options.sort.removeprefix("-") != row.key:
            return self.sort_tool
        icon = "sort-down" if self.view.options.sort.startswith("-") else "sort-up"
        return _tool(self.view.sort(row.key), icon, self.words.sort)

    def cell(self, cell: Cell, row_name: str) -> str:
        display = cell.display
        start = f'{self.starts[cell.item]}{cell.state}"'
        if display is None:
            return f"{start}>{self.words.absent[cell.state]}{self.more(cell, row_name)}</td>"
        recorded = _fill(self.words.recorded, display.original) if display.original else ""
        original = f' title="{recorded}"' if recorded else ""
        text, flag = str(display.html), ""
        if cell.best:
            text, flag = f'{self.words.best}<span class="amount">{text}</span>', ' data-best="true"'
        return (
            f'{start}{flag}><div class="value"{original}>{text}</div>'
            f"{_bar(cell.share)}{self.distance(cell)}{self.more(cell, row_name, recorded)}</td>"
        )

    def distance(self, cell: Cell) -> str:
        if cell.distance is None:
            return ""
        return f'<p class="distance">{escape(cell.distance.translated(gettext))}</p>'

    def more(self, cell: Cell, row_name: str, recorded: str = "") -> str:
        """Return what opens under a cell: how it was recorded, its note, its sources, when it was checked."""
        known = cell.attribute
        if not recorded and (known is None or not (known.note or known.sources or known.verified_on)):
            return ""
        pieces = self.more_pieces(known, recorded)
        label = _fill(self.words.more, row_name, self.titles[cell.item])
        return (
            f'<details class="evidence"><summary><span class="visually-hidden">{label}</span></summary>'
            f'<div class="evidence-text">{"".join(pieces)}</div></details>'
        )

    def more_pieces(self, attribute: Attribute | None, recorded: str) -> Iterator[str]:
        if recorded:
            yield f"<p>{recorded}</p>"
        if attribute is None:
            return
        if attribute.note:
            yield f'<p dir="auto">{escape(attribute.note)}</p>'
        if attribute.sources:
            links = "".join(f"<li>{_source(source)}</li>" for source in attribute.sources)
            yield f'<p class="evidence-title">{self.words.sources}</p><ul>{links}</ul>'
        if attribute.verified_on is not None:
            yield f"<p>{_fill(self.words.checked, format_date(attribute.verified_on, 'medium'))}</p>"


# Most rows of most comparisons are properties of a few categories.
_quoted = lru_cache(maxsize=4096)(partial(quote, safe="-"))


def _fill(template: str, first: str, second: str = "") -> str:
    """Put texts into their places, escaped unless they are."""
    filled = template.replace(_FIRST, _escaped(first))
    return filled.replace(_SECOND, _escaped(second)) if second else filled


def _escaped(text: str) -> str:
    # To escape markup, which changes nothing, takes longer than to escape plain text.
    return text if isinstance(text, Markup) else escape(text)


def _tool(url: str, icon: str, label: str) -> str:
    """Return a link with an icon; ``label`` is escaped already."""
    return (
        f'<a class="tool" data-view href="{escape(url)}" rel="nofollow" '
        f'title="{label}" aria-label="{label}">{ICONS[icon]}</a>'
    )


def _bar(share: float | None) -> str:
    if share is None:
        return ""
    # Anything but nothing is seen.
    width = max(share * 100, 0.6) if share else 0
    return (
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="1"/></svg>'
    )


def _source(source: Source) -> str:
    title = escape(source.title or source.url)
    if not source.url.startswith(("https://", "http://")):
        return f"<bdi>{title}</bdi>"
    return (
        f'<a href="{escape(source.url)}" rel="nofollow noopener noreferrer external"><bdi>{title}</bdi></a>'
    )


def summary_of(comparison: Comparison) -> str:
    """Return the coverage of a comparison in a sentence."""
    number = len(comparison.columns)
    parts = {"known": comparison.known, "total": comparison.total}
    if number == 2:
        return gettext("%(known)s of %(total)s facts known for both", **parts)
    return ngettext(
        "%(known)s of %(total)s facts known for all %(num)s",
        "%(known)s of %(total)s facts known for all %(num)s",
        number,
        **parts,
    )
