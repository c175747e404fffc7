"""What ``import`` and ``export`` show while they work."""

import gzip
from contextlib import contextmanager
from random import Random

import pytest
from click.testing import CliRunner

from app.commands import data, progress
from app.storage.stores import Stores
from tests.factories import make_category, make_item


def test_an_export_shows_how_much_of_it_is_written(mock_database, monkeypatch, tmp_path):
    stores = Stores.connect(mock_database)
    stores.categories.put(make_category("Fruit"))
    for number in range(5):
        category = "fruit" if number else ""
        stores.items.insert(make_item(f"Fruit {number}", id=stores.items.new_id(), category=category))
    shown: list[tuple[int, list[int]]] = []

    @contextmanager
    def opened():
        yield stores

    @contextmanager
    def shows(_label, length):
        shown.append((length, []))
        yield shown[-1][1].append

    monkeypatch.setattr(data, "open_stores", opened)
    monkeypatch.setattr(data, "progress", shows)
    monkeypatch.setattr(data, "_SHOWN_EVERY", 2)
    for options in ([], ["--category", "fruit"]):
        result = CliRunner().invoke(data.export, [str(tmp_path / "fruit.jsonl"), *options])
        assert result.exit_code == 0, result.output
    assert shown == [(5, [2, 4]), (4, [2, 4])]


def test_what_takes_long_tells_a_log_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0)
    with progress.progress("cars.csv", 8) as show:
        show(2)
        show(8)
    assert capsys.readouterr().err.splitlines() == ["cars.csv: 25 %", "cars.csv: 100 %"]


@pytest.fixture
def imported(mock_database, monkeypatch, tmp_path):
    """Run ``import`` on files of a folder and return its result."""

    @contextmanager
    def opened():
        yield Stores.connect(mock_database)

    monkeypatch.setattr(data, "open_stores", opened)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(data.import_, arguments)


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_imported(imported, tmp_path):
    (tmp_path / "plain.csv.gz").write_text("title\nNo gzip\n")
    (tmp_path / "good.jsonl").write_text('{"title": "Good"}\n')
    result = imported("missing.csv", "plain.csv.gz", "good.jsonl")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "created 1, updated 0, unchanged 0, failed 2"
    assert "missing.csv: No such file or directory" in result.stderr
    assert "plain.csv.gz: Not a gzipped file" in result.stderr


def test_a_packed_file_that_is_cut_off_is_imported_as_far_as_it_goes(imported, tmp_path):
    numbers = Random(1)  # so that packing does not shrink them to nothing
    lines = "".join(f'{{"title": "{numbers.getrandbits(256):x}"}}\n' for _ in range(2000))
    packed = gzip.compress(lines.encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    result = imported("cut.jsonl.gz")
    assert result.exit_code == 1
    found = int(result.stdout.split("created ")[1].split(",")[0])
    assert 500 < found < 1500
    assert result.stdout.splitlines()[-1].endswith("failed 1")
    assert f"line {found + 1}: The file cannot be read further: " in result.stderr
