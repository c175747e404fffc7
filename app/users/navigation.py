"""Where to go after a form: never off the site."""

from urllib.parse import urlsplit

from flask import url_for


def local_path(target: str, fallback: str = "") -> str:
    """Return ``target`` if it is a path of this site, else ``fallback`` (the front page by default)."""
    # Browsers read a backslash as a slash, and drop tabs and line breaks: "/\t/evil.example" leaves the site.
    parts = urlsplit(target.replace("\\", "/")) if target.isprintable() else None
    if parts and target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc:
        return target
    return fallback or url_for("main.home")
