"""The demo entries: loaded once, completed after a crash, never over anybody's edits; and what they hold."""

import gzip
import json
from collections import Counter
from dataclasses import replace

import pytest

from app.kinds import registry, units
from app.services import demo
from app.storage import indexes
from app.storage.stores import Stores
from tests.factories import NOW, make_category


@pytest.fixture(scope="module")
def entries():
    texts = [gzip.decompress(path.read_bytes()) for path in sorted(demo.FOLDER.glob("*.gz"))]
    return [json.loads(line) for text in texts for line in text.splitlines()]


@pytest.fixture
def stores(mock_database):
    indexes.ensure(mock_database)
    return Stores.connect(mock_database)


@pytest.fixture
def few(monkeypatch, tmp_path, entries):
    """A folder with a few of the entries."""
    chosen = [entry for entry in entries if entry["title"] in ("Austria", "Gold", "Silver", "Python", "Rust")]
    with gzip.open(tmp_path / "few.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(entry) + "\n" for entry in chosen)
    (tmp_path / "categories.json").write_text((demo.FOLDER / "categories.json").read_text())
    monkeypatch.setattr(demo, "FOLDER", tmp_path)


def test_there_is_enough_to_compare(entries):
    assert len(entries) >= 1400
    assert sum(len(entry["attributes"]) for entry in entries) >= 25_000
    assert sum(path.stat().st_size for path in demo.FOLDER.iterdir()) < 3_000_000


def test_every_kind_but_pictures_and_ratings_occurs_with_real_values(entries):
    kinds = Counter(found["kind"] for entry in entries for found in entry["attributes"] if "value" in found)
    assert set(registry.KINDS) - set(kinds) == {"image", "rating"}
    assert min(kinds.values()) > 100


def test_every_entry_has_a_summary_and_attributes_that_its_category_expects(entries):
    categories = {found["slug"]: found for found in json.loads((demo.FOLDER / "categories.json").read_text())}
    expected = {
        slug: {prop["name"]: prop for prop in found["properties"]} for slug, found in categories.items()
    }
    for entry in entries:
        assert entry["summary"].endswith(".")
        for found in entry["attributes"]:
            prop = expected[entry["category"]][found["name"]]
            assert (found["kind"], found["group"]) == (prop["kind"], prop["group"])


def test_everything_has_a_chinese_name():
    for category in json.loads((demo.FOLDER / "categories.json").read_text()):
        assert category["labels"]["zh"]
        groups = {prop["group"] for prop in category["properties"]}
        assert groups == {group for group, labels in category["group_labels"].items() if labels["zh"]}
        assert all(prop["labels"]["zh"] for prop in category["properties"])


@pytest.mark.parametrize(
    "title", ["Austria", "Switzerland", "Gold", "Silver", "Iron", "Python", "C++", "Rust", "GPT-4o", "JSON"]
)
def test_what_people_ask_for_has_a_plain_title(entries, title):
    assert title in {entry["title"] for entry in entries}


def test_elements_and_countries_have_chinese_aliases(entries):
    aliases = {entry["title"]: entry["aliases"] for entry in entries}
    for title, alias in [
        ("Gold", "金"),
        ("Silver", "银"),
        ("Iron", "铁"),
        ("Austria", "奥地利"),
        ("Oganesson", "鿫"),
    ]:
        assert alias in aliases[title]


def test_references_lead_to_entries(entries):
    from app.domain.names import slugify

    slugs = {slugify(entry["title"]) for entry in entries}
    references = [found["value"]["item"] for entry in entries for found in entry["attributes"]
                  if found["kind"] == "reference" and "value" in found]  # fmt: skip
    assert len(references) > 500
    assert set(references) <= slugs


def test_numbers_carry_no_binary_noise(entries):
    amounts = [found["value"]["amount"] for entry in entries for found in entry["attributes"]
               if found["kind"] == "number" and "value" in found]  # fmt: skip
    assert [amount for amount in amounts if len(amount.replace(".", "").strip("-0")) > 10] == []


def test_every_unit_is_known_without_the_categories_that_declare_it(entries):
    values = [
        a["value"] for entry in entries for a in entry["attributes"] if isinstance(a.get("value"), dict)
    ]
    found = {value["unit"] for value in values if value.get("unit")}
    assert {unit for unit in found if units.find(unit) is None} == set()


def test_it_is_loaded_once_whatever_becomes_of_it(stores, few):
    assert demo.load_once(stores, NOW).created == 5
    assert demo.is_loaded(stores)
    assert demo.load_once(stores, NOW) is None
    gold = stores.items.find_by_slug("gold")
    assert gold.aliases[0] == "金"
    assert stores.categories.get("chemical-elements").label("zh_Hans_CN") == "化学元素"


def test_what_was_cut_off_is_completed_and_edits_are_left_alone(stores, few):
    stores.categories.insert(make_category("Countries"))
    demo.load(stores, NOW)
    austria = stores.items.find_by_slug("austria")
    stores.items.replace(austria, replace(austria, summary="Edited."))
    stores.settings.put("demo", "")
    report = demo.load_once(stores, NOW)
    assert (report.created, report.unchanged) == (0, 5)
    assert stores.items.find_by_slug("austria").summary == "Edited."
    assert stores.categories.get("countries").properties == ()


def test_a_damaged_line_stops_the_loading(stores, monkeypatch, tmp_path):
    with gzip.open(tmp_path / "bad.jsonl.gz", "wt") as out:
        out.write("{}\n")
    (tmp_path / "categories.json").write_text("[]")
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    with pytest.raises(demo.DemoDamaged, match="line 1"):
        demo.load(stores, NOW)
    assert not demo.is_loaded(stores)
