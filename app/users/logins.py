"""Logging in and out."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app import throttling
from app.domain.errors import LoginRefused, TooManyAttempts
from app.domain.users import User
from app.extensions import stores
from app.rendering import translate
from app.services import accounts, sessions
from app.users import loader
from app.users.blueprint import blueprint
from app.users.forms import LoginForm, PlainForm, text_of
from app.users.navigation import local_path


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> AnyResponse | str | tuple[str, int]:
    """The page to log in, and, with ``dialog=1``, the same form for the header's dialog."""
    form = LoginForm(request.form if request.method == "POST" else request.args)
    if form.validate_on_submit():
        return _log_in(form)
    if request.args.get("dialog"):
        return render_template("users/_login_form.html", form=form)
    if current_user.is_authenticated and request.method != "POST":
        return redirect(local_path(text_of(form, "next")))
    status = 422 if request.method == "POST" else 200
    return render_template("users/login.html", form=form), status


@blueprint.route("/logout", methods=["GET", "POST"])
def logout() -> AnyResponse | str:
    """Log out; a plain link shows a button first, since no other site may log anybody out."""
    if request.method != "POST":
        return render_template("users/logout.html", form=PlainForm())
    loader.log_out()
    flash(_("You are logged out."), "info")
    return redirect(url_for("main.home"))


@blueprint.post("/logout-everywhere")
def logout_everywhere() -> AnyResponse:
    """End every session of the user, on this device too."""
    user = loader.required_user()
    sessions.end_all(stores(), user.id)
    loader.log_out()
    flash(_("You are logged out on all devices."), "info")
    return redirect(url_for("users.login"))


def _log_in(form: LoginForm) -> AnyResponse | Response:
    try:
        user = _authenticated(form)
    except (LoginRefused, TooManyAttempts) as error:
        form.identifier.errors = [translate(error.message)]
        response = Response(render_template("users/login.html", form=form), error.status)
        if isinstance(error, TooManyAttempts):
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    remember = bool(form.remember.data)
    loader.log_in(user, sessions.REMEMBERED if remember else sessions.SHORT, remember=remember)
    flash(_("Welcome, %(name)s.", name=user.username), "info")
    return redirect(local_path(text_of(form, "next")))


def _authenticated(form: LoginForm) -> User:
    identifier = text_of(form, "identifier").strip()
    with throttling.login_attempt(identifier):
        return accounts.authenticate(stores(), identifier, text_of(form, "password"))
