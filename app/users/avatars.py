"""Pictures of users, served piece by piece from the database, or drawn."""

from datetime import timedelta

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import stores
from app.services import avatars
from app.users.blueprint import blueprint

_A_YEAR = timedelta(days=365)
_A_WHILE = timedelta(minutes=10)


@blueprint.get("/avatar/<file_id>")
def avatar(file_id: str) -> Response:
    """A picture; another picture has another id, so browsers may keep it for good. ``size=64`` is smaller."""
    stored = avatars.open_avatar(stores(), file_id, request.args.get("size", avatars.LARGE, type=int))
    response = Response(stored.chunks, mimetype=stored.content_type)
    response.content_length = stored.length
    response.set_etag(stored.digest)
    response.headers["Content-Disposition"] = "inline"
    _cache(response, _A_YEAR, immutable=True)
    return _conditional(response)


@blueprint.get("/<username>/avatar")
def avatar_of(username: str) -> AnyResponse:
    """The picture of a user by name: a way to the uploaded one, or one drawn from the name."""
    user = stores().users.find_by_username(username)
    if user and user.avatar:
        size = request.args.get("size", type=int)
        response = redirect(url_for("users.avatar", file_id=user.avatar, size=size))
        response.headers["Cache-Control"] = "public, max-age=60"
        return response
    drawn = Response(avatars.drawn(user.username if user else username), mimetype="image/svg+xml")
    drawn.add_etag()
    _cache(drawn, _A_WHILE, immutable=False)
    return _conditional(drawn)


def _cache(response: Response, time: timedelta, *, immutable: bool) -> None:
    response.cache_control.public = True
    response.cache_control.max_age = int(time.total_seconds())
    if immutable:
        response.cache_control.immutable = True


def _conditional(response: Response) -> Response:
    response.make_conditional(request)
    return response
