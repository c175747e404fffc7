"""What everybody may see of a user."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.extensions import stores
from app.services import accounts, profiles
from app.storage.queries import ChangeQuery
from app.users.blueprint import blueprint

_ON_A_PAGE = 30


@blueprint.get("/<username>")
def profile(username: str) -> Response | str:
    """The page of a user: what they tell, how much they did, and their contributions page by page."""
    user = accounts.get(stores(), username)
    if user.username != username:
        return redirect(url_for("users.profile", username=user.username), 301)
    query = ChangeQuery(user=user.username, limit=_ON_A_PAGE, cursor=request.args.get("cursor", ""))
    return render_template(
        "users/profile.html",
        user=user,
        counts=profiles.contributions(stores(), user.username),
        page=stores().items.recent_changes(query),
    )
