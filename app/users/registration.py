"""Registering, and confirming the address."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import throttling
from app.domain.errors import InvalidInput, LinkRefused
from app.domain.usernames import username_key
from app.domain.users import User
from app.extensions import stores
from app.mailing import account_links
from app.rendering import locale, translate
from app.services import accounts
from app.services.account_rules import Registration
from app.tasks.posting import post
from app.users.blueprint import blueprint
from app.users.forms import AddressForm, PlainForm, RegistrationForm, text_of

# Who registered in this browser, as the folded name, until somebody logs in.
_REGISTERED = "registered"


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Response | str | tuple[str, int]:
    """The page to open an account. It says the same of known and unknown addresses."""
    form = RegistrationForm()
    if form.validate_on_submit() and _registers(form):
        flash(_sent(), "info")
        return redirect(url_for("users.login"))
    return render_template("users/register.html", form=form), 422 if form.is_submitted() else 200


@blueprint.route("/activate/<token>", methods=["GET", "POST"])
def activate(token: str) -> Response | str | tuple[str, int]:
    """Confirm an address by the link that was sent to it: at once in the browser of its user.

    Elsewhere by a button, since scanners of mail open links too.
    """
    try:
        user = accounts.check_activation(stores(), account_links(), token, datetime.now(UTC))
        if request.method != "POST" and not _opens_at_home(user):
            return render_template("users/confirm.html", form=PlainForm(), user=user)
        accounts.activate(stores(), account_links(), token, datetime.now(UTC))
    except LinkRefused as refusal:
        sentence = translate(refusal.message)
        return render_template(
            "users/activate.html", form=AddressForm(None), refusal=sentence
        ), refusal.status
    flash(_("Your address is confirmed: you can create and edit entries now."), "info")
    return redirect(url_for("users.login"))


@blueprint.route("/activate", methods=["GET", "POST"])
def resend() -> Response | str | tuple[str, int]:
    """The page to have the confirmation sent again."""
    form = AddressForm()
    if form.validate_on_submit():
        address = text_of(form, "email")
        throttling.check_mail(address)
        accounts.send_activation(post, address, locale())
        flash(_sent(), "info")
        return redirect(url_for("users.login"))
    return render_template("users/activate.html", form=form, refusal=""), 422 if form.is_submitted() else 200


def _opens_at_home(user: User) -> bool:
    """Say whether the link is opened in the browser that registered, or where its user is logged in."""
    is_theirs = (
        session.get(_REGISTERED) == username_key(user.username) or current_user.username == user.username
    )
    # HEAD is a look at the link, and no use of it.
    return request.method == "GET" and is_theirs


def _registers(form: RegistrationForm) -> bool:
    email, username, password = (text_of(form, name) for name in ("email", "username", "password"))
    registration = Registration(email, username, password, locale())
    try:
        with throttling.mail_order(registration.email):
            accounts.register(stores(), post, registration, datetime.now(UTC))
    except InvalidInput as refusal:
        form.show(refusal)
        return False
    session[_REGISTERED] = username_key(username)
    return True


def _sent() -> str:
    return _("We have sent a mail to this address. Please open the link in it to confirm the address.")
