"""The page around the table of a comparison, kept as long as nothing that went into it changes."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from app import read_only, rendering
from app.domain.messages import Message
from app.main import comparison_table, comparison_widths
from app.main.comparison_links import View, path_of
from app.services.comparisons import MOST, Comparison, Row

_EXAMPLES = 3
_LONGEST_EXAMPLE = 60


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of the page that cost something, ready to be put into the frame of the site."""

    title: str
    description: str
    content: Markup
    json_ld: Markup
    path: str


def render(comparison: Comparison, view: View, notices: Sequence[Message]) -> str | bytes:
    """Return the page, in UTF-8 where it was kept so; ``notices`` say what of the address was passed over."""
    cache, key = rendering.page_cache(), (comparison.version, view)
    # To readers without a session every page of one address is the same, its frame included.
    whole = (key, request.full_path, read_only.is_on()) if rendering.is_anonymous() and not notices else None
    html = cache.get(whole) if whole else None
    if isinstance(html, bytes):
        return html
    page = cache.get(key)
    if not isinstance(page, Page):
        page = _make(comparison, view)
        cache.put(key, page, len(page.content) + len(page.json_ld))
    if not whole:
        return render_template("main/compare.html", page=page, notices=notices)
    html = _framed(page).encode()
    cache.put(whole, html, len(html) + len(request.full_path))
    return html


# Stand in the frame for what differs from page to page; none of them can be typed.
_MARKS = {name: f"\x01{name}\x02" for name in ("title", "description", "content", "json_ld", "path", "here")}
_MARK = re.compile("(?:\x01|%01)([a-z_]+)(?:\x02|%02)")
# What Werkzeug leaves as it is in a query.
_PLAIN_IN_QUERY = "!$'()*,/:;?@"


def _framed(page: Page) -> str:
    """Return what a reader without a session gets, put into a frame that was rendered once for all pages."""
    pieces = _frame()
    filled: dict[str, str] = {
        "title": escape(page.title),
        "description": escape(page.description),
        "content": page.content,
        "json_ld": page.json_ld,
        "path": escape(page.path),
        "here": _in_query(request.full_path.rstrip("?")),
    }
    # Every second piece is the name of a mark.
    return "".join(filled[piece] if index % 2 else piece for index, piece in enumerate(pieces))


def _frame() -> list[str]:
    key = ("frame", rendering.locale(), read_only.is_on())
    pieces = rendering.page_cache().get(key)
    if not isinstance(pieces, list):
        page = Page(
            _MARKS["title"],
            _MARKS["description"],
            Markup(_MARKS["content"]),  # noqa: S704 - no text of anybody's
            Markup(_MARKS["json_ld"]),  # noqa: S704
            _MARKS["path"],
        )
        html = render_template("main/compare.html", page=page, notices=(), here=_MARKS["here"])
        pieces = _MARK.split(html)
        rendering.page_cache().put(key, pieces)
    return pieces


def _in_query(text: str) -> str:
    return escape(urlencode({"": text}, safe=_PLAIN_IN_QUERY)[1:])


def _make(comparison: Comparison, view: View) -> Page:
    title = _title(comparison)
    content = render_template(
        "includes/comparison_content.html",
        comparison=comparison,
        view=view,
        heading=title,
        table=comparison_table.render(comparison, view),
        numbers=comparison_widths.css_class(comparison.rows),
        coverage=comparison_table.summary_of(comparison),
        units=[(system, label, view.units(system)) for system, label in _unit_labels().items()],
        most=MOST,
        status=status_of(comparison),
    )
    path = path_of(comparison.requested)
    return Page(title, _description(comparison), Markup(content), _json_ld(comparison, title, path), path)  # noqa: S704 - made by a template that escapes


def status_of(comparison: Comparison) -> str:
    """Return what the view hides, for the eye and the live region."""
    if not comparison.options.only_differences or not comparison.equal:
        return ""
    return ngettext("%(num)s equal row hidden", "%(num)s equal rows hidden", comparison.equal)


def _title(comparison: Comparison) -> str:
    return gettext(" vs ").join(column.item.title for column in comparison.columns)


def _unit_labels() -> dict[str, str]:
    return {
        "original": gettext("As recorded"),
        "metric": gettext("Metric"),
        "imperial": gettext("Imperial"),
    }


def _description(comparison: Comparison) -> str:
    """Return a sentence for search engines, with the first few facts that differ."""
    examples = islice(_telling(comparison.rows), _EXAMPLES)
    names = gettext(" and ").join(column.item.title for column in comparison.columns)
    intro = gettext("%(names)s side by side in %(total)s facts.", names=names, total=comparison.total)
    return " ".join([intro, "; ".join(examples)]).strip()


def _telling(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the facts that differ, are known of all entries, and are short."""
    for row in rows:
        texts = [cell.display.text for cell in row.cells if cell.display]
        short = all(len(text) <= _LONGEST_EXAMPLE and "\n" not in text for text in texts)
        if row.differs and len(texts) == len(row.cells) and short:
            yield f"{row.name}: {' / '.join(texts)}"


def _json_ld(comparison: Comparison, title: str, path: str) -> Markup:
    """Return schema.org data. What could close the script element is spelled by its code point."""
    entries = [
        {
            "@type": "ListItem",
            "position": number,
            "item": {
                "@type": "Thing",
                "name": column.item.title,
                "url": rendering.absolute_url(rendering.item_url(column.item.slug)),
            },
        }
        for number, column in enumerate(comparison.columns, 1)
    ]
    data = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": title,
        "url": rendering.absolute_url(path),
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(entries), "itemListElement": entries},
    }
    text = json.dumps(data, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - no character of it ends the element
