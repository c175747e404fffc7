"""The unbound extensions, and the way from a request to the database."""

import hashlib
from typing import TYPE_CHECKING, Any, cast

from babel import support
from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel, Domain, get_locale
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_mail import Mail
from flask_pymongo import PyMongo
from flask_wtf import CSRFProtect
from pymongo.database import Database

from app import fresh_reads
from app.domain.errors import DatabaseUnavailable
from app.domain.users import Actor
from app.locales import select_locale
from app.storage import clients
from app.storage.slow_queries import SlowQueries

if TYPE_CHECKING:
    from app.storage.stores import Stores


class _Sessions(SecureCookieSessionInterface):
    """Makes nothing ready to read a session where the request carries none."""

    # What Flask signs with by itself is SHA-1.
    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if app.secret_key and not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


class _Domain(Domain):
    """Looks for the catalogue once in a request and language, not for each of a page's hundred words."""

    def get_translations(self) -> support.NullTranslations:
        current = get_locale()
        if current is None:
            return super().get_translations()
        kept = g.get(_CATALOGUE)
        if kept is None or kept[0] is not current:
            kept = (current, super().get_translations())
            setattr(g, _CATALOGUE, kept)
        return cast(support.NullTranslations, kept[1])


class _Babel(Babel):
    domain_instance = _Domain()


class _LoginManager(LoginManager):
    """Leaves the session alone where nobody asked who is there: answers then need not vary by cookie."""

    def _update_remember_cookie(self, response: Response) -> Response:
        if "_login_user" not in g:
            return response
        return cast(Response, super()._update_remember_cookie(response))


babel = _Babel()
bootstrap = Bootstrap5()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)
login_manager = _LoginManager()
mail = Mail()

_CATALOGUE = "pkyx_catalogue"
_DATABASE = "pkyx.database"
_STORES = "pkyx.stores"


def init_app(app: Flask) -> None:
    """Bind every extension to ``app``. No connection is opened."""
    app.session_interface = _Sessions()
    babel.init_app(app, locale_selector=select_locale)
    bootstrap.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    mail.init_app(app)
    app.extensions[_DATABASE] = app.config.get("DATABASE")
    if app.extensions[_DATABASE] is None and app.config["MONGO_URI"]:
        app.extensions[_DATABASE] = _connect(app)
    app.before_request(_protect)


def database() -> Database[dict[str, Any]]:
    """Return the database of the current application; raise DatabaseUnavailable if none is configured."""
    found = current_app.extensions[_DATABASE]
    if found is None:
        raise DatabaseUnavailable
    return cast(Database[dict[str, Any]], found)


def stores(*, may_lag: bool = False) -> "Stores":
    """Return the stores of the current application, one bundle for all its requests.

    What a request reads is at least as new as all that was answered before it began, by any host; where it
    ``may_lag``, that is not made sure of, which is quicker on a replica set of several members. To make sure
    takes a question to the database, once a request, and raises DatabaseUnavailable where nobody answers it.
    """
    found = current_app.extensions.get(_STORES)
    if found is None:
        # Here, since the stores import every kind, and `manage.py --help` needs none of them.
        from app.storage.stores import Stores

        found = current_app.extensions[_STORES] = Stores.connect(database())
    if not may_lag:
        fresh_reads.ensure(found)
    return cast("Stores", found)


def current_actor() -> Actor:
    """Return in whose name the current request acts."""
    return cast(Actor, current_user.actor)


def _connect(app: Flask) -> Database[dict[str, Any]]:
    mongo = PyMongo()
    own_json = app.json
    slow = app.config["PKYX_SLOW_QUERY_MS"]
    mongo.init_app(
        app,
        event_listeners=[SlowQueries(slow)] if slow else [],
        **clients.OPTIONS,
        **app.config["MONGO_OPTIONS"],
    )
    # Flask-PyMongo's provider would turn a client's {"$oid": …} into BSON, or into a 500.
    app.json = own_json
    if mongo.cx is None:  # pragma: no cover - init_app sets it or raises
        raise DatabaseUnavailable
    return cast(Database[dict[str, Any]], mongo.cx.get_default_database(clients.DATABASE))


def _protect() -> None:
    # The API believes no cookie, so nobody can be tricked into using it; all else needs the token.
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint and not is_api_path(request.path):
        csrf.protect()


def is_api_path(path: str) -> bool:
    """Say whether a path belongs to the REST API."""
    return path.startswith("/api/")
