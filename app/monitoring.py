"""Error reports to Sentry, where an operator asked for them."""

from collections.abc import Mapping
from importlib import import_module

from conf.settings import ConfigurationError


def start(config: Mapping[str, object]) -> None:
    """Report unexpected errors to SENTRY_DSN, if one is set; raise ConfigurationError without its package."""
    if not config["SENTRY_DSN"]:
        return
    try:
        # Optional, so it is no requirement of everybody else.
        sentry = import_module("sentry_sdk")
    except ImportError as error:
        raise ConfigurationError("SENTRY_DSN needs a package: pip install 'sentry-sdk[flask]'") from error
    sentry.init(
        dsn=config["SENTRY_DSN"],
        environment=config["PKYX_ENV"],
        send_default_pii=False,
    )
