"""How things are shown to the reader of a request: the RenderContext, and Jinja's filters and globals."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, request
from flask_babel import format_date, format_decimal, format_time, get_domain, get_locale, gettext
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup

from app.domain.categories import Category, Property
from app.domain.items import Action
from app.domain.messages import N_, Message
from app.kinds.base import ReferenceTarget, RenderContext
from app.locales import DEFAULT, LOCALES, language_tag
from app.services.comparisons import ComparisonCache
from app.utils.lru import BoundedCache

_COMPARISONS = "pkyx.comparisons"
_PAGES = "pkyx.pages"
# So many comparisons a process remembers, and as many pages of them: about 100 KB each.
_CACHE_SIZE = 256
# Entries may be large, and eight of them compared in thousands of orders: so many cells and bytes in all.
_MOST_CELLS = _CACHE_SIZE * 250
_MOST_BYTES = _CACHE_SIZE * 200_000
NO_REFERENCES: Mapping[str, ReferenceTarget | None] = {}

_ACTIONS: Mapping[Action, str] = {
    Action.CREATE: N_("created"),
    Action.EDIT: N_("edited"),
    Action.RENAME: N_("renamed"),
    Action.REVERT: N_("reverted"),
    Action.DELETE: N_("deleted"),
    Action.UNDELETE: N_("restored"),
    Action.PROTECT: N_("protection changed"),
}


def locale() -> str:
    """Return the reader's locale as Babel writes it (``en``, ``zh_Hans_CN``)."""
    return str(get_locale() or DEFAULT)


def render_context(
    units: str = "original", references: Mapping[str, ReferenceTarget | None] = NO_REFERENCES
) -> RenderContext:
    """Return how this request's reader is to be shown values."""
    # The catalogue itself: flask_babel's gettext looks for it anew at every call, and cells are many.
    translations = get_domain().get_translations()
    return RenderContext(
        locale=locale(),
        units=units,
        gettext=translations.ugettext,
        ngettext=translations.ungettext,
        references=references,
        item_url=item_url,
        file_url=file_url,
    )


def item_url(slug: str) -> str:
    """Return the path of an entry's page. Written out, since url_for costs too much in every cell."""
    return f"/item/{quote(slug, safe='')}"


def file_url(file_id: str) -> str:
    """Return the path of an uploaded picture."""
    return f"/files/{quote(file_id, safe='')}"


def absolute_url(path: str) -> str:
    """Return the public address of a path of this site; the Host header is never believed."""
    return str(current_app.config["PKYX_URL"]).rstrip("/") + path


def comparison_cache() -> ComparisonCache:
    """Return this application's memory of comparisons, shared by pages and API."""
    cache: ComparisonCache = current_app.extensions[_COMPARISONS]
    return cache


def page_cache() -> BoundedCache[Hashable, Any]:
    """Return this application's memory of finished parts of pages.

    The key must change with everything that the part shows, the language and the data's revisions too. A
    part weighs its bytes, or nearly.
    """
    cache: BoundedCache[Hashable, Any] = current_app.extensions[_PAGES]
    return cache


def is_anonymous() -> bool:
    """Say whether the request carries nothing that a page could greet: no session, no remembered log-in."""
    config = current_app.config
    names = (config["SESSION_COOKIE_NAME"], config.get("REMEMBER_COOKIE_NAME", "remember_token"))
    return not any(name in request.cookies for name in names)


def translate(message: Message) -> str:
    """Return a message of the inner layers in the reader's language."""
    return message.translated(gettext)


def register(app: Flask) -> None:
    """Give ``app``'s templates what they need to show things."""
    size = app.config.get("COMPARISON_CACHE", _CACHE_SIZE)
    app.extensions[_COMPARISONS] = BoundedCache(size, _MOST_CELLS)
    app.extensions[_PAGES] = BoundedCache(size, _MOST_BYTES)
    app.jinja_env.filters.update(
        translate=translate,
        absolute_url=absolute_url,
        day=day,
        moment=moment,
        decimal=decimal,
        bcp47=language_tag,
        label=label,
        item_url=item_url,
        action_label=action_label,
    )
    app.context_processor(_page_globals)


def day(value: date | None) -> str:
    """Return a date as the reader writes it, or "" for none."""
    return format_date(value, "medium") if value else ""


def moment(value: datetime | None) -> str:
    """Return a time as the reader writes it, to the minute and in UTC, or "" for none."""
    return f"{format_date(value, 'medium')} {format_time(value, 'short')} UTC" if value else ""


def decimal(value: int | Decimal) -> str:
    """Return a number with the reader's separators."""
    return format_decimal(value)


def label(thing: Category | Property) -> str:
    """Return the name of a category or property for the reader."""
    return thing.label(locale())


def action_label(action: Action) -> str:
    """Return what was done, as one word or two."""
    return gettext(_ACTIONS[action])


def _page_globals() -> dict[str, object]:
    return {
        "locale": locale(),
        "locales": LOCALES,
        "canonical_url": absolute_url(quote(request.path)),
        # Where to come back to, after a choice of language for one.
        "here": request.full_path.rstrip("?"),
        **_words(get_domain().get_translations()),
    }


@lru_cache(maxsize=8)
def _words(catalogue: NullTranslations) -> Mapping[str, Callable[..., str]]:
    """Return what templates call to translate, for one catalogue.

    Flask-Babel's own ask at each of a page's hundred words which language it is, which takes as long as
    the rest of the page. Texts are format strings, with or without values, as in Jinja's extension.
    """

    @lru_cache(maxsize=4096)
    def known(text: str, autoescape: bool) -> str:
        found: str = catalogue.gettext(text)
        return Markup(found) if autoescape else found  # noqa: S704 - our own words

    @pass_eval_context
    def word(context: EvalContext, text: str, /, **values: object) -> str:
        found = known(text, bool(context.autoescape))
        return found % values if values or "%" in found else found

    @pass_eval_context
    def counted(context: EvalContext, one: str, many: str, number: int, /, **values: object) -> str:
        found = catalogue.ngettext(one, many, number)
        values.setdefault("num", number)
        return (Markup(found) if context.autoescape else found) % values  # noqa: S704 - our own words

    return {"_": word, "gettext": word, "ngettext": counted}
