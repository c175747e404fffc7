"""The forms of accounts. Fields and their names only: the rules stand in the services, once."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import EqualTo, InputRequired

from app.domain.errors import InvalidInput
from app.locales import LOCALES
from app.rendering import translate

_LANGUAGES = [
    SelectChoice("", _("As the site was")),
    *(SelectChoice(code, name) for code, name in LOCALES.items()),
]
_REQUIRED = InputRequired(_("Please fill in this field."))
_NAME_OF_ACCOUNT = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
_SAME = EqualTo("password", _("The two passwords are not the same."))


class AccountForm(FlaskForm):
    """A form that shows at its fields what a service refused."""

    def show(self, refusal: InvalidInput, paths: Mapping[str, str] = {}) -> None:
        """Put each refused path's sentence at the field of that name; ``paths`` maps other names."""
        for error in refusal.errors:
            name = paths.get(error.path, error.path)
            field = self._fields.get(name) or next(iter(self._fields.values()))
            field.errors = [*field.errors, translate(error.message)]


class RegistrationForm(AccountForm):
    """A new account."""

    email = EmailField(_("E-mail"), [_REQUIRED], render_kw={"autocomplete": "email", "maxlength": 254})
    username = StringField(
        _("Username"),
        [_REQUIRED],
        render_kw={
            "autocomplete": "username",
            "maxlength": 64,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(_("Password"), [_REQUIRED], render_kw={"autocomplete": "new-password"})
    password_again = PasswordField(
        _("Password again"), [_REQUIRED, _SAME], render_kw={"autocomplete": "new-password"}
    )


class LoginForm(AccountForm):
    """A log-in by e-mail or username."""

    identifier = StringField(
        _("E-mail or username"),
        [_REQUIRED],
        render_kw=_NAME_OF_ACCOUNT,
    )
    password = PasswordField(_("Password"), [_REQUIRED], render_kw={"autocomplete": "current-password"})
    remember = BooleanField(_("Stay logged in on this device"))
    next = HiddenField()


class AddressForm(AccountForm):
    """The address that a link shall be sent to."""

    email = EmailField(_("E-mail"), [_REQUIRED], render_kw={"autocomplete": "email", "maxlength": 254})


class NewPasswordForm(AccountForm):
    """A new password, by a mailed link."""

    password = PasswordField(_("New password"), [_REQUIRED], render_kw={"autocomplete": "new-password"})
    password_again = PasswordField(
        _("New password again"), [_REQUIRED, _SAME], render_kw={"autocomplete": "new-password"}
    )


class PasswordChangeForm(NewPasswordForm):
    """A new password, by who knows the present one."""

    current_password = PasswordField(
        _("Present password"), [_REQUIRED], render_kw={"autocomplete": "current-password"}
    )


class DeletionForm(AccountForm):
    """The end of an account."""

    password = PasswordField(
        _("Present password"), [_REQUIRED], render_kw={"autocomplete": "current-password"}
    )


class ProfileForm(AccountForm):
    """What users tell of themselves."""

    name = StringField(_("Full name"), render_kw={"autocomplete": "name", "maxlength": 80})
    location = StringField(_("Location"), render_kw={"maxlength": 80})
    website = URLField(
        _("Website"), render_kw={"maxlength": 200, "placeholder": "https://", "autocomplete": "url"}
    )
    introduction = TextAreaField(_("Introduction"), render_kw={"rows": 5, "maxlength": 2000})
    locale = SelectField(_("Language of mails"), choices=_LANGUAGES)


class AvatarForm(AccountForm):
    """A picture."""

    file = FileField(
        _("Profile picture"), [_REQUIRED], render_kw={"accept": "image/png,image/jpeg,image/webp,image/gif"}
    )


class PlainForm(AccountForm):
    """A button that needs nothing but the token against forgery."""


def text_of(form: AccountForm, name: str) -> str:
    """Return the text of a field as it was typed."""
    field: Any = form[name]
    return str(field.data or "")
