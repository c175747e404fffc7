"""One attribute of an entry made ready for its row, on the entry's page and alone after an edit."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup, escape

from app.domain.items import Attribute, State
from app.kinds import registry
from app.kinds.base import RenderContext
from app.services.browsing import Fact, Group
from app.services.comparisons import STATE_EXPLANATIONS, STATE_WORDS


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of the entry's table.

    ``text`` is the value as plain text, "" without one; ``original`` is how a value was recorded that
    was converted or rounded.
    """

    attribute: Attribute
    label: str
    html: Markup
    text: str = ""
    original: str = ""


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Rows under one heading, which may be ""."""

    label: str
    rows: tuple[FactRow, ...]


def present_groups(groups: Iterable[Group], context: RenderContext) -> tuple[FactGroup, ...]:
    """Return the rows of all groups."""
    return tuple(
        FactGroup(group.label, tuple(present(fact, context) for fact in group.facts)) for group in groups
    )


def present(fact: Fact, context: RenderContext) -> FactRow:
    """Return the row of one fact."""
    attribute = fact.attribute
    if attribute.state is not State.VALUE:
        return FactRow(attribute, fact.label, _absent(attribute.state))
    shown = registry.get(attribute.kind).display(attribute.value, context)
    return FactRow(attribute, fact.label, shown.html, shown.text, shown.original)


def _absent(state: State) -> Markup:
    word, explanation = gettext(STATE_WORDS[state]), gettext(STATE_EXPLANATIONS[state])
    return Markup('<span class="absent">{}</span> <span class="absent-why">{}</span>').format(
        escape(word), escape(explanation)
    )
