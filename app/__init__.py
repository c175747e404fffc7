"""pkyx, a comparison wiki. Importing this package opens no connection and reads no configuration."""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from app import proxies
from app.utils import secret_key
from conf import settings


class _Application(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``func``: nothing here is a coroutine, and to find out costs a tenth of a small request."""
        return func


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Return the application, configured by the environment and then by ``config``.

    ``DATABASE`` in ``config`` is a ready database object, for tests. Raises
    :class:`conf.settings.ConfigurationError` with one line for the operator.
    """
    # Here, so that the command line starts without them.
    from app import (
        assets,
        body_limits,
        compression,
        extensions,
        fresh_reads,
        logs,
        monitoring,
        operations,
        read_only,
        rendering,
        request_budget,
        security,
        tracing,
        web_errors,
    )

    app = _Application(__name__)
    app.config.from_mapping(settings.load(os.environ, config))
    logs.configure(str(app.config["LOG_LEVEL"]), bool(app.config["LOG_JSON"]))
    monitoring.start(app.config)
    _ensure_secret_key(app)
    _trust_proxies(app)
    tracing.register(app)
    request_budget.register(app)
    fresh_reads.register(app)
    body_limits.register(app)
    read_only.register(app)
    # Answers pass these in reverse: compressed last, after all else had its say.
    compression.register(app)
    security.register(app)
    operations.register(app)
    web_errors.register(app)
    extensions.init_app(app)
    rendering.register(app)
    assets.register(app)
    _register_blueprints(app)
    return app


def _register_blueprints(app: Flask) -> None:
    for name in ("main", "users", "api"):
        app.register_blueprint(import_module(f"app.{name}").blueprint)


def _ensure_secret_key(app: Flask) -> None:
    if app.config["SECRET_KEY"]:
        return
    folder = Path(app.config["PKYX_DATA"])
    try:
        app.config["SECRET_KEY"] = secret_key.load_or_create(folder)
    except OSError as error:
        raise settings.ConfigurationError(
            f"The secret key cannot be kept in {folder}: {error.strerror}. "
            "Set PKYX_DATA to a folder you may write, or SECRET_KEY."
        ) from error


def _trust_proxies(app: Flask) -> None:
    count = app.config["PKYX_TRUSTED_PROXIES"]
    if count:
        addresses = app.config["PKYX_PROXY_ADDRESSES"]
        app.wsgi_app = proxies.trusting(app.wsgi_app, count, addresses)  # type: ignore[method-assign]
