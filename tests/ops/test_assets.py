"""`manage.py assets`: what nginx serves is what the site would have served."""

import gzip

from click.testing import CliRunner

import manage
from app.assets import BUNDLES, STATIC


def write(folder):
    return CliRunner().invoke(manage.main, ["assets", str(folder)])


def test_every_asset_is_written_under_the_address_that_pages_use(app, tmp_path):
    assert write(tmp_path).exit_code == 0
    names = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    with app.test_request_context():
        addresses = {name: app.jinja_env.globals["asset"](name) for name in names | set(BUNDLES)}
    for address in addresses.values():
        written = (tmp_path / address.lstrip("/")).read_bytes()
        assert written == app.test_client().get(address).data


def test_text_is_packed_beside_it(tmp_path):
    write(tmp_path)
    packed = list(tmp_path.rglob("*.gz"))
    assert {path.suffixes[-2] for path in packed} >= {".css", ".js", ".svg"}
    for path in packed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


def test_writing_again_replaces_a_version_and_keeps_the_others(tmp_path):
    write(tmp_path)
    (version,) = (tmp_path / "assets").iterdir()
    (version / "left-over").write_text("")
    (tmp_path / "assets" / "0123456789ab").mkdir()
    assert write(tmp_path).exit_code == 0
    assert {path.name for path in (tmp_path / "assets").iterdir()} == {version.name, "0123456789ab"}
    assert not (version / "left-over").exists()


def test_a_web_server_of_another_user_may_read_them(tmp_path):
    write(tmp_path)
    for path in (tmp_path / "assets").rglob("*"):
        assert path.stat().st_mode & 0o004
        assert path.is_file() or path.stat().st_mode & 0o001


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    result = write(tmp_path / "file" / "public")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "cannot be written" in result.output
