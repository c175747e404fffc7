"""The form of one attribute: its fields as a person left them, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from app.domain.categories import Property
from app.domain.errors import DomainError, FieldError, InvalidInput
from app.domain.items import Attribute, Item, State
from app.domain.messages import N_, Message
from app.kinds import registry
from app.rendering import translate
from app.services import typed_inputs
from app.services.attributes import Scope
from app.services.editing import Sent
from app.services.histories import STATE_WORDS

# Rows for sources beside those that are there, so that one more fits without a script.
_SPARE_SOURCES = 1
_HAS_UNIT = ("number", "range", "money")
_FIELDS = ("name", "kind", "state", "value", "group", "note", "sources", "verified_on", "comment")

STATES: Mapping[str, str] = {State.VALUE.value: N_("has a value")} | {
    state.value: word for state, word in STATE_WORDS.items()
}


@dataclass(frozen=True, slots=True)
class AttributeFields:
    """What stands in the form. ``key`` is "" for a new attribute; ``errors`` go by the field's name."""

    key: str = ""
    base_revision: str = ""
    name: str = ""
    kind: str = "text"
    state: str = State.VALUE.value
    text: str = ""
    unit: str = ""
    alt: str = ""
    group: str = ""
    note: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    verified_on: str = ""
    comment: str = ""
    minor: bool = False
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def widget(self) -> str:
        """The template of the kind's widget, by its name."""
        return registry.get(self.kind).widget

    @property
    def source_rows(self) -> tuple[tuple[str, str], ...]:
        """The sources, and room for another."""
        return (*self.sources, *[("", "")] * _SPARE_SOURCES)

    def sent(self, scope: Scope) -> Sent:
        """Return what the form says, for the services."""
        sources = [{"url": url, "title": title} for url, title in self.sources]
        body: dict[str, object] = {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "group": self.group,
            "note": self.note,
            "sources": sources,
            "verified_on": self.verified_on,
        }
        if self.state == State.VALUE.value:
            body["value"] = self.parts()
        return Sent(body, scope, typed=True)

    def parts(self) -> dict[str, str]:
        """Return the value as its widget has it in parts."""
        unit = {"unit": self.unit} if self.kind in _HAS_UNIT else {}
        return {"text": self.text, "alt": self.alt, **unit}

    def refused(self, error: DomainError) -> "AttributeFields":
        """Return the same fields with what was refused beside each; "" is the form as a whole."""
        found: dict[str, list[str]] = {}
        errors = error.errors if isinstance(error, InvalidInput) else (FieldError("", error.message),)
        for refusal in errors:
            name = refusal.path.partition(".")[0]
            found.setdefault(name if name in _FIELDS else "", []).append(translate(refusal.message))
        return replace(self, errors=found)


def of_attribute(item: Item, attribute: Attribute, locale: str) -> AttributeFields:
    """Return the form of an attribute as it is."""
    parts: dict[str, str] = {}
    if attribute.state is State.VALUE:
        parts = typed_inputs.split(registry.get(attribute.kind), attribute.value, locale)
    return AttributeFields(
        key=attribute.key,
        base_revision=str(item.revision),
        name=attribute.name,
        kind=attribute.kind,
        state=attribute.state.value,
        group=attribute.group,
        note=attribute.note,
        sources=tuple((source.url, source.title) for source in attribute.sources),
        verified_on=attribute.verified_on.isoformat() if attribute.verified_on else "",
        text=parts.get("text", ""),
        unit=parts.get("unit", ""),
        alt=parts.get("alt", ""),
    )


def blank(item: Item, prop: Property | None, name: str = "") -> AttributeFields:
    """Return the form of a new attribute, preset with what its property says."""
    fields = AttributeFields(base_revision=str(item.revision), name=name)
    if prop is None:
        return fields
    return replace(fields, name=prop.name, kind=prop.kind, unit=prop.unit or "", group=prop.group)


def of_form(form: MultiDict[str, str], key: str = "") -> AttributeFields:
    """Return what was sent, as it was typed."""
    titles = form.getlist("source_title")
    urls = form.getlist("source_url")
    titles += [""] * (len(urls) - len(titles))
    texts = ("name", "kind", "state", "text", "unit", "alt", "group", "note", "verified_on", "comment")
    return AttributeFields(
        key=key,
        base_revision=form.get("base_revision", ""),
        sources=tuple(pair for pair in zip(urls, titles, strict=False) if any(map(str.strip, pair))),
        minor="minor" in form,
        **{name: form[name] for name in texts if name in form},  # type: ignore[arg-type]
    )


def base_revision(fields: AttributeFields) -> int:
    """Return the revision that was on the screen; raise InvalidInput."""
    if fields.base_revision.isascii() and fields.base_revision.isdigit() and len(fields.base_revision) < 10:
        return int(fields.base_revision)
    message = Message(N_("The number of the revision that you edited was expected."))
    raise InvalidInput([FieldError("base_revision", message)])
