"""One's own account: profile, picture, password, sessions, deletion."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app import throttling
from app.domain.errors import InvalidInput
from app.domain.users import Profile, User
from app.extensions import stores
from app.services import accounts, avatars, pictures, profiles, sessions
from app.tasks.posting import post
from app.users import loader
from app.users.blueprint import blueprint
from app.users.forms import (
    AccountForm,
    AvatarForm,
    DeletionForm,
    PasswordChangeForm,
    PlainForm,
    ProfileForm,
    text_of,
)

Answer = Response | str | tuple[str, int]


@blueprint.route("/settings", methods=["GET", "POST"])
def settings() -> Answer:
    """The page of everything; its first form is the profile."""
    user = stores().users.get(loader.required_user().id)
    form = ProfileForm(obj=user)
    if form.validate_on_submit() and _changes_profile(user, form):
        flash(_("Your profile is saved."), "info")
        return redirect(url_for("users.profile", username=user.username))
    return _page(user, profile=form)


@blueprint.post("/settings/avatar")
def change_avatar() -> Answer:
    """Take a picture, or remove it when ``remove`` was pressed."""
    user = loader.required_user()
    form = AvatarForm()
    if "remove" in request.form:
        avatars.remove(stores(), user.id)
    elif not (form.validate_on_submit() and _takes_picture(user, form)):
        return _page(stores().users.get(user.id), avatar=form)
    flash(_("Your picture is saved."), "info")
    return redirect(url_for("users.settings"))


@blueprint.post("/settings/password")
def change_password() -> Answer:
    """Set another password; all other sessions and the tokens end."""
    user = loader.required_user()
    form = PasswordChangeForm()
    if form.validate_on_submit() and _changes_password(user, form):
        flash(_("Your new password is set; all other devices are logged out."), "info")
        return redirect(url_for("users.settings"))
    return _page(stores().users.get(user.id), password=form)


@blueprint.route("/settings/delete", methods=["GET", "POST"])
def delete() -> Answer:
    """Delete the account, after its password."""
    user = loader.required_user()
    form = DeletionForm()
    if form.validate_on_submit() and _deletes(user, form):
        loader.log_out()
        flash(_("Your account is deleted. Thank you for what you gave."), "info")
        return redirect(url_for("main.home"))
    return render_template("users/delete.html", form=form, user=user), 422 if form.is_submitted() else 200


def _page(user: User, **forms: AccountForm) -> tuple[str, int]:
    # Forms that were not sent must not read the fields of the one that was.
    shown = {
        "profile": ProfileForm(None, obj=user),
        "avatar": AvatarForm(None),
        "password": PasswordChangeForm(None),
        "plain": PlainForm(None),
    } | forms
    return render_template(
        "users/settings.html", user=user, forms=shown
    ), 422 if request.method == "POST" else 200


def _changes_profile(user: User, form: ProfileForm) -> bool:
    names = ("name", "location", "website", "introduction", "locale")
    return _accepted(
        form, lambda: profiles.change(stores(), user.id, Profile(*(text_of(form, n) for n in names)))
    )


def _takes_picture(user: User, form: AvatarForm) -> bool:
    upload: FileStorage = form.file.data
    content = upload.stream.read(pictures.MAX_BYTES + 1)
    return _accepted(form, lambda: avatars.replace(stores(), user.id, content))


def _changes_password(user: User, form: PasswordChangeForm) -> bool:
    current, new = text_of(form, "current_password"), text_of(form, "password")
    changed: list[User] = []
    with throttling.login_attempt(user.username):
        done = _accepted(
            form, lambda: changed.append(accounts.change_password(stores(), post, user.id, current, new))
        )
    if done:
        loader.log_in(changed[0], sessions.SHORT, remember=False)
    return done


def _deletes(user: User, form: DeletionForm) -> bool:
    password = text_of(form, "password")
    return _accepted(form, lambda: accounts.delete(stores(), user.id, password, datetime.now(UTC)))


def _accepted(form: AccountForm, act: Callable[[], object]) -> bool:
    try:
        act()
    except InvalidInput as refusal:
        form.show(refusal)
        return False
    return True
