"""The key that signs sessions, made once for an instance."""

import os
import secrets
import tempfile
from pathlib import Path


def load_or_create(folder: Path) -> str:
    """Return the key in ``folder``, making it on first use (readable by its owner only).

    However many processes ask at once, all get the same key. Raises OSError.
    """
    path = folder / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        _create(path)
    return path.read_text(encoding="ascii").strip()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written whole under another name, then linked: nobody sees half a key, and the first one wins.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o600)
        path.hardlink_to(name)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
