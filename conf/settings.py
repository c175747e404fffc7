"""What can be configured: one class for each environment, and the variables that override it.

The classes hold the defaults; :func:`load` lays the environment over them. Nothing is read on import.
"""

from collections.abc import Callable, Container, Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

MEBIBYTE = 1024 * 1024
LEAST_KEY_LENGTH = 32


class ConfigurationError(Exception):
    """A variable has a value that cannot work. ``str()`` is one line for the operator."""


class Configuration:
    """What holds everywhere unless an environment says otherwise."""

    PKYX_ENV = "development"
    PKYX_DATA = "instance"
    PKYX_TRUSTED_PROXIES = 0
    # From where they may speak: this machine and private networks (RFC 1918, RFC 4193, link-local).
    PKYX_PROXY_ADDRESSES = (
        "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,::1/128,fc00::/7,fe80::/10"
    )
    # Whom requests may be addressed to; empty: anybody.
    PKYX_HOSTS: frozenset[str] = frozenset()
    PKYX_READ_ONLY = False
    # For how long a process goes by what it knows of the administrators' switch.
    READ_ONLY_SECONDS = 1.0
    PKYX_ACCESS_LOG = False
    # Commands of the database that take longer are logged; 0: none is, since to watch each costs 0.07 ms.
    PKYX_SLOW_QUERY_MS = 0
    HOST = "127.0.0.1"
    PORT = 5000
    WEB_CONCURRENCY = 2
    WEB_THREADS = 8
    LOG_LEVEL = "INFO"
    LOG_JSON = False
    SECRET_KEY = ""
    MONGO_URI = ""
    # For how long a request waits for the database in all, so that a lost one is told within 10 seconds,
    # also by requests that have to wait for a thread first.
    DATABASE_WAIT_SECONDS = 4.0
    # What each question outside of requests waits for, in streams and tasks. A member that has gone silent is
    # noticed by its heartbeat.
    MONGO_OPTIONS: Mapping[str, object] = {
        "timeoutMS": 7000,
        "serverSelectionTimeoutMS": 3000,
        "connectTimeoutMS": 3000,
        "heartbeatFrequencyMS": 2000,
    }
    REDIS_URL = ""
    SENTRY_DSN = ""
    # Seconds after which a task whose worker died is taken up by another.
    PKYX_TASK_TERM = 30

    BODY_LIMIT = MEBIBYTE
    # Pictures of 5 MiB come as multipart forms and need some room around them.
    UPLOAD_LIMIT = 6 * MEBIBYTE
    MAX_FORM_MEMORY_SIZE = MEBIBYTE
    MAX_FORM_PARTS = 5000

    SESSION_COOKIE_NAME = "pkyx"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_NAME = "pkyx_remember"
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SAMESITE = "Lax"
    PERMANENT_SESSION_LIFETIME = timedelta(days=31)
    # A form may lie open for days; the token is bound to the session anyway.
    WTF_CSRF_TIME_LIMIT: int | None = None
    # Checked by path in create_app: the API never believes a cookie, everything else may.
    WTF_CSRF_CHECK_DEFAULT = False

    RATELIMIT_ENABLED = True
    RATELIMIT_STORAGE_URI = "memory://"
    RATELIMIT_HEADERS_ENABLED = True

    MAIL_SERVER = ""
    MAIL_PORT = 25
    MAIL_USE_TLS = False
    MAIL_USERNAME: str | None = None
    MAIL_PASSWORD: str | None = None
    MAIL_DEFAULT_SENDER = "pkyx@localhost"

    BABEL_DEFAULT_LOCALE = "en"
    BOOTSTRAP_SERVE_LOCAL = True
    COMPRESS = True
    TEMPLATES_AUTO_RELOAD = False


class Development(Configuration):
    """A person's own machine."""

    LOG_LEVEL = "WARNING"
    TEMPLATES_AUTO_RELOAD = True


class Testing(Configuration):
    """The test suite."""

    PKYX_ENV = "testing"
    TESTING = True
    LOG_LEVEL = "WARNING"
    SECRET_KEY = "only-for-tests-" * 3
    RATELIMIT_ENABLED = False
    WTF_CSRF_ENABLED = False
    # Tests ask from more threads at once than a host has.
    DATABASE_WAIT_SECONDS = 60.0


class Production(Configuration):
    """A public site: the secret key must be given."""

    PKYX_ENV = "production"
    LOG_JSON = True


ENVIRONMENTS: Mapping[str, type[Configuration]] = {
    "development": Development,
    "testing": Testing,
    "production": Production,
}


