"""The pages of administrators: people and roles, blocks, background tasks, the database, the switch."""

from datetime import UTC, datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.wrappers import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import extensions, read_only
from app.domain.errors import FieldError, InvalidInput
from app.domain.messages import N_, Message
from app.domain.permissions import Permission, require
from app.extensions import current_actor, stores
from app.main.blueprint import blueprint
from app.services import administration
from app.storage import health
from app.storage.tasks import TaskState

_LONGEST_SEARCH = 254


@blueprint.after_request
def keep_nowhere(response: FlaskResponse) -> FlaskResponse:
    """Let no cache, the browser's neither, keep what only administrators see."""
    if str(request.endpoint).startswith("main.admin"):
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/admin")
def admin() -> str:
    """The way to everything else, and the switch."""
    _require()
    return render_template(
        "main/admin/overview.html",
        is_fixed=current_app.config["PKYX_READ_ONLY"],
        problems=health.problems(extensions.database()),
    )


@blueprint.post("/admin/read-only")
def admin_read_only() -> Response:
    """Turn the switch: ``state`` is ``on`` or ``off``."""
    _require()
    state = request.form.get("state")
    if state not in ("on", "off"):
        raise InvalidInput([FieldError("state", Message(N_("“on” or “off” was expected.")))])
    read_only.turn(on=state == "on")
    flash(_("The site is read-only now.") if state == "on" else _("The site takes changes again."), "info")
    return redirect(url_for("main.admin"), 303)


@blueprint.get("/admin/users")
def admin_users() -> str:
    """People by name, or the one of an address, and what they may do."""
    typed = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    after = request.args.get("after", "")[:_LONGEST_SEARCH]
    found, following = administration.people(stores(), current_actor(), typed, after, _now())
    return render_template("main/admin/users.html", users=found, following=following, typed=typed, now=_now())


@blueprint.get("/admin/blocks")
def admin_blocks() -> str:
    """Who may not write now, until when and why."""
    cursor = request.args.get("cursor", "")
    found, following = administration.blocked(stores(), current_actor(), cursor, _now())
    return render_template("main/admin/blocks.html", users=found, following=following)


@blueprint.get("/admin/tasks")
def admin_tasks() -> str:
    """What was done in the background of late, and how it went."""
    cursor = request.args.get("cursor", "")
    found, following = administration.tasks(stores(), current_actor(), cursor, _now())
    return render_template(
        "main/admin/tasks.html",
        tasks=found,
        following=following,
        states=_state_words(),
        has_queue=bool(current_app.config["REDIS_URL"]),
    )


@blueprint.get("/admin/health")
def admin_health() -> str:
    """Where the database is, how much it holds, and whether it is as declared."""
    _require()
    return render_template("main/admin/health.html", health=health.read(extensions.database()))


def _require() -> None:
    require(current_actor(), Permission.ADMINISTER, _now())


def _state_words() -> dict[TaskState, str]:
    return {
        TaskState.WAITING: _("waiting"),
        TaskState.RUNNING: _("running"),
        TaskState.DONE: _("done"),
        TaskState.FAILED: _("failed"),
    }


def _now() -> datetime:
    return datetime.now(UTC)
