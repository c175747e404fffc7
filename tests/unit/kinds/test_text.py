"""Text: kept as written, never HTML."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.text import LIMIT, TextKind

KIND = TextKind()
EN = ParseContext()


def test_text_is_kept_as_written():
    assert KIND.parse(" two  spaces ", EN) == " two  spaces "


def test_two_thousand_characters_are_taken_and_no_more():
    assert KIND.from_json("x" * LIMIT, EN) == "x" * LIMIT
    with pytest.raises(ValueRefused, match="2000"):
        KIND.from_json("x" * (LIMIT + 1), EN)


@pytest.mark.parametrize("raw", ["", "   ", "\n\n", "\u200b"])
def test_blank_text_is_refused(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, EN)


def test_line_breaks_are_shown_and_nothing_else_is_html():
    html = KIND.render("1 < 2\n<b>bold</b> & {{ 7 }}", RenderContext())
    assert html == "<bdi>1 &lt; 2<br>&lt;b&gt;bold&lt;/b&gt; &amp; {{ 7 }}</bdi>"


def test_equal_means_the_same_text_with_case():
    assert KIND.equal("Blue", "Blue")
    assert not KIND.equal("Blue", "blue")


def test_texts_have_one_order_whatever_their_first_words():
    assert KIND.compare("the apple", "a zebra") == 1
    assert KIND.compare("Äpfel", "zebra") == -1


def test_an_exact_filter_finds_the_same_text_only():
    low, high = KIND.filter_range("Blue sky", EN)
    stored = {text: KIND.sort_keys(text).low + "\x00id" for text in ("Blue sky", "blue sky", "Blue sky!")}
    assert [text for text, key in stored.items() if low <= key < high] == ["Blue sky"]
