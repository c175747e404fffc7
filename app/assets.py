"""Style sheets, scripts and icons under addresses that carry a fingerprint, so browsers keep them for good.

``/assets/<version>/js/main.js`` is ``app/static/js/main.js``; the version is that of all files together, so
a module's relative imports stay within the version of the page that began them. Text goes out compressed.
"""

import gzip
import hashlib
import mimetypes
import shutil
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import flask_bootstrap
from flask import Flask, Response, abort, current_app, request, url_for

STATIC = Path(__file__).parent / "static"
_BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"
# Style sheets that every page needs go out as one: one request instead of three before anything is drawn.
BUNDLES: Mapping[str, tuple[Path, ...]] = {
    "css/base.css": (_BOOTSTRAP, STATIC / "css/tokens.css", STATIC / "css/site.css"),
}
_FOR_GOOD = "public, max-age=31536000, immutable"
_COMPRESSED = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/manifest+json"})

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


def register(app: Flask) -> None:
    """Serve the assets, and give templates ``asset(name)`` for their addresses."""
    app.add_url_rule("/assets/<version>/<path:name>", "asset", _serve)
    app.jinja_env.globals["asset"] = asset_url


def asset_url(name: str) -> str:
    """Return the address of an asset by its path under ``static``."""
    return url_for("asset", version=version(), name=name)


def version() -> str:
    """Return the fingerprint of all assets; a running server keeps its first answer unless it debugs."""
    if current_app.debug:
        _fingerprint.cache_clear()
        _read.cache_clear()
    return _fingerprint()


def write(folder: Path) -> Path:
    """Write all assets below ``folder`` as they are addressed, for a web server; return their own folder.

    It appears whole or not at all. Those of other versions stay: pages that are open ask for them still.
    """
    target = folder / "assets" / _fingerprint()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as temporary:
        whole = Path(temporary) / target.name
        for name in (*_files(), *BUNDLES):
            _write_one(whole, name)
        shutil.rmtree(target, ignore_errors=True)
        whole.rename(target)
    return target


def _write_one(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_read(_parts(name), False))
    if mimetypes.guess_type(name)[0] in _COMPRESSED:
        path.with_name(path.name + ".gz").write_bytes(_read(_parts(name), True))


def _serve(version: str, name: str) -> Response:
    parts = _parts(name)
    if not parts:
        abort(404)
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(mimetype=mimetype)
    response.vary.add("Accept-Encoding")
    packed = mimetype in _COMPRESSED and request.accept_encodings["gzip"] > 0
    response.set_data(_read(parts, packed))
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    # A page of another version may ask for a name that has changed since: it gets today's, but not for good.
    response.headers["Cache-Control"] = _FOR_GOOD if version == _fingerprint() else "no-cache"
    return response


def _parts(name: str) -> tuple[Path, ...]:
    # Names are looked up and never joined to a path, so none can climb out of the folder.
    found = _files().get(name)
    return BUNDLES.get(name) or ((found,) if found else ())


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}


@lru_cache(maxsize=1)
def _fingerprint() -> str:
    _files.cache_clear()
    digest = hashlib.sha256(_BOOTSTRAP.read_bytes())
    for name, path in sorted(_files().items()):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=256)
def _read(parts: tuple[Path, ...], packed: bool) -> bytes:
    content = b"\n".join(path.read_bytes() for path in parts)
    return gzip.compress(content, 9, mtime=0) if packed else content
