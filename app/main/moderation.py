"""What moderators have beside deleting and restoring: protection, roll-back, blocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import rendering
from app.domain.errors import Forbidden, InvalidInput
from app.domain.items import Item
from app.domain.messages import Message
from app.domain.permissions import Permission, allows, require
from app.domain.users import Role
from app.extensions import current_actor, stores
from app.main import change_words
from app.main.blueprint import blueprint
from app.services import accounts, items, moderation
from app.services.items import Note
from app.services.moderation import Block, NobodyElse

Errors = dict[str, Message]


@blueprint.app_context_processor
def _abilities() -> dict[str, object]:
    """Give templates ``may(permission)``; the service decides again when something is done."""
    return {"may": _may, "role_words": change_words.role_words, "locked": _locked, "roles": tuple(Role)}


@blueprint.get("/item/<slug>/moderate")
def moderate(slug: str) -> Any:
    """What moderators can do to an entry."""
    require(current_actor(), Permission.PROTECT, _now())
    return _entry_page(moderation.readable(stores(), current_actor(), slug, _now()))


@blueprint.post("/item/<slug>/protect")
def protect_item(slug: str) -> Response:
    """Let only ``role`` and above edit the entry, or its attribute ``key``."""
    item = items.get(stores(), slug)
    key = request.form.get("key", "")
    role = _role(request.form.get("role", ""))
    done = moderation.protect(stores(), current_actor(), item.id, role, _note("comment"), key)
    return _to_item(done, _("The protection was changed."))


@blueprint.post("/item/<slug>/rollback")
def roll_back(slug: str) -> Any:
    """Take back all of the newest consecutive edits, which are by ``user``."""
    item = items.get(stores(), slug)
    username = request.form.get("user", "") or item.updated_by
    note = Note(_now(), _comment() or _("Rolled back the edits of %(name)s", name=username))
    try:
        done = moderation.roll_back(stores(), current_actor(), item.id, username, note)
    except NobodyElse as refused:
        return _entry_page(item, {"user": refused.message}), refused.status
    return _to_item(done, _("The edits of %(name)s were rolled back.", name=username))


@blueprint.get("/users/<username>/block")
def block_form(username: str) -> str:
    """The form to block somebody, or to lift a block."""
    require(current_actor(), Permission.BLOCK, _now())
    return _user_page(username)


@blueprint.post("/users/<username>/block")
def block(username: str) -> Any:
    """Block somebody ``until`` a day or time (ISO 8601, UTC), or for so many ``days``, with a ``reason``."""
    wanted = Block(_until(), request.form.get("reason", ""))
    try:
        user = moderation.block(stores(), current_actor(), username, wanted, _now())
    except InvalidInput as refused:
        return _user_page(username, _errors(refused)), refused.status
    flash(_("%(name)s is blocked.", name=user.username), "info")
    return redirect(url_for("main.block_form", username=user.username), 303)


@blueprint.post("/users/<username>/unblock")
def unblock(username: str) -> Response:
    """Let somebody write again."""
    user = moderation.lift_block(stores(), current_actor(), username, _now())
    flash(_("%(name)s may write again.", name=user.username), "info")
    return redirect(url_for("main.block_form", username=user.username), 303)


def _locked(item: Item, key: str = "") -> bool:
    """Say whether a protection keeps this reader from editing the entry, or its attribute ``key``."""
    try:
        items.require_open(item, current_actor())
        items.require_attribute_open(item, key, current_actor())
    except Forbidden:
        return True
    return False


@blueprint.post("/users/<username>/role")
def set_role(username: str) -> Response:
    """Give somebody the role ``role``, for administrators."""
    require(current_actor(), Permission.MANAGE_ROLES, _now())
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        abort(422)
    user = accounts.set_role(stores(), current_actor(), username, Role(wanted), _now())
    flash(_("The role of %(name)s was changed.", name=user.username), "info")
    return redirect(url_for("users.profile", username=user.username), 303)


def _may(permission: str) -> bool:
    return allows(current_actor(), Permission(permission), _now())


def _entry_page(item: Item, errors: Errors | None = None) -> str:
    category = stores().categories.find(item.category) if item.category else None
    label = change_words.labels_of(category, rendering.locale())
    return render_template(
        "main/moderation.html",
        item=item,
        levels=[role for role in moderation.PROTECTORS if current_actor().role.includes(role)],
        protected=dict(item.protected_keys),
        names={attribute.key: label(attribute.key, attribute.name) for attribute in item.attributes},
        errors=errors or {},
    )


def _user_page(username: str, errors: Errors | None = None) -> str:
    user = accounts.get(stores(), username)
    is_blocked = user.blocked_until is not None and user.blocked_until > _now()
    return render_template(
        "main/moderation_block.html",
        user=user,
        is_blocked=is_blocked,
        errors=errors or {},
        today=_now().date(),
    )


def _until() -> datetime:
    """Return the end of a block; what cannot be understood is now, and so is refused as not to come."""
    typed = request.form.get("until", "").strip()
    if not typed:
        days = request.form.get("days", default=0, type=int)
        return _now() + timedelta(days=min(max(days, 0), moderation.LONGEST_BLOCK.days))
    try:
        end = datetime.fromisoformat(typed)
    except ValueError:
        return _now()
    return end.replace(tzinfo=UTC) if end.tzinfo is None else end


def _role(typed: str) -> Role:
    # Nothing and anything unknown count as the strictest a moderator can set, never as "free".
    return Role(typed) if typed in set(moderation.PROTECTORS) else Role.MODERATOR


def _errors(refused: InvalidInput) -> Errors:
    return {error.path: error.message for error in refused.errors}


def _note(field: str) -> Note:
    return Note(_now(), request.form.get(field, "").strip())


def _comment() -> str:
    return request.form.get("comment", "").strip()


def _to_item(item: Item, sentence: str) -> Response:
    flash(sentence, "info")
    return redirect(url_for("main.item", slug=item.slug), 303)


def _now() -> datetime:
    return datetime.now(UTC)
