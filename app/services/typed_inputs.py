"""What a person typed into the widget of a kind: one text, or its parts in fields of their own."""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds.base import ParseContext
from app.kinds.image import ImageKind
from app.kinds.registry import AnyKind

# The fields of a widget: the text itself, the unit or currency beside it, what a picture shows.
PARTS = ("text", "unit", "alt")


def read(kind: AnyKind, raw: object, context: ParseContext) -> object:
    """Return the value of a text, or of an object of ``PARTS``; raise ValueRefused.

    Where a unit is given, if only as "", none is implied: a plain number stays plain when it is saved
    again. A unit within the text is taken before the one beside it.
    """
    if isinstance(raw, str):
        value: object = kind.parse(raw.strip(), context)
        return value
    parts = _parts(raw)
    text = parts["text"].strip()
    if isinstance(kind, ImageKind):
        return kind.parse(_one_word(text, parts["alt"]), context)
    if "unit" in parts:
        return _with_unit(kind, text, parts["unit"].strip(), replace(context, unit=None))
    return kind.parse(text, context)


def split(kind: AnyKind, value: object, locale: str) -> dict[str, str]:
    """Return the parts that :func:`read` reads back as an equal value."""
    if isinstance(kind, ImageKind):
        place, _, alt = kind.typed(value, locale).partition(" ")  # type: ignore[arg-type]
        return {"text": place, "alt": alt}
    text: str = kind.typed(value, locale)
    unit = getattr(value, "unit", None) or getattr(value, "currency", None)
    if unit and text.endswith(f" {unit}"):
        return {"text": text.removesuffix(f" {unit}"), "unit": unit}
    return {"text": text, "unit": ""}


def _parts(raw: object) -> dict[str, str]:
    if not isinstance(raw, Mapping) or not set(raw) <= set(PARTS):
        raise ValueRefused(Message(N_("A text was expected.")))
    if not all(isinstance(part, str) for part in raw.values()):
        raise ValueRefused(Message(N_("A text was expected.")))
    found: dict[str, str] = {"text": "", "alt": "", **raw}
    return found


def _one_word(place: str, alt: str) -> str:
    # Without a place the description must not be taken for one.
    return f"{'%20'.join(place.split())} {alt}" if place else ""


def _with_unit(kind: AnyKind, text: str, unit: str, bare: ParseContext) -> object:
    try:
        value: object = kind.parse(f"{text} {unit}".strip(), bare)
    except ValueRefused as refused:
        if unit and (own := _with_own_unit(kind, text, bare)) is not None:
            return own
        raise refused
    return value


def _with_own_unit(kind: AnyKind, text: str, bare: ParseContext) -> object:
    """Return the value of a text that names its unit itself, else None."""
    try:
        value: object = kind.parse(text, bare)
    except ValueRefused:
        return None
    return value if getattr(value, "unit", None) or getattr(value, "currency", None) else None
