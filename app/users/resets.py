"""A new password for who forgot the old one."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import throttling
from app.domain.errors import InvalidInput, LinkRefused
from app.extensions import stores
from app.mailing import account_links
from app.rendering import locale, translate
from app.services import accounts
from app.tasks.posting import post
from app.users import loader
from app.users.blueprint import blueprint
from app.users.forms import AddressForm, NewPasswordForm, text_of


@blueprint.route("/reset", methods=["GET", "POST"])
def ask_reset() -> Response | str | tuple[str, int]:
    """The page to ask for a link. It says the same of known and unknown addresses."""
    form = AddressForm()
    if form.validate_on_submit():
        address = text_of(form, "email")
        throttling.check_mail(address)
        accounts.send_reset(post, address, locale())
        flash(_("If this address has an account, a mail with a link is on its way to it."), "info")
        return redirect(url_for("users.login"))
    return render_template("users/ask_reset.html", form=form, refusal=""), 422 if form.is_submitted() else 200


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response | str | tuple[str, int]:
    """The page to choose a new password. Only sending the form uses the link up."""
    form = NewPasswordForm()
    try:
        accounts.check_reset(stores(), account_links(), token, datetime.now(UTC))
        if form.validate_on_submit() and _resets(form, token):
            loader.log_out()
            flash(_("Your new password is set. Please log in with it."), "info")
            return redirect(url_for("users.login"))
    except LinkRefused as refusal:
        page = render_template(
            "users/ask_reset.html", form=AddressForm(None), refusal=translate(refusal.message)
        )
        return page, refusal.status
    return render_template("users/reset.html", form=form), 422 if form.is_submitted() else 200


def _resets(form: NewPasswordForm, token: str) -> bool:
    password, now = text_of(form, "password"), datetime.now(UTC)
    try:
        accounts.reset_password(stores(), account_links(), post, token, password, now)
    except InvalidInput as refusal:
        form.show(refusal)
        return False
    return True
