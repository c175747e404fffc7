"""What docs/scaling.md promises of its shard keys, as far as one server can show it: by the commands."""

import re
from dataclasses import replace
from datetime import timedelta

from pymongo import MongoClient, monitoring

from app.domain.items import Action
from app.storage.files import ITEM_IMAGE, Picture
from app.storage.indexes import INDEXES
from app.storage.stores import Stores
from tests.conftest import ROOT
from tests.factories import make_change, make_item

PAPER = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
DECLARED = re.findall(r'sh\.shardCollection\("pkyx\.([\w.]+)", \{(.+?)\}\)', PAPER)
KEYS = {name: re.findall(r"(\w+): 1", key) for name, key in DECLARED}


class Writes(monitoring.CommandListener):
    """Which fields each write of a single document names, by collection; the others may ask every shard."""

    def __init__(self):
        self.fields = {name: [] for name in KEYS}

    def started(self, event):
        command, name = event.command, event.command.get(event.command_name)
        if name in self.fields:
            single = [
                *command.get("documents", ()),
                *(part["q"] for part in command.get("updates", ()) if not part.get("multi")),
                *(part["q"] for part in command.get("deletes", ()) if part["limit"] == 1),
                *([command["query"]] if event.command_name == "findAndModify" else ()),
            ]
            self.fields[name] += [set(found) for found in single]

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


def test_unique_indexes_begin_with_the_shard_key():
    assert set(KEYS) == {"revisions", "fs.chunks"}
    for name, key in KEYS.items():
        unique = [index for index in INDEXES[name] if index.options.get("unique")]
        assert unique
        assert all([field for field, _ in index.keys][: len(key)] == key for index in unique)


def test_each_write_of_one_document_names_its_shard_key(mongo_uri, live_database):
    writes = Writes()
    with MongoClient(mongo_uri, tz_aware=True, event_listeners=[writes]) as client:
        stores = Stores.connect(client[live_database.name])
        head = stores.items.insert(make_item("Ada", id=stores.items.new_id()))
        change = make_change(at=head.change.at + timedelta(minutes=1), action=Action.EDIT)
        stores.items.replace(head, replace(head, summary="A mathematician.", change=change))
        stores.files.delete(
            stores.files.insert(Picture(b"x" * 300_000, "image/webp", 9, 9), ITEM_IMAGE, "Ada")
        )
    for name, key in KEYS.items():
        assert writes.fields[name], name
        assert all(set(key) <= fields for fields in writes.fields[name]), name
