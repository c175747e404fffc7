"""Who am I, and tokens."""

from flask import Response, g
from flask.views import MethodView

from app import rendering
from app.api import auth
from app.api.blueprint import blueprint
from app.api.representations import answer
from app.domain.errors import Unauthenticated
from app.extensions import stores
from app.services import tokens
from app.services.items import time_to_json


class Me(MethodView):
    """The account of the caller."""

    def get(self) -> Response:
        """Return it."""
        user = auth.caller()
        return answer(
            {
                "username": user.username,
                "email": user.email,
                "role": user.role.value,
                "name": user.name,
                "created_at": time_to_json(user.created_at),
                "confirmed": user.confirmed_at is not None,
                "blocked_until": time_to_json(user.blocked_until) if user.blocked_until else None,
                "links": {"html": rendering.absolute_url(f"/users/{user.username}")},
            }
        )


blueprint.add_url_rule("/me", view_func=Me.as_view("me"))


class TokenResource(MethodView):
    """The tokens of the caller."""

    def post(self) -> Response:
        """Return a new token, for name and password alone: a token must not outlive itself."""
        user = auth.caller()
        if not g.get("api_by_password"):
            raise Unauthenticated
        seconds = int(tokens.LIFETIME.total_seconds())
        response = answer({"token": auth.tokens().make(user), "token_type": "Bearer", "expires_in": seconds})
        response.headers["Cache-Control"] = "no-store"
        return response

    def delete(self) -> Response:
        """Revoke all tokens of the caller."""
        tokens.revoke_all(stores(), auth.caller())
        return Response(status=204)


blueprint.add_url_rule("/token", view_func=TokenResource.as_view("token"))
