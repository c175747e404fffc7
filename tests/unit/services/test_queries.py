"""Free text to entries."""

from dataclasses import dataclass, field

import pytest

from app.domain.items import ItemHead
from app.domain.names import base_title, fold, slugify
from app.services.queries import LONGEST, resolve, resolve_names


@dataclass
class FakeItems:
    """Titles with aliases, found as the real store finds them; counts the look-ups."""

    named: dict
    asked: int = 0
    near: tuple = ()
    queried: list = field(default_factory=list)

    def find_named(self, texts):
        self.asked += 1
        return {text: self._named(fold(text)) for text in texts}

    def _named(self, wanted):
        return [
            ItemHead(slugify(title), slugify(title), title, category)
            for title, (category, *aliases) in self.named.items()
            if wanted in map(fold, (title, slugify(title), base_title(title), *aliases))
        ]

    def nearest(self, text, limit):
        self.queried.append(text)
        return list(self.near)[:limit]


@dataclass
class FakeStores:
    """The one store that a query needs."""

    items: FakeItems


@pytest.fixture
def stores():
    languages = dict.fromkeys(("Python", "C++", "Rust", "TCP/IP", "Java", "PK"), ("languages",))
    others = {
        "甜豆腐脑": ("food",),
        "咸豆腐脑": ("food",),
        "Gold": ("elements", "金"),
        "Silver": ("elements", "银"),
        "Alien": ("films",),
        "Alien vs Predator": ("films",),
        "Kramer vs. Kramer": ("films",),
        "Mercury (planet)": ("planets",),
        "Mercury (element)": ("elements",),
        "Java (island)": ("islands",),
    }
    return FakeStores(FakeItems(languages | others))


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Python pk C++ pk Rust", "python c-plus-plus rust"),
        ("python VS rust", "python rust"),
        ("Python vs. Rust", "python rust"),
        ("Python versus Rust", "python rust"),
        ("Python / Rust", "python rust"),
        ("Ｐｙｔｈｏｎ　ｐｋ　Ｒｕｓｔ", "python rust"),
        ("甜豆腐脑pk咸豆腐脑", "甜豆腐脑 咸豆腐脑"),
        ("金 对比 银", "gold silver"),
        ("金对比银", "gold silver"),
        ("金比较银", "gold silver"),
        ("金VS银", "gold silver"),
        ("  Python   pk\tRust\n", "python rust"),
        ("TCP/IP vs Rust", "tcp-ip rust"),
        ("Alien vs Predator pk Kramer vs. Kramer", "alien-vs-predator kramer-vs-kramer"),
        ("PK vs Rust", "pk rust"),
        ("PK pk Rust", "pk rust"),
        ("Rust vs Python vs", "rust python"),
    ],
)
def test_names_are_told_apart(stores, text, slugs):
    found = resolve(stores, text)
    assert found.slugs == tuple(slugs.split())
    assert found.is_comparison
    assert stores.items.asked == 1


def test_a_name_with_a_separator_is_found_alone(stores):
    assert resolve(stores, "alien VS predator").slugs == ("alien-vs-predator",)


def test_two_known_names_win_over_one_of_both(stores):
    stores.items.named["Predator"] = ("films",)
    assert resolve(stores, "Alien vs Predator").slugs == ("alien", "predator")


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Gold, Silver", "gold silver"),
        ("gold and silver?", "gold silver"),
        ("Gold & Rust, C++", "gold rust c-plus-plus"),
        ("金和银", "gold silver"),
        ("金、银的区别？", "gold silver"),
        ("和田玉和金", "和田玉 gold"),
        ("Gold v Silver", "gold silver"),
        ("gold v. silver.", "gold silver"),
        ("Gold | Silver", "gold silver"),
        ("“Gold” vs “Silver”!", "gold silver"),
        ("compare gold with silver", "gold silver"),
        ("What is the difference between gold and silver?", "gold silver"),
        ("金还是银", "gold silver"),
        ("《金》跟「银」哪个更好？", "gold silver"),
        ("Salt and Pepper vs Gold", "salt-and-pepper gold"),
    ],
)
def test_what_lists_things_separates_names_that_are_all_known(stores, text, slugs):
    stores.items.named |= {"和田玉": ("stones",), "Salt and Pepper": ("food",)}
    assert resolve(stores, text).slugs == tuple(slugs.split())


def test_what_lists_things_stays_in_a_name_that_is_not_known(stores):
    (part,) = resolve(stores, "Gold and Glory").parts
    assert (part.text, part.is_unknown) == ("Gold and Glory", True)


def test_several_meanings_ask_which_with_likely_company_first(stores):
    found = resolve(stores, "mercury vs gold")
    assert not found.is_comparison
    assert [head.slug for head in found.parts[0].candidates] == ["mercury-element", "mercury-planet"]
    assert found.parts[0].is_ambiguous


def test_an_exact_title_is_no_question(stores):
    assert resolve(stores, "java vs rust").slugs == ("java", "rust")


def test_unknown_names_come_with_the_nearest(stores):
    stores.items.near = (ItemHead("1", "python", "Python", "languages"),)
    found = resolve(stores, "Pyton vs Rust")
    assert [part.is_unknown for part in found.parts] == [True, False]
    assert found.parts[0].nearest[0].title == "Python"
    assert stores.items.queried == ["Pyton"]


def test_the_same_twice_counts_once(stores):
    found = resolve(stores, "gold vs 金 vs silver")
    assert found.slugs == ("gold", "silver")
    assert found.repeated == ("Gold",)


def test_more_than_eight_leave_the_first_eight(stores):
    found = resolve(stores, " vs ".join(f"name {i}" for i in range(11)))
    assert len(found.parts) == 8
    assert found.surplus == ("name 8", "name 9", "name 10")


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", " vs ", "\u3000"])
def test_nothing_names_nothing(stores, text):
    assert all(part.is_unknown for part in resolve(stores, text).parts)


def test_what_is_too_long_is_not_looked_up(stores):
    assert resolve(stores, "x" * (LONGEST + 1)).too_long
    assert stores.items.asked == 0


@pytest.mark.parametrize(
    "text", ["(.*)+ vs [a-z", "\\ vs $where", "😀 vs 🚀", "שלום vs مرحبا", "vs " * 500, "/" * 1500]
)
def test_odd_text_is_only_text(stores, text):
    assert not resolve(stores, text).is_comparison


def test_names_from_fields_are_not_split(stores):
    found = resolve_names(stores, ["Alien vs Predator", " ", "rust"])
    assert found.slugs == ("alien-vs-predator", "rust")
    assert stores.items.asked == 1
