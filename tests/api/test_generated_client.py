"""A client that a public generator makes of the served description works on the running site."""

import base64
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.users import Role
from app.storage.stores import Stores
from tests import servers
from tests.conftest import ROOT
from tests.people import PASSWORD, make_user

# The one thing that the generator leaves out, which it says.
_LEFT_OUT = "Unsupported content type application/jsonl"


def documented(language: str) -> str:
    """What the documentation of generated clients shows in a language."""
    page = (ROOT / "docs" / "api.md").read_text().partition("## A generated client")[2]
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)[0]


@pytest.fixture
def site(mongo_uri, database, tmp_path):
    """The address of a site that `manage.py run` serves, as people start it, with a moderator's account."""
    url = f"http://127.0.0.1:{servers.free_port()}"
    Stores.connect(database).users.insert(make_user("Mo", role=Role.MODERATOR))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PKYX_")} | {
        "MONGO_URI": mongo_uri.replace("/pkyx?", f"/{database.name}?"),
        "PKYX_DATA": str(tmp_path / "instance"),
        "PORT": url.rpartition(":")[2],
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "manage.py", "run", "--no-demo"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes)
    try:
        assert any(url in line for line in process.stdout), "the site did not start"
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=60)


def generate(url: str, folder: Path) -> str:
    """Generate the package ``pkyx_client`` into ``folder`` and return what the generator said."""
    config = folder / "generator.yml"
    # Its last steps would put the code into a form for people.
    config.write_text(documented("yaml") + "post_hooks: []\n")
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--url", url]
    options = ["--meta", "none", "--config", str(config), "--output-path", str(folder / "pkyx_client")]
    environ = os.environ | {"no_proxy": "*"}
    done = subprocess.run(
        [*command, *options], env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class Generated:
    """The operations and models of the generated package, by name."""

    def operation(self, tag: str, name: str):
        return importlib.import_module(f"pkyx_client.api.{tag}.{name}")

    def __getattr__(self, name: str):
        return getattr(importlib.import_module("pkyx_client.models"), name)

    def client(self, url: str, token: str = "", prefix: str = "Bearer"):
        made = importlib.import_module("pkyx_client")
        options = {"base_url": f"{url}/api/v1", "raise_on_unexpected_status": True}
        if not token:
            return made.Client(**options)
        return made.AuthenticatedClient(**options, token=token, prefix=prefix)


@pytest.fixture
def generated(site, tmp_path, monkeypatch):
    said = generate(f"{site}/api/v1/openapi.json", tmp_path)
    warnings = re.findall(r"^WARNING .*\n\n(.*)$", said, re.MULTILINE)
    assert warnings == [_LEFT_OUT], said
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    yield Generated()
    for name in [name for name in sys.modules if name.partition(".")[0] == "pkyx_client"]:
        del sys.modules[name]


def machine(generated, title: str, mass: str):
    value = generated.NumberValue(amount=mass, unit="kg")
    attribute = generated.NumberAttributeInput(name="Mass", kind="number", value=value)
    return generated.ItemInput(title=title, attributes=[attribute])


def test_it_creates_reads_patches_compares_and_deletes(site, generated):
    basic = base64.b64encode(f"Mo:{PASSWORD}".encode()).decode()
    with generated.client(site, basic, "Basic") as client:
        token = generated.operation("account", "create_token").sync(client=client).token
    with generated.client(site, token) as client, generated.client(site) as reader:
        entry = creates(generated, client)
        reads(generated, reader, entry)
        patches(generated, client, entry)
        patches_as_documented(client, reader, generated)
        compares(generated, reader)
        sends_many(generated, client)
        exports(generated, reader)
        deletes(generated, client, reader, entry)


def creates(generated, client):
    create = generated.operation("entries", "create_item")
    first = create.sync_detailed(client=client, body=machine(generated, "Pfaff 30", "14.5"))
    assert (first.status_code, first.headers["ETag"], first.parsed.slug) == (201, '"1"', "pfaff-30")
    assert create.sync(client=client, body=machine(generated, "Singer 15K", "13")).revision == 1
    taken = create.sync(client=client, body=machine(generated, "Pfaff 30", "1"))
    assert (taken.status, taken.code) == (409, "title-taken")
    return first.parsed


def reads(generated, reader, entry):
    read = generated.operation("entries", "get_item").sync("pfaff-30", client=reader)
    assert read == entry
    assert isinstance(read.attributes[0], generated.NumberAttribute)
    assert read.attributes[0].value.amount == "14.5"
    heavy = generated.ListItemsFilters.from_dict({"attr.mass.gte": "14 kg"})
    found = generated.operation("entries", "list_items").sync(client=reader, filters=heavy, fields="title")
    assert [row.title for row in found.items] == ["Pfaff 30"]


def patches(generated, client, entry):
    patch = generated.operation("entries", "patch_item")
    change = generated.MergePatch.from_dict({"summary": "Of 1931.", "comment": "from the plate"})
    patched = patch.sync(entry.id, client=client, body=change, if_match='"1"')
    assert (patched.summary, patched.revision) == ("Of 1931.", 2)
    stale = patch.sync_detailed(entry.id, client=client, body=change, if_match='"1"')
    assert (stale.status_code, stale.parsed.current.revision) == (412, 2)


def patches_as_documented(client, reader, generated):
    exec(documented("python"), {"client": client})
    entry = generated.operation("entries", "get_item").sync("pfaff-30", client=reader)
    assert (entry.aliases, entry.revision) == (["Pfaff Model 30"], 3)


def sends_many(generated, client):
    send = generated.operation("entries", "create_items")
    sent = send.sync(client=client, body=[machine(generated, "Necchi BU", "12").to_dict(), {"title": ""}])
    assert [outcome.status for outcome in sent.results] == [201, 422]
    assert sent.results[1].errors[0].path == "title"


def exports(generated, reader):
    found = generated.operation("entries", "export_items").sync(client=reader)
    titles = {json.loads(line)["title"] for line in found.payload}
    assert titles == {"Pfaff 30", "Singer 15K", "Necchi BU"}


def compares(generated, reader):
    compare = generated.operation("comparing_and_finding", "compare")
    (row,) = compare.sync(client=reader, items="pfaff-30,singer-15k").rows
    assert (row.key, row.differs) == ("mass", True)
    assert [cell.value["amount"] for cell in row.cells] == ["14.5", "13"]


def deletes(generated, client, reader, entry):
    delete = generated.operation("entries", "delete_item")
    comment = generated.Comment(comment="sold")
    assert delete.sync_detailed(entry.id, client=client, body=comment).status_code == 204
    gone = generated.operation("entries", "get_item").sync(entry.id, client=reader)
    assert (gone.status, gone.code) == (410, "item-deleted")
