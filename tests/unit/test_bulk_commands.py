"""What ``import`` and ``export`` show while they work."""

from contextlib import contextmanager

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
