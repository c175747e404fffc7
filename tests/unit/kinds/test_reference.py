"""References."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, ReferenceTarget, RenderContext
from app.kinds.reference import Reference, ReferenceKind

KIND = ReferenceKind()
EN = ParseContext()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("austria", "austria"),
        ("New Zealand", "new-zealand"),
        ("C++", "c-plus-plus"),
        ("甜豆腐脑", "甜豆腐脑"),
        ("/item/austria", "austria"),
        (
            "https://pkyx.example/item/%E7%94%9C%E8%B1%86%E8%85%90%E8%84%91?units=metric#fact-taste",
            "甜豆腐脑",
        ),
        ("!!!", "u21-u21-u21"),
    ],
)
def test_a_slug_or_a_title_is_understood(text, slug):
    assert KIND.parse(text, EN) == Reference(slug)


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "x" * 5000])
def test_what_names_nothing_is_refused(text):
    with pytest.raises(ValueRefused):
        KIND.parse(text, EN)


@pytest.mark.parametrize(
    "raw",
    [
        "austria",
        None,
        [],
        {},
        {"item": ""},
        {"item": "New Zealand"},
        {"item": "a/../b"},
        {"item": 5},
        {"item": "a", "more": 1},
        {"$ref": "a"},
        {"item": {"$gt": ""}},
        {"item": "\ud800"},
    ],
)
def test_json_takes_a_slug_alone(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, EN)


def test_it_leads_to_where_the_entry_is_today():
    reader = RenderContext(references={"old": ReferenceTarget("new", "New & shiny")})
    assert KIND.render(Reference("old"), reader) == (
        '<a class="value-reference" href="/item/new"><bdi>New &amp; shiny</bdi></a>'
    )
    assert KIND.text(Reference("old"), reader) == "New & shiny"


@pytest.mark.parametrize("references", [{}, {"gone": None}])
def test_a_dangling_one_is_shown_as_such_and_is_no_link(references):
    html = KIND.render(Reference("gone"), RenderContext(references=references))
    assert "gone" in html
    assert "no such entry" in html
    assert "<a" not in html
