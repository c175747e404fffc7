"""What holds for every kind of the registry: round trips, and hostile input refused or inert."""

import re
from decimal import Decimal

import bson
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds import registry
from app.kinds.base import ParseContext, RenderContext

EN = ParseContext()
KINDS = [pytest.param(kind, id=tag) for tag, kind in registry.KINDS.items()]
LOCALES = ("en", "de", "fr", "zh_Hans_CN", "ar")

_VISIBLE = st.characters(exclude_categories=["Cc", "Cs"])
_LINE = st.text(_VISIBLE, min_size=1, max_size=40)
_SLUG = st.from_regex(r"[a-z豆é0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)
_URL = st.builds(
    "https://{}.example/{}".format,
    st.from_regex(r"[a-z豆0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[a-zA-Z0-9/?&=%._~-]{0,40}", fullmatch=True),
)
_AMOUNT = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)
_PLACES = st.builds(
    lambda lat, lon: {"lat": lat, "lon": lon},
    st.decimals(min_value=-90, max_value=90, places=5),
    st.decimals(min_value=-180, max_value=180, places=5),
)
_FILE = st.from_regex(r"[0-9a-f]{24}", fullmatch=True)

# The JSON that clients may send for each kind; what is refused all the same is passed over.
JSON = {
    "text": st.text(_VISIBLE | st.just("\n"), max_size=200),
    "number": st.builds(
        lambda amount, unit: {"amount": str(amount), "unit": unit},
        _AMOUNT,
        st.sampled_from([None, "kg", "°C", "%"]),
    ),
    "range": st.builds(
        lambda a, b: {"min": str(min(a, b)), "max": str(max(a, b)), "unit": "h"}, _AMOUNT, _AMOUNT
    ),
    "money": st.builds(
        lambda amount, currency: {"amount": str(amount), "currency": currency},
        _AMOUNT,
        st.sampled_from(["EUR", "USD", "JPY"]),
    ),
    "date": st.dates().map(str) | st.from_regex(r"-?[0-9]{4}(-0[1-9])?", fullmatch=True),
    "boolean": st.booleans(),
    "rating": st.integers(0, 10).map(lambda halves: Decimal(halves) / 2),
    "list": st.lists(_LINE, min_size=1, max_size=8),
    "url": _URL,
    "image": st.builds(lambda url, alt: {"url": url, "alt": alt}, _URL, st.just("") | _LINE)
    | st.builds(lambda file, alt: {"file": file, "alt": alt}, _FILE, _LINE),
    "color": st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True),
    "coordinates": _PLACES,
    "reference": _SLUG.map(lambda slug: {"item": slug}),
}

SCRIPTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "${7*7} #{7*7} %(name)s %s {0}",
    "<svg/onload=alert(1)>",
    "</td></tr></table><form action=//evil.example>",
    "<!-- --><iframe src=//evil.example>",
    "\u202egnp.exe\u202d",
    "\u2066isolate",
    '=HYPERLINK("http://evil.example")',
    "9**9**9",
    "1e999999999",
    "$ne",
]
BROKEN = ["", " ", "\x00", "a\x00b", "\ud800", "a\udfffb", "\x1b[31m", "x" * 2**20, "9" * 2**20, "\n" * 2**20]
WRONG_TYPES = [
    None,
    object(),
    b"bytes",
    float("nan"),
    float("inf"),
    Decimal("NaN"),
    {},
    [],
    [[]],
    [{}],
    {"$ne": None},
    {"$where": "1"},
    {"amount": {"$gt": 0}, "unit": None},
    {"min": [], "max": {}, "unit": 5},
    {"amount": "1", "currency": ["EUR"]},
    {"lat": "x", "lon": None},
    {"item": {"$regex": ".*"}},
    {1: 2},
]

_TAG = re.compile(r"<(/?)([a-zA-Z]+)([^>]*)>")
_ATTRIBUTE = re.compile(r"\s([a-zA-Z-]+)=\"([^\"]*)\"")
_ALLOWED_TAGS = re.compile(
    "a|abbr|bdi|br|circle|code|data|details|g|img|li|mark|meter|path|rect|small|span|sub|summary|sup|svg"
    "|time|title|ul"
)


def assert_inert(html):
    """No element, attribute or address that runs anything, and no quotation mark that ends an attribute."""
    outside = _TAG.sub("", str(html))
    assert "<" not in outside
    for _, name, attributes in _TAG.findall(str(html)):
        assert _ALLOWED_TAGS.fullmatch(name.lower())
        for attribute, value in _ATTRIBUTE.findall(attributes):
            assert not attribute.lower().startswith("on")
            assert attribute != "style"
            if attribute in ("href", "src"):
                assert value.lower().startswith(("https://", "http://", "/"))
        assert "=" not in _ATTRIBUTE.sub("", attributes).replace("\x00", "")


