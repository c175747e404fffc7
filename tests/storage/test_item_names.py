"""Finding items by what people type."""

import pytest

from app.domain.errors import BadQuery
from tests.factories import make_attribute


def titles(heads) -> list[str]:
    return [head.title for head in heads]


def facts(count: int):
    return [make_attribute(f"Fact {number}", f"value {number}") for number in range(count)]


def test_a_name_finds_the_exact_title_then_aliases_then_base_titles(stores, add):
    add("Mercury (planet)", *facts(9))
    add("Mercury (element)", *facts(2))
    add("Quicksilver", *facts(20), aliases=("Mercury",))
    assert titles(stores.items.find_named(["mercury"])["mercury"]) == [
        "Quicksilver",
        "Mercury (planet)",
        "Mercury (element)",
    ]
    add("Mercury")
    assert titles(stores.items.find_named(["MERCURY "])["MERCURY "])[0] == "Mercury"


def test_names_are_found_without_regard_to_case_accents_width_or_form(stores, add):
    add("Côte d'Ivoire", aliases=("象牙海岸",))
    add("C++")
    expected = {
        "cote d'ivoire": ["Côte d'Ivoire"],
        "CÔTE D'IVOIRE": ["Côte d'Ivoire"],
        "côte-d-ivoire": ["Côte d'Ivoire"],
        "象牙海岸": ["Côte d'Ivoire"],
        "ｃ++": ["C++"],
        "c-plus-plus": ["C++"],
        "nothing": [],
        "": [],
    }
    found = stores.items.find_named(expected)
    assert {text: titles(heads) for text, heads in found.items()} == expected


def test_no_name_is_lost_among_a_crowd_of_another(stores, add, monkeypatch):
    monkeypatch.setattr("app.storage.item_names._MOST_NAMED", 5)
    for number in range(8):
        add(f"Springfield ({number})", *facts(3))
    add("Springfield")
    add("Shelbyville")
    found = stores.items.find_named(["springfield", "shelbyville"])
    assert titles(found["shelbyville"]) == ["Shelbyville"]
    assert titles(found["springfield"])[0] == "Springfield"


def test_suggestions_rank_title_then_later_words_and_aliases_then_inside(stores, add):
    add("South Austin", *facts(30))
    add("Oesterreich", *facts(20), aliases=("Austria",))
    add("Austria")
    add("Australia", *facts(5))
    assert titles(stores.items.suggest("aus")) == ["Australia", "Austria", "South Austin", "Oesterreich"]
    assert titles(stores.items.suggest("AUSTRÍ")) == ["Austria", "Oesterreich"]
    assert titles(stores.items.suggest("ａｕｓｔｒａ")) == ["Australia"]


@pytest.mark.parametrize("count", [2, 5, 6])
def test_few_and_many_suggestions_are_ranked_alike(stores, add, count):
    for number in range(count):
        add(f"Mount Austral {number}")
    add("Austral Sea")
    add("Australia")
    expected = ["Austral Sea", "Australia", *(f"Mount Austral {number}" for number in range(count))][:7]
    assert titles(stores.items.suggest("austral", 7)) == expected
    assert titles(stores.items.suggest("austr", 1)) == expected[:1]


def test_suggestions_find_the_inside_of_unspaced_scripts(stores, add):
    add("甜豆腐脑")
    add("豆腐脑", *facts(4))
    add("脑")
    assert titles(stores.items.suggest("腐脑")) == ["豆腐脑", "甜豆腐脑"]
    assert titles(stores.items.suggest("豆腐脑")) == ["豆腐脑", "甜豆腐脑"]
    assert titles(stores.items.suggest("豆脑")) == []


def test_suggestions_go_on_beyond_the_length_of_a_gram(stores, add):
    add("United States of America", aliases=("The Land of the Free and the Home of the Brave",))
    add("United States Minor Outlying Islands")
    assert titles(stores.items.suggest("united states m")) == ["United States Minor Outlying Islands"]
    assert titles(stores.items.suggest("united states of am")) == ["United States of America"]
    assert titles(stores.items.suggest("states minor outlying")) == ["United States Minor Outlying Islands"]
    assert titles(stores.items.suggest("the land of the free and")) == ["United States of America"]
    assert stores.items.suggest("united states of bm") == []