def load(environ: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the configuration: the class of the environment, its variables, then ``overrides``.

    Raises ConfigurationError for a value that cannot work. An empty variable counts as unset.
    """
    given = {name: environ[name] for name in _VARIABLES if environ.get(name)}
    asked = str((overrides or {}).get("PKYX_ENV") or given.get("PKYX_ENV") or "development")
    settings = _defaults(_environment(asked))
    if settings["PKYX_ENV"] != "testing":  # tests depend on no one's environment
        settings |= {name: _VARIABLES[name](name, text) for name, text in given.items()}
    settings |= overrides or {}
    settings["PKYX_ENV"] = asked
    return _derived(settings)


def _environment(name: str) -> type[Configuration]:
    if name not in ENVIRONMENTS:
        raise ConfigurationError(f"PKYX_ENV must be one of {', '.join(ENVIRONMENTS)}, not “{name}”.")
    return ENVIRONMENTS[name]


def _defaults(environment: type[Configuration]) -> dict[str, object]:
    return {name: getattr(environment, name) for name in dir(environment) if name.isupper()}


def _derived(settings: dict[str, object]) -> dict[str, object]:
    settings["PKYX_DATA"] = str(Path(str(settings["PKYX_DATA"])).absolute())
    if settings["PKYX_ENV"] == "production" and "PKYX_URL" in settings:
        # A public site has one name, and its own machine may call it by the usual ones.
        named = urlsplit(str(settings["PKYX_URL"])).hostname or ""
        settings["PKYX_HOSTS"] = frozenset({named, "localhost", "127.0.0.1", "::1"})
    settings.setdefault("PKYX_URL", f"http://{_url_host(str(settings['HOST']))}:{settings['PORT']}")
    settings["PKYX_URL"] = str(settings["PKYX_URL"]).rstrip("/")
    secure = str(settings["PKYX_URL"]).startswith("https://")
    settings.setdefault("SESSION_COOKIE_SECURE", secure)
    settings.setdefault("REMEMBER_COOKIE_SECURE", secure)
    if settings["SESSION_COOKIE_SECURE"]:
        # Browsers take a cookie of this name from this very host and over TLS alone: no neighbour plants one.
        for name in ("SESSION_COOKIE_NAME", "REMEMBER_COOKIE_NAME"):
            settings[name] = f"__Host-{settings[name]}"
    if settings["REDIS_URL"]:
        settings["RATELIMIT_STORAGE_URI"] = settings["REDIS_URL"]
        # One that hangs must not hold a log-in up for long; without it, each process counts by itself.
        settings["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    _check_key(settings)
    return settings


def _url_host(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _check_key(settings: Mapping[str, object]) -> None:
    key = str(settings["SECRET_KEY"])
    if settings["PKYX_ENV"] != "production":
        return
    if len(key) < LEAST_KEY_LENGTH or len(set(key)) < LEAST_KEY_LENGTH // 4:
        raise ConfigurationError(
            f"PKYX_ENV=production needs a SECRET_KEY of at least {LEAST_KEY_LENGTH} random characters; make "
            "one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


def _text(_name: str, text: str) -> str:
    return text


def _flag(name: str, text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False}
    words["off"] = False
    if text.strip().lower() not in words:
        raise ConfigurationError(f"{name} must be 1 or 0, not “{text}”.")
    return words[text.strip().lower()]


def _number(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        if not text.strip().isascii() or not text.strip().isdigit() or not low <= int(text) <= high:
            raise ConfigurationError(f"{name} must be a number from {low} to {high}, not “{text}”.")
        return int(text)

    return read


def _names_host(text: str, schemes: Container[str]) -> bool:
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:  # of brackets and ports
        return False
    is_clean = text.isprintable() and not any(map(str.isspace, text))
    return text.partition(":")[0] in schemes and bool(parts.hostname) and has_port and is_clean


def _url(name: str, text: str) -> str:
    if not _names_host(text, ("http", "https")) or "?" in text or "#" in text or "@" in text:
        raise ConfigurationError(f"{name} must be an address like https://wiki.example.org, not “{text}”.")
    return text


def _networks(name: str, text: str) -> str:
    try:
        for network in text.split(","):
            ip_network(network.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"{name} must be networks like 10.0.0.0/8,192.0.2.1/32, not “{text}”."
        ) from error
    return text


def _mongo_uri(name: str, text: str) -> str:
    if not text.startswith(("mongodb://", "mongodb+srv://")):
        raise ConfigurationError(f"{name} must begin with mongodb:// or mongodb+srv://.")
    return text


def _redis_url(name: str, text: str) -> str:
    if not _names_host(text, ("redis", "rediss")):
        # What it holds may be a password.
        raise ConfigurationError(f"{name} must be an address like redis://127.0.0.1:6379/0.")
    return text


def _level(name: str, text: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if text.upper() not in levels:
        raise ConfigurationError(f"{name} must be one of {', '.join(levels)}, not “{text}”.")
    return text.upper()


_VARIABLES: Mapping[str, Callable[[str, str], object]] = {
    "PKYX_ENV": _text,
    "PKYX_DATA": _text,
    "PKYX_URL": _url,
    "PKYX_TRUSTED_PROXIES": _number(0, 10),
    "PKYX_PROXY_ADDRESSES": _networks,
    "PKYX_READ_ONLY": _flag,
    "PKYX_ACCESS_LOG": _flag,
    "PKYX_SLOW_QUERY_MS": _number(0, 600_000),
    "HOST": _text,
    "PORT": _number(1, 65535),
    "WEB_CONCURRENCY": _number(1, 512),
    "WEB_THREADS": _number(1, 1024),
    "LOG_LEVEL": _level,
    "SECRET_KEY": _text,
    "MONGO_URI": _mongo_uri,
    "REDIS_URL": _redis_url,
    "PKYX_TASK_TERM": _number(1, 3600),
    "SENTRY_DSN": _text,
    "PROMETHEUS_MULTIPROC_DIR": _text,
    "RATELIMIT_ENABLED": _flag,
    "MAIL_SERVER": _text,
    "MAIL_PORT": _number(1, 65535),
    "MAIL_USE_TLS": _flag,
    "MAIL_USERNAME": _text,
    "MAIL_PASSWORD": _text,
    "MAIL_DEFAULT_SENDER": _text,
}
