"""The demo entries: real things of four categories, so that a new site has something to compare."""

import gzip
import json
from datetime import datetime
from pathlib import Path

from app.domain.errors import CategoryTaken
from app.services import categories, imports
from app.services.bulk_formats import Format
from app.services.imports import Options, Report
from app.storage.stores import Stores

FOLDER = Path(__file__).parents[1] / "demo"
_SETTING = "demo"
_LOADED = "loaded"
_COMMENT = "Demo entry; sources and licences: docs/data-sources.md"


class DemoDamaged(Exception):
    """A line of the demo files was refused. That is a fault of the release, not of the site's data."""


def is_loaded(stores: Stores) -> bool:
    """Say whether the demo entries were once loaded here to the end."""
    return stores.settings.find(_SETTING) == _LOADED


def load(stores: Stores, now: datetime) -> Report:
    """Add the demo categories and entries and return what became of the lines.

    Only what is not there is added: no category and no entry that exists is touched, so loading goes on
    where it was cut off, and never over anybody's edits. That it is complete is remembered.
    """
    _load_categories(stores)
    report = Report()
    for path in sorted(FOLDER.glob("*.jsonl.gz")):
        with gzip.open(path) as stream:
            options = Options(only_new=True, comment=_COMMENT)
            report.add(imports.run(stores, stream, Format.JSONL, options, now, _refuse))  # type: ignore[arg-type]
    stores.settings.put(_SETTING, _LOADED)
    return report


def load_once(stores: Stores, now: datetime) -> Report | None:
    """Load unless that was done before, whatever became of the entries since; None then."""
    return None if is_loaded(stores) else load(stores, now)


def _load_categories(stores: Stores) -> None:
    for raw in json.loads((FOLDER / "categories.json").read_text("utf-8")):
        category = categories.category_from_json(raw, raw["slug"])
        try:
            stores.categories.insert(category)
        except CategoryTaken:
            continue


def _refuse(number: int, reason: str) -> None:
    raise DemoDamaged(f"line {number}: {reason}")