def test_suggestions_are_bounded_and_can_be_kept_to_a_category(stores, add):
    for number in range(15):
        add(f"Entry {number}", category="odd" if number % 2 else "even")
    assert len(stores.items.suggest("entry")) == 10
    assert len(stores.items.suggest("entry", 3)) == 3
    assert {head.category for head in stores.items.suggest("e", category="odd")} == {"odd"}


@pytest.mark.parametrize(
    "text", ["", "  ", "$where", ".*", "(", "\\", "\x00", "🍜", "a" * 10_000, "%", "é" * 300]
)
def test_any_text_may_be_typed(stores, add, text):
    add("Austria")
    assert stores.items.suggest(text) == []
    assert stores.items.search(text).rows == ()
    assert stores.items.find_named([text]) == {text: []}
    assert stores.items.nearest(text) == []


def test_near_misses_are_offered_likest_first(stores, add):
    for title in ("Austria", "Australia", "Switzerland", "Mauritania", "豆腐脑"):
        add(title)
    assert titles(stores.items.nearest("Asutria"))[0] == "Austria"
    assert titles(stores.items.nearest("Austira"))[0] == "Austria"
    assert titles(stores.items.nearest("ustria"))[0] == "Austria"
    assert titles(stores.items.nearest("zwitzerland"))[0] == "Switzerland"
    assert titles(stores.items.nearest("switserlnad"))[0] == "Switzerland"
    assert titles(stores.items.nearest("豆腐闹")) == ["豆腐脑"]
    assert stores.items.nearest("xylophone") == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("gpt 4o", "GPT-4o"),
        ("gpt4o", "GPT-4o"),
        ("newzealand", "New Zealand"),
        ("c plus plus", "C++"),
        ("U.S.A.", "United States"),
        ("瑞", "瑞士"),
        ("瑞土", "瑞士"),
    ],
)
def test_near_misses_differ_in_signs_and_spaces_or_in_one_of_two_chinese_characters(stores, add, text, title):
    for name in ("GPT-4o", "New Zealand", "C++", "瑞士", "Unguent"):
        add(name)
    add("United States", aliases=("USA",))
    for number in range(110):
        add(f"{chr(97 + number % 26)}{number}", *facts(3))
    assert titles(stores.items.nearest(text))[0] == title


def test_a_search_ranks_exact_then_begun_then_names_then_anywhere(stores, add):
    add("Gold rush", *facts(9))
    add("Fort Knox", make_attribute("Content", "gold"), *facts(20))
    add("Rose Golden", *facts(20))
    add("Gold")
    add("The Gold", *facts(4))
    assert titles(stores.items.search("gold").rows) == [
        "Gold",
        "Gold rush",
        "Rose Golden",
        "The Gold",
        "Fort Knox",
    ]


def test_a_search_wants_all_words_in_any_order(stores, add):
    add("Republic of Austria")
    add("Austria Hungary")
    add("Hungary")
    assert titles(stores.items.search("austria republic").rows) == ["Republic of Austria"]
    assert titles(stores.items.search("AUSTRIA").rows) == ["Austria Hungary", "Republic of Austria"]


def test_a_search_pages_through_all_tiers_once(stores, add):
    for number in range(7):
        add(f"Gold {number}")
        add(f"Old {number}", make_attribute("Metal", "gold"))
        add(f"The {number} golds of gold", *facts(number))
    add("Gold")
    expected = titles(stores.items.search("gold", 100).rows)
    assert len(expected) == 22
    assert paged(lambda cursor: stores.items.search("gold", 4, cursor)) == expected
    assert paged(lambda cursor: stores.items.search("gold", 1, cursor)) == expected


def paged(ask) -> list[str]:
    found, cursor = [], ""
    while cursor is not None:
        page = ask(cursor)
        found.extend(titles(page.rows))
        cursor = page.next
    return found


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJzZWFyY2giXQ", "é", "=" * 10, "A" * 5000, "bnVsbA"])
def test_a_cursor_that_is_not_ours_is_refused(stores, cursor):
    with pytest.raises(BadQuery) as refusal:
        stores.items.search("gold", 4, cursor)
    assert [error.path for error in refusal.value.errors] == ["cursor"]
