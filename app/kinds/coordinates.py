"""Places on the Earth by latitude and longitude, in degrees of WGS 84."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

from markupsafe import Markup

from app.domain.errors import ValueRefused
from app.domain.messages import N_, Message
from app.kinds import json_forms, measures, numerals
from app.kinds.base import Kind, ParseContext, RenderContext, SortKeys

# IUGG's mean radius of the Earth R1 (Moritz, Geodetic Reference System 1980, Journal of Geodesy 2000).
EARTH_RADIUS_KM = 6371.0088
# 0.01 mm; up to here a JSON number of double precision gives every digit back.
_DECIMALS = 10
# Of what was computed from minutes and seconds, and of what a reader is shown: 0.1 m and 1 m.
_COMPUTED_DECIMALS = 6
_SHOWN_DECIMALS = 5
_EXPECTED = Message(N_("Expected latitude and longitude such as “48.2, 16.37” or 48°12′30″N 16°22′23″E."))
_NORTH_EAST = N_("%(lat)s° N, %(lon)s° E")
_NORTH_WEST = N_("%(lat)s° N, %(lon)s° W")
_SOUTH_EAST = N_("%(lat)s° S, %(lon)s° E")
_SOUTH_WEST = N_("%(lat)s° S, %(lon)s° W")

_POINTS = re.compile(r"\(?([+-]?\d+(?:\.\d+)?)°?(?:\s?[,;]\s?|\s)([+-]?\d+(?:\.\d+)?)°?\)?")
_COMMAS = re.compile(r"([+-]?\d+,\d+)°?(?:\s?;\s?|,?\s)([+-]?\d+,\d+)°?")
_LETTER = "[NSEWO]|北纬|南纬|东经|西经"
# The sign of degrees may be missing where no minutes follow: 48.2 N.
_SEXAGESIMAL = (
    r"(?P<{0}deg>\d+(?:[.,]\d+)?)\s?(?:[°度]\s?(?:(?P<{0}min>\d+(?:[.,]\d+)?)\s?[′'分]\s?)?"
    r"(?:(?P<{0}sec>\d+(?:[.,]\d+)?)\s?(?:″|\"|′′|''|秒)\s?)?)?"
)
_AFTER = re.compile(
    _SEXAGESIMAL.format("a") + f"(?P<a>{_LETTER})[\\s,;]*" + _SEXAGESIMAL.format("b") + f"(?P<b>{_LETTER})",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    f"(?P<a>{_LETTER})\\s?"
    + _SEXAGESIMAL.format("a")
    + f"[\\s,;]*(?P<b>{_LETTER})\\s?"
    + _SEXAGESIMAL.format("b"),
    re.IGNORECASE,
)
_SIGNS = {"N": 1, "北纬": 1, "S": -1, "南纬": -1, "E": 1, "东经": 1, "W": -1, "西经": -1}
_LATITUDES = frozenset({"N", "S", "北纬", "南纬"})


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees: ``lat`` from −90 (south) to 90, ``lon`` from −180 (west) to 180, of at most ten decimals."""

    lat: Decimal
    lon: Decimal


