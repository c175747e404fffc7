import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.utils.secret_key import load_or_create


def test_the_key_is_made_once_and_kept(tmp_path):
    key = load_or_create(tmp_path / "instance")
    assert len(key) >= 32
    assert load_or_create(tmp_path / "instance") == key


def test_only_its_owner_may_read_the_key(tmp_path):
    load_or_create(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_all_who_ask_at_once_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: load_or_create(tmp_path), range(32)))) == 1


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="directory"):
        load_or_create(tmp_path / "file" / "instance")
