"""Slugs and keys: the rule of the public contract, section 2."""

import pytest

from app.domain.names import slugify, title_key


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("AT&T", "at-and-t"),
        ("Côte d'Ivoire", "côte-d-ivoire"),
        ("甜豆腐脑", "甜豆腐脑"),
        ("Straße", "strasse"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
        ("หนังสือ ไทย", "หนังสือ-ไทย"),
        ("हिन्दी", "हिन्दी"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("  A--b__c. ", "a-b-c"),
    ],
)
def test_a_slug_keeps_letters_and_marks_of_any_script(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("２０２４", "2024"),
        ("१२३", "१२३"),
        # Digits that Unicode does not count among the decimal ones: Chinese zero, Ethiopic, Tamil ten.
        ("二〇二四年", "二〇二四年"),
        ("፩ ፪", "፩-፪"),
        ("௰", "௰"),
    ],
)
def test_a_slug_keeps_the_digits_of_any_script(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_slug_is_its_own_slug() -> None:
    for title in ("İstanbul", "½ Ⅻ ①", "ﷺ", "二〇二四", "!!!", "C++ & C#"):
        assert slugify(slugify(title)) == slugify(title)


def test_titles_are_the_same_after_nfkc_case_folding_and_collapsing_of_spaces() -> None:
    assert title_key(" Ｍercury\u00a0 (PLANET)") == title_key("mercury (planet)")
    assert title_key("GROẞ") == title_key("gross")
