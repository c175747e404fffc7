"""Colours."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.color import ColorKind

KIND = ColorKind()
EN = ParseContext()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#1e90ff", "#1e90ff"),
        (" #1E90FF ", "#1e90ff"),
        ("1e90ff", "#1e90ff"),
        ("#abc", "#aabbcc"),
        ("Red", "#ff0000"),
    ],
)
def test_codes_and_names_are_understood(text, code):
    assert KIND.parse(text, EN) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#12",
        "#12345",
        "#1234567",
        "#ggg",
        "blurple",
        "rgb(1,2,3)",
        "red;}",
        '#fff"/>',
        "#１２３",
        "url(x)",
    ],
)
def test_all_else_is_refused(text):
    with pytest.raises(ValueRefused):
        KIND.parse(text, EN)


@pytest.mark.parametrize("raw", ["#abc", "red", "1e90ff", 0x1E90FF, None, [], "#1e90ff\n"])
def test_json_takes_six_digits_alone(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, EN)


def test_json_codes_become_lower_case():
    assert KIND.from_json("#1E90FF", EN) == "#1e90ff"


def test_it_is_shown_as_swatch_and_code_without_style():
    html = KIND.render("#1e90ff", RenderContext())
    assert 'fill="#1e90ff"' in html
    assert "<code>#1e90ff</code>" in html
    assert "style" not in html


def test_colours_have_no_order():
    assert KIND.compare("#000000", "#ffffff") is None
    assert KIND.compare("#000000", "#000000") == 0
