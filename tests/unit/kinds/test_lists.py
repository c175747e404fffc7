"""Lists: split as people write them, compared as sets."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.lists import FOLD_ABOVE, MAX_ELEMENT, MAX_ELEMENTS, SHOWN, ListKind

KIND = ListKind()
EN = ParseContext()


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("a, b,c", ("a", "b", "c")),
        ("a、b，c；d; e", ("a", "b", "c", "d", "e")),
        ("a\r\nb\nc", ("a", "b", "c")),
        ("one", ("one",)),
        (" ,a,, ,b,", ("a", "b")),
        ('"1,4-dioxane", water', ("1,4-dioxane", "water")),
        ('"a ""quoted"" word", b', ('a "quoted" word', "b")),
        ('5" disk, 3" disk', ('5" disk', '3" disk')),
        ('"open, b', ('"open', "b")),
        ('"a" and "b", c', ('"a" and "b"', "c")),
        ("Red, red, RED, blue", ("Red", "blue")),
        ("ａ, a", ("ａ",)),
    ],
)
def test_typed_lists_are_split_at_any_separator_but_within_quotes(text, elements):
    assert KIND.parse(text, EN) == elements


@pytest.mark.parametrize(
    "value", [("a", "b"), ("1,4-dioxane", "x; y"), ('"q"', "c、d"), ('say "hi"',), ('"',)]
)
def test_what_is_typed_reads_back(value):
    assert KIND.parse(KIND.typed(value, "en"), EN) == value


@pytest.mark.parametrize("text", ["", " ", ",,,", "\n"])
def test_an_empty_list_is_refused(text):
    with pytest.raises(ValueRefused):
        KIND.parse(text, EN)


@pytest.mark.parametrize(
    "raw", ["a, b", None, {}, 5, [], [1], [None], [""], [" "], [["a"]], ["a\nb"], ["\x00"]]
)
def test_json_takes_arrays_of_visible_single_lines_alone(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, EN)


def test_a_refused_element_is_named_by_its_index():
    with pytest.raises(ValueRefused) as refused:
        KIND.from_json(["a", 5], EN)
    assert refused.value.path == "1"


def test_limits_include_themselves():
    assert len(KIND.from_json([f"e{n}" for n in range(MAX_ELEMENTS)], EN)) == MAX_ELEMENTS
    assert KIND.from_json(["x" * MAX_ELEMENT], EN)
    with pytest.raises(ValueRefused):
        KIND.from_json([f"e{n}" for n in range(MAX_ELEMENTS + 1)], EN)
    with pytest.raises(ValueRefused):
        KIND.from_json(["x" * (MAX_ELEMENT + 1)], EN)


def test_lists_are_equal_as_sets():
    assert KIND.equal(("a", "B"), ("b", "A"))
    assert not KIND.equal(("a", "b"), ("a", "b", "c"))


def test_elements_are_members_for_filters():
    assert KIND.sort_keys(("Wifi", "5G")).members == ("5g", "wifi")


def test_members_common_to_a_row_are_marked_in_words_too():
    first, second = KIND.display_row([("a", "b"), ("B", "c")], RenderContext())
    assert first.html == (
        '<ul class="value-list"><li><bdi>a</bdi></li><li class="is-common"><mark><bdi>b</bdi></mark>'
        '<span class="visually-hidden"> (in all)</span></li></ul>'
    )
    assert "<mark><bdi>B</bdi></mark>" in second.html
    assert "<mark>" not in second.html.replace("<mark><bdi>B</bdi></mark>", "")


def test_nothing_is_marked_where_all_lists_are_alike_or_one_stands_alone():
    assert all("<mark>" not in cell.html for cell in KIND.display_row([("a",), ("A",)], RenderContext()))
    row = KIND.display_row([("a",), None], RenderContext())
    assert "<mark>" not in row[0].html
    assert row[1] is None


def test_a_long_list_folds_its_end():
    value = tuple(f"e{n}" for n in range(FOLD_ABOVE + 4))
    html = KIND.render(value, RenderContext())
    assert f"<summary>{FOLD_ABOVE + 4 - SHOWN} more</summary>" in html
    assert html.index(f"e{SHOWN - 1}") < html.index("<details") < html.index(f"e{SHOWN}<")


def test_a_megabyte_of_opening_quotes_is_refused_at_once():
    with pytest.raises(ValueRefused):
        KIND.parse('"a,' * 400_000, EN)
    with pytest.raises(ValueRefused):
        KIND.parse('"' * 80_000 + "a,", EN)