class CoordinatesKind(Kind[Coordinates]):
    """Places: equal or not, without an order."""

    tag = "coordinates"
    label = N_("Coordinates")
    widget = "coordinates"

    def parse(self, text: str, context: ParseContext) -> Coordinates:
        """Understand ``48.2, 16.37``, ``48,2 16,37``, ``48.2 N 16.37 E`` and degrees, minutes and seconds."""
        plain = numerals.normalize(text)
        points = _POINTS.fullmatch(plain) or _COMMAS.fullmatch(plain)
        if points:
            return _checked(*(Decimal(part.replace(",", ".")) for part in points.groups()))
        match = _AFTER.fullmatch(plain) or _BEFORE.fullmatch(plain)
        if match is None:
            raise ValueRefused(_EXPECTED)
        return _from_letters(match, numerals.locale_of(context.locale).language)

    def from_json(self, raw: object, context: ParseContext) -> Coordinates:
        """Take ``{"lat", "lon"}`` of JSON numbers."""
        return self.from_stored(raw)

    def to_json(self, value: Coordinates) -> object:
        """Return both as numbers."""
        return {"lat": float(value.lat), "lon": float(value.lon)}

    def from_stored(self, stored: object) -> Coordinates:
        """Read the JSON form."""
        found = json_forms.members(stored, '{"lat": 48.2, "lon": 16.37}', ("lat", "lon"))
        with json_forms.within("lat"):
            lat = numerals.from_json_number(found["lat"])
        with json_forms.within("lon"):
            lon = numerals.from_json_number(found["lon"])
        return _checked(lat, lon)

    def typed(self, value: Coordinates, locale: str) -> str:
        """Return both in decimal degrees, with points in every locale."""
        return ", ".join(_digits(value))

    def text(self, value: Coordinates, context: RenderContext) -> str:
        """Return both in decimal degrees with the letters of the reader's language, to a metre."""
        parts = (_plain(abs(part), _SHOWN_DECIMALS) for part in (value.lat, value.lon))
        lat, lon = (numerals.format_amount(part, context.locale) for part in parts)
        return context.gettext(_template(value)) % {"lat": lat, "lon": lon}

    def render(self, value: Coordinates, context: RenderContext) -> Markup:
        """Return the text as HTML that programs can read too."""
        markup = Markup('<bdi><data class="coordinates" value="%s">%s</data></bdi>')
        return markup % (",".join(_digits(value)), self.text(value, context))

    def compare(self, a: Coordinates, b: Coordinates) -> int | None:
        """Return 0 for the same place; different ones have no order."""
        return 0 if self.equal(a, b) else None

    def sort_keys(self, value: Coordinates) -> SortKeys:
        """Equal places have equal keys, 180° west and east among them."""
        lon = abs(value.lon) if abs(value.lon) == 180 else value.lon
        return SortKeys(f"coordinates {numerals.sort_key(value.lat)} {numerals.sort_key(lon)}")

    def json_schema(self) -> dict[str, object]:
        """Two numbers of degrees."""
        lat = {"type": "number", "minimum": -90, "maximum": 90}
        lon = {"type": "number", "minimum": -180, "maximum": 180}
        return measures.schema({"lat": lat, "lon": lon}, "lat", "lon")


def distance_km(a: Coordinates, b: Coordinates) -> float:
    """Return the length of the great circle between two places, on a sphere of the Earth's mean radius.

    The haversine formula (Sinnott, Sky & Telescope 1984), well-conditioned for near places too; within
    half a per cent of the way over the ellipsoid.
    """
    lat_a, lat_b = radians(float(a.lat)), radians(float(b.lat))
    half_lat = (lat_b - lat_a) / 2
    half_lon = radians(float(b.lon - a.lon)) / 2
    half = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def _digits(value: Coordinates) -> tuple[str, str]:
    return format(value.lat, "f"), format(value.lon, "f")


def _template(value: Coordinates) -> str:
    if value.lat >= 0:
        return _NORTH_EAST if value.lon >= 0 else _NORTH_WEST
    return _SOUTH_EAST if value.lon >= 0 else _SOUTH_WEST


def _checked(lat: Decimal, lon: Decimal) -> Coordinates:
    if not -90 <= lat <= 90:
        raise ValueRefused(Message(N_("Expected a latitude from −90 to 90.")), "lat")
    if not -180 <= lon <= 180:
        raise ValueRefused(Message(N_("Expected a longitude from −180 to 180.")), "lon")
    return Coordinates(_plain(lat), _plain(lon))


def _plain(degrees: Decimal, decimals: int = _DECIMALS) -> Decimal:
    """Return degrees without zeros at the end; of ten decimals JSON numbers give every digit back."""
    rounded = numerals.round_to(degrees, decimals).normalize(numerals.EXACT)
    if not rounded:
        return Decimal(0)
    return numerals.round_to(rounded, 0) if rounded == rounded.to_integral_value() else rounded


def _from_letters(match: re.Match[str], language: str) -> Coordinates:
    found: dict[bool, Decimal] = {}
    for part in "ab":
        letter = _letter(match[part].upper(), language)
        found[letter in _LATITUDES] = _SIGNS[letter] * _degrees(match, part)
    if len(found) != 2:
        raise ValueRefused(_EXPECTED)
    return _checked(found[True], found[False])


def _letter(letter: str, language: str) -> str:
    # O is Ost in German and Dutch, Ouest or oeste in Romance languages.
    return letter if letter != "O" else "E" if language in ("de", "nl") else "W"


def _degrees(match: re.Match[str], part: str) -> Decimal:
    total = Decimal(0)
    for name, divisor in (("deg", 1), ("min", 60), ("sec", 3600)):
        value = Decimal((match[part + name] or "0").replace(",", "."))
        if value >= 60 and divisor > 1:
            raise ValueRefused(_EXPECTED)
        total += value / divisor
    return total if match[part + "min"] is None else numerals.round_to(total, _COMPUTED_DECIMALS)
