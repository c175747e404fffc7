"""The languages that pkyx speaks, and how one is chosen for a request."""

from flask import current_app, has_request_context, request

# Babel's identifier, and the language's own name for itself.
LOCALES = {"en": "English", "zh_Hans_CN": "简体中文"}
DEFAULT = "en"
COOKIE = "locale"


def cookie_name() -> str:
    """Return the name of the cookie with the reader's choice; over TLS no other host can set it."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def select_locale() -> str:
    """Return the reader's locale: by their choice (a cookie), then by the browser, then English."""
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(cookie_name(), "")
    return chosen if chosen in LOCALES else _from_browser()


def language_tag(locale: str) -> str:
    """Return the BCP 47 tag of a locale, for ``lang`` attributes: ``zh_Hans_CN`` → ``zh-Hans-CN``."""
    return locale.replace("_", "-")


def _from_browser() -> str:
    # Accept-Language seldom names the script, so every Chinese gets the one Chinese there is.
    for tag in request.accept_languages.values():
        language = tag.replace("_", "-").split("-")[0].lower()
        found = next((locale for locale in LOCALES if locale.split("_")[0] == language), None)
        if found:
            return found
    return DEFAULT
