"""Attributes from and to JSON, from what a person typed, and what helps to understand them."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.categories import Category
from app.domain.errors import FieldError, InvalidInput, ValueRefused
from app.domain.items import Attribute, Source, State
from app.domain.messages import N_, Message
from app.domain.names import slugify
from app.kinds import registry
from app.kinds.base import ParseContext, every_file
from app.kinds.checks import clean_text
from app.kinds.registry import AnyKind
from app.kinds.url import clean_url
from app.services import typed_inputs
from app.services.bodies import Body, line, read_list, visible_line

MAX_NAME = 120
MAX_GROUP = 80
MAX_NOTE = 1000
MAX_SOURCES = 20
MAX_SOURCE_TITLE = 300

_MEMBERS = ("key", "name", "kind", "state", "value", "group", "note", "sources", "verified_on")
_STATES = {state.value: state for state in State}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

ReadValue = Callable[[AnyKind, object, ParseContext], object]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the surroundings of an attribute say about it.

    ``category`` is that of its item, None where that expects nothing; ``count_units`` are the units
    that any category declares; ``has_file`` says which uploaded files may be named.
    """

    category: Category | None = None
    locale: str = "en"
    count_units: frozenset[str] = frozenset()
    has_file: Callable[[str], bool] = every_file

    def context(self, key: str) -> ParseContext:
        """Return what helps to understand the value of the attribute ``key``."""
        expected = self.category.find_property(key) if self.category else None
        unit = expected.unit if expected else None
        return ParseContext(self.locale, unit, self.count_units, self.has_file)


def count_units(categories: Iterable[Category]) -> frozenset[str]:
    """Return every unit that a property of ``categories`` declares."""
    return frozenset(prop.unit for category in categories for prop in category.properties if prop.unit)


def attribute_from_json(raw: object, scope: Scope, known_keys: Collection[str] = ()) -> Attribute:
    """Return the attribute of the contract's JSON form; raise InvalidInput with paths (``value.amount``).

    The key is derived from the name. A ``key`` that is sent must be that one, or one of ``known_keys``,
    those that the item already has: so an attribute keeps its key when its name changes.
    """
    return _read(raw, scope, known_keys, _json_value)


def attribute_from_typed(raw: object, scope: Scope, known_keys: Collection[str] = ()) -> Attribute:
    """As :func:`attribute_from_json`, for a form: ``value`` is what a person typed, whole or in parts."""
    return _read(raw, scope, known_keys, _typed_value)


def attribute_to_json(attribute: Attribute) -> dict[str, object]:
    """Return the contract's JSON form, with every member present."""
    value = attribute.value
    return {
        "key": attribute.key,
        "name": attribute.name,
        "kind": attribute.kind,
        "state": attribute.state.value,
        "value": registry.get(attribute.kind).to_json(value) if attribute.state is State.VALUE else None,
        "group": attribute.group,
        "note": attribute.note,
        "sources": [{"url": source.url, "title": source.title} for source in attribute.sources],
        "verified_on": attribute.verified_on.isoformat() if attribute.verified_on else None,
    }


def read_kind(raw: object) -> str:
    """Return the tag of a known kind; raise ValueRefused with the list of them."""
    if not isinstance(raw, str) or raw not in registry.KINDS:
        expected = ", ".join(registry.KINDS)
        raise ValueRefused(Message(N_("One of these kinds was expected: %(kinds)s."), {"kinds": expected}))
    return raw


def read_sources(raw: object) -> tuple[Source, ...]:
    """Return the sources of a JSON array of ``{"url", "title"}``; one of the two may be missing."""
    return read_list(raw, MAX_SOURCES, _read_source)


def read_day(raw: object) -> date | None:
    """Return a date in ISO form; None for an empty text."""
    if raw == "":
        return None
    try:
        if isinstance(raw, str) and _DATE.fullmatch(raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise ValueRefused(Message(N_("A date such as 2021-07-14 was expected.")))


def _read(raw: object, scope: Scope, known_keys: Collection[str], read_value: ReadValue) -> Attribute:
    body = Body(raw, _MEMBERS)
    name = body.require("name", visible_line(MAX_NAME), "")
    derived = slugify(name)
    key = body.take("key", lambda sent: _read_key(sent, derived, known_keys), derived)
    kind = body.require("kind", read_kind, "")
    state = body.take("state", _read_state, State.VALUE)
    value = _read_state_value(body, kind, state, scope.context(key), read_value)
    attribute = Attribute(
        key=key,
        name=name,
        kind=kind,
        state=state,
        value=value,
        group=body.take("group", line(MAX_GROUP), ""),
        note=body.take("note", lambda sent: clean_text(sent, MAX_NOTE).strip(), ""),
        sources=body.take("sources", read_sources, ()),
        verified_on=body.take("verified_on", read_day, None),
    )
    body.finish()
    return attribute


def _read_key(raw: object, derived: str, known_keys: Collection[str]) -> str:
    if isinstance(raw, str) and (raw == derived or raw in known_keys):
        return raw
    raise ValueRefused(
        Message(N_("The key follows from the name: “%(key)s” was expected."), {"key": derived})
    )


def _read_state(raw: object) -> State:
    state = _STATES.get(raw) if isinstance(raw, str) else None
    if state is None:
        expected = ", ".join(State)
        raise ValueRefused(Message(N_("One of these states was expected: %(states)s."), {"states": expected}))
    return state


def _read_state_value(
    body: Body, kind: str, state: State, context: ParseContext, read_value: ReadValue
) -> object:
    if state is not State.VALUE:
        if body.raw.get("value") not in (None, ""):
            body.refuse("value", Message(N_("No value goes with this state.")))
        return None
    if not kind:
        return None
    return body.require("value", lambda sent: read_value(registry.get(kind), sent, context), None)


def _json_value(kind: AnyKind, raw: object, context: ParseContext) -> object:
    value: object = kind.from_json(raw, context)
    return value


def _typed_value(kind: AnyKind, raw: object, context: ParseContext) -> object:
    return typed_inputs.read(kind, raw, context)


def _read_source(raw: object) -> Source:
    body = Body(raw, ("url", "title"))
    title = body.take("title", line(MAX_SOURCE_TITLE), "")
    url = body.take("url", lambda sent: clean_url(sent) if sent != "" else "", "")
    if not (url or title or body.errors):
        raise InvalidInput(
            [FieldError("url", Message(N_("The address or the title of a source was expected.")))]
        )
    body.finish()
    return Source(url, title)
