"""What a change did, in words and with a sign: for lists of revisions and for a comparison of two."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from app import rendering
from app.domain.categories import Category
from app.domain.items import Attribute, Item, Source, State
from app.domain.messages import N_
from app.extensions import stores
from app.kinds import registry
from app.kinds.base import RenderContext
from app.services import histories
from app.services.histories import AttributeChange, Difference, FieldChange

Labels = Callable[[str, str], str]

_LONGEST = 120
# Never told by colour alone: each sort of change has a sign and a word.
SIGNS = {"added": "+", "deleted": "−", "changed": "→", "reordered": "↕", "restored": "↺"}
_WORDS = {
    "added": N_("added"),
    "deleted": N_("deleted"),
    "changed": N_("changed"),
    "reordered": N_("reordered"),
    "restored": N_("restored"),
}
_DETAILS = {
    "name": N_("name"),
    "group": N_("group"),
    "note": N_("note"),
    "sources": N_("sources"),
    "verified_on": N_("date of checking"),
}
_ROLES = {
    "": N_("all editors"),
    "editor": N_("all editors"),
    "moderator": N_("moderators"),
    "admin": N_("administrators"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed. ``before`` or ``after`` is "" where there is none; ``aside`` is what else."""

    sort: str
    label: str
    before: str = ""
    after: str = ""
    aside: str = ""

    @property
    def sign(self) -> str:
        """The sign of its sort."""
        return SIGNS[self.sort]

    @property
    def word(self) -> str:
        """Its sort in the reader's language."""
        return gettext(_WORDS[self.sort])


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a changed attribute: the value as HTML, and what stands beside it where that differs."""

    html: Markup
    name: str = ""
    group: str = ""
    note: str = ""
    sources: tuple[Source, ...] = ()
    verified_on: object = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison of two revisions; a side is None where the attribute did not exist."""

    sort: str
    label: str
    key: str
    before: Side | None
    after: Side | None

    @property
    def sign(self) -> str:
        """The sign of its sort."""
        return SIGNS[self.sort]

    @property
    def word(self) -> str:
        """Its sort in the reader's language."""
        return gettext(_WORDS[self.sort])


def labels_of(category: Category | None, locale: str) -> Labels:
    """Return what names an attribute, by its key and its own name, in the reader's language."""

    def label(key: str, name: str) -> str:
        prop = category.find_property(key) if category else None
        return prop.label(locale) if prop else name

    return label


def lines(found: Difference, context: RenderContext, label: Labels) -> tuple[Line, ...]:
    """Return a difference as lines, the entry's own fields first."""
    return tuple(_lines(found, context, label))


def rows(found: Difference, context: RenderContext, label: Labels) -> tuple[Row, ...]:
    """Return a difference as rows with both sides."""
    return (
        *(_field_row(change) for change in found.fields),
        *(_attribute_row(change, context, label) for change in found.attributes),
    )


def value_html(attribute: Attribute, context: RenderContext) -> Markup:
    """Return what an attribute says as HTML: its value, or its state in words."""
    if attribute.state is State.VALUE:
        return registry.get(attribute.kind).render(attribute.value, context)
    word = gettext(histories.STATE_WORDS[attribute.state])
    return Markup('<span class="absent">%s</span>') % word


def role_words(role: str) -> str:
    """Return who may edit at a level of protection."""
    return gettext(_ROLES.get(role, _ROLES["admin"]))


def order_words(item: Item, label: Labels) -> str:
    """Return the names of an item's attributes in their order."""
    return gettext(", ").join(label(attribute.key, attribute.name) for attribute in item.attributes)


def _lines(found: Difference, context: RenderContext, label: Labels) -> Iterator[Line]:
    if found.deleted:
        yield Line("deleted", gettext("The entry"))
    if found.restored:
        yield Line("restored", gettext("The entry"))
    for change in found.fields:
        before, after = _field_words(change)
        yield Line("changed", gettext(change.label), _short(before), _short(after))
    for attribute in found.attributes:
        yield _attribute_line(attribute, context, label)
    if found.reordered:
        yield Line("reordered", gettext("The attributes"))


def _attribute_line(change: AttributeChange, context: RenderContext, label: Labels) -> Line:
    name = label(change.key, change.name)
    aside = _aside(change.details())
    if not change.value_changed:
        return Line("changed", name, aside=aside)
    before, after = (_short(histories.fact_text(side, context)) for side in (change.before, change.after))
    return Line(change.sort, name, before, after, aside)


def _aside(details: Iterable[str]) -> str:
    return gettext(", ").join(gettext(_DETAILS[detail]) for detail in details)


def _field_words(change: FieldChange) -> tuple[str, str]:
    if change.field == "category":
        return _category_word(change.before), _category_word(change.after)
    if change.field == "protection":
        return role_words(change.before), role_words(change.after)
    if change.field == "protected_keys":
        return _protected_words(change.before), _protected_words(change.after)
    empty = gettext("none")
    return change.before or empty, change.after or empty


def _category_word(slug: str) -> str:
    category = stores().categories.find_recent(slug) if slug else None
    return rendering.label(category) if category else slug or gettext("none")


def _protected_words(levels: str) -> str:
    """Return which attributes are for whom; ``levels`` are pairs such as ``mass: moderator``."""
    pairs = [pair.partition(": ") for pair in levels.split(", ") if pair]
    words = (gettext("%(name)s: %(who)s", name=key, who=role_words(role)) for key, _colon, role in pairs)
    return gettext(", ").join(words) or gettext("none")


def _field_row(change: FieldChange) -> Row:
    before, after = (
        Side(Markup('<span class="diff-text" dir="auto">%s</span>') % side) for side in _field_words(change)
    )
    return Row("changed", gettext(change.label), "", before, after)


def _attribute_row(change: AttributeChange, context: RenderContext, label: Labels) -> Row:
    differing = frozenset(change.details())
    sides = (_side(side, differing, context) for side in (change.before, change.after))
    return Row(change.sort, label(change.key, change.name), change.key, *sides)


def _side(attribute: Attribute | None, differing: frozenset[str], context: RenderContext) -> Side | None:
    """Return a side with what differs beside the value; a side that stands alone shows all it has."""
    if attribute is None:
        return None
    shown = differing or frozenset(("note", "sources"))
    beside = {name: getattr(attribute, name) for name in _DETAILS if name in shown}
    without = tuple(gettext(_DETAILS[name]) for name in _DETAILS if name in differing and not beside[name])
    return Side(value_html(attribute, context), without=without, **beside)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