def assert_refused_or_inert(kind, read, raw):
    try:
        value = read(raw, EN)
    except ValueRefused as refused:
        assert str(refused)
        str(refused).encode()
        return
    for context in (RenderContext(), RenderContext(locale="zh_Hans_CN", units="imperial")):
        assert_inert(kind.render(value, context))
        for shown in kind.display_row([value, None, value], context):
            if shown:
                assert_inert(shown.html)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", SCRIPTS + BROKEN, ids=lambda text: ascii(text[:20]))
def test_hostile_text_is_refused_or_inert_when_typed(kind, text):
    assert_refused_or_inert(kind, kind.parse, text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", SCRIPTS + BROKEN, ids=lambda text: ascii(text[:20]))
def test_hostile_text_is_refused_or_inert_anywhere_in_json(kind, text):
    shapes = [
        text,
        [text],
        {"amount": text, "unit": text},
        {"amount": "1", "unit": text},
        {"min": text, "max": text, "unit": text},
        {"amount": "1", "currency": text},
        {"url": text, "alt": text},
        {"url": "https://example.org/a.png", "alt": text},
        {"file": text, "alt": text},
        {"lat": text, "lon": text},
        {"item": text},
        {text: text},
    ]
    for raw in shapes:
        assert_refused_or_inert(kind, kind.from_json, raw)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", WRONG_TYPES, ids=lambda raw: ascii(raw)[:20])
def test_wrong_json_types_are_refused(kind, raw):
    with pytest.raises(ValueRefused):
        kind.from_json(raw, EN)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", [*WRONG_TYPES, "no such thing \x00"], ids=lambda raw: ascii(raw)[:20])
def test_damaged_stored_values_are_refused_not_raised_otherwise(kind, raw):
    with pytest.raises(ValueRefused):
        kind.from_stored(raw)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", [True, 5, Decimal("0.5"), "text"], ids=str)
def test_a_json_scalar_is_taken_by_the_kinds_that_are_scalars_alone(kind, raw):
    takes = {
        True: {"boolean"},
        5: {"rating"},
        Decimal("0.5"): {"rating"},
        "text": {"text"},
    }[raw]
    if kind.tag in takes:
        kind.from_json(raw, EN)
        return
    with pytest.raises(ValueRefused):
        kind.from_json(raw, EN)


def accepted(kind, raw):
    try:
        return kind.from_json(raw, EN)
    except ValueRefused:
        return None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_every_value_survives_json_storage_and_typing(kind, data):
    value = accepted(kind, data.draw(JSON[kind.tag]))
    if value is None:
        return
    hash(value)
    assert kind.from_json(kind.to_json(value), EN) == value
    wire = orjson.loads(orjson.dumps(kind.to_json(value)))
    assert kind.from_json(wire, EN) == value
    stored = bson.decode(bson.encode({"v": kind.to_stored(value)}))["v"]
    assert kind.from_stored(stored) == value
    locale = data.draw(st.sampled_from(LOCALES))
    assert kind.parse(kind.typed(value, locale), ParseContext(locale)) == value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_every_value_is_equal_to_itself_and_its_keys_agree_with_its_order(kind, data):
    a, b = (accepted(kind, data.draw(JSON[kind.tag])) for _ in range(2))
    if a is None or b is None:
        return
    assert kind.equal(a, a)
    assert kind.equal(a, b) == kind.equal(b, a)
    forth, back = kind.compare(a, b), kind.compare(b, a)
    assert (forth is None) == (back is None)
    assert forth is None or forth == -back
    keys = kind.sort_keys(a)
    for key in (keys.low, keys.high, *keys.members):
        assert not {"\x00", "\x01"} & set(key)
        key.encode()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_an_exact_filter_finds_the_value_itself(kind, data):
    value = accepted(kind, data.draw(JSON[kind.tag]))
    if value is None:
        return
    low, high = kind.filter_range(kind.typed(value, "en"), EN)
    assert low <= kind.sort_keys(value).low + "\x000123456789abcdef01234567" < high


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_every_value_is_rendered_inert_and_alike_in_a_row(kind, data):
    values = [accepted(kind, data.draw(JSON[kind.tag])) for _ in range(3)]
    for locale in ("en", "zh_Hans_CN"):
        context = RenderContext(locale=locale)
        row = kind.display_row([*values, None], context)
        assert [shown is None for shown in row] == [value is None for value in [*values, None]]
        for value, shown in zip(values, row, strict=False):
            if value is not None:
                assert_inert(shown.html)
                assert_inert(kind.render(value, context))
                assert kind.text(value, context)
