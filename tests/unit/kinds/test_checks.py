"""Hygiene of text: what is cleaned, what is refused, what sorts where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ValueRefused
from app.kinds.checks import clean_line, clean_text, is_blank, text_sort_key


def test_line_ends_become_line_feeds():
    assert clean_text("a\r\nb\rc\nd", 20) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "char", ["\x00", "\x07", "\t", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff"]
)
def test_controls_and_lone_surrogates_are_refused(char):
    with pytest.raises(ValueRefused):
        clean_text(f"a{char}b", 20)
    with pytest.raises(ValueRefused):
        clean_line(f"a{char}b", 20)


@pytest.mark.parametrize("raw", [None, True, 1, 1.5, [], {}, b"bytes"])
def test_only_text_is_text(raw):
    with pytest.raises(ValueRefused):
        clean_text(raw, 20)


def test_the_limit_counts_characters_and_includes_itself():
    assert clean_text("豆" * 20, 20) == "豆" * 20
    with pytest.raises(ValueRefused, match="20"):
        clean_text("豆" * 21, 20)


def test_a_line_is_trimmed_normalised_and_has_no_breaks():
    assert clean_line("  e\u0301tude ", 20) == "étude"
    with pytest.raises(ValueRefused):
        clean_line("a\nb", 20)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_line_has_spaces_for_separators_of_lines(separator):
    assert clean_line(f"{separator}甜{separator}豆腐脑{separator}", 20) == "甜 豆腐脑"


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000"])
@pytest.mark.parametrize("letter", ["a", "豆"])
def test_a_line_is_measured_as_it_was_sent(letter, blank):
    assert clean_line(letter * 19 + blank, 20) == letter * 19
    with pytest.raises(ValueRefused, match="20"):
        clean_line(letter * 20 + blank, 20)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200b\u200d", "\u3164", "\u2800", "\ufeff", "\u202e"])
def test_what_shows_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", "😀", "豆", " x "])
def test_what_shows_something_is_not_blank(text):
    assert not is_blank(text)


def test_sorting_ignores_case_and_accents_but_equality_does_not():
    keys = [text_sort_key(text) for text in ("apple", "Éclair", "zebra")]
    assert keys == sorted(keys)
    assert text_sort_key("Apple") != text_sort_key("apple")


def test_long_texts_with_one_beginning_have_different_keys():
    assert text_sort_key("a" * 500 + "x") != text_sort_key("a" * 500 + "y")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_sort_keys_never_hold_what_the_database_appends(text):
    assert not {"\x00", "\x01"} & set(text_sort_key(text))
    assert len(text_sort_key(text)) <= 2 * 120 + 1
