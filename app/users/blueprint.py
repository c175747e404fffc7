"""The blueprint of accounts; the modules beside this one hang their views on it."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.domain.users import Role
from app.tasks import posting
from app.users import loader

blueprint = Blueprint("users", __name__, url_prefix="/users")
blueprint.record_once(lambda state: posting.register(state.app))
loader.register()
# All others show what is for one reader: addresses, links that work once, what was typed into a form.
_FOR_EVERYBODY = {"users.profile", "users.avatar", "users.avatar_of"}


@blueprint.after_request
def keep_nowhere(response: Response) -> Response:
    """Let no cache, the browser's neither, keep what is for one reader alone."""
    if request.endpoint not in _FOR_EVERYBODY:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.app_template_filter("role_label")
def role_label(role: Role) -> str:
    """Return what a role is called in the reader's language."""
    return {
        Role.VISITOR: _("not confirmed yet"),
        Role.EDITOR: _("editor"),
        Role.MODERATOR: _("moderator"),
        Role.ADMIN: _("administrator"),
    }[role]
