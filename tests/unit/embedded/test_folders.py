import os
import stat

import pytest

from app.embedded.errors import FolderUnusable
from app.embedded.folders import DataFolder, Holder, Role


@pytest.fixture
def folder(tmp_path):
    made = DataFolder(tmp_path / "instance")
    made.create()
    yield made
    made.release()


def test_a_folder_is_private_to_its_owner(folder):
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_only_one_holds_a_folder(folder):
    assert folder.try_hold(Role.SITE)
    assert not DataFolder(folder.path).try_hold(Role.SITE)


def test_a_folder_let_go_can_be_held_again(folder):
    folder.try_hold(Role.SITE)
    folder.release()
    other = DataFolder(folder.path)
    assert other.try_hold(Role.COMMAND)
    other.release()


def test_the_holder_says_who_it_is_and_where_its_database_is(folder):
    folder.try_hold(Role.SITE)
    assert folder.find_holder() == Holder(os.getpid(), Role.SITE)
    folder.announce(Holder(os.getpid(), Role.SITE, "mongodb://somewhere"))
    assert DataFolder(folder.path).find_holder().uri == "mongodb://somewhere"


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "role": "king", "uri": ""}'])
def test_a_damaged_announcement_counts_as_none(folder, damaged):
    (folder.path / "holder.json").write_text(damaged)
    assert folder.find_holder() is None


def test_a_file_in_the_place_of_the_folder_is_one_clear_line(tmp_path):
    (tmp_path / "instance").write_text("")
    with pytest.raises(FolderUnusable, match=r"cannot be used: .+ Set PKYX_DATA"):
        DataFolder(tmp_path / "instance" / "deeper").create()
