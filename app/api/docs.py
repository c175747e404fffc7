"""The description of the API: for programs, and as a page to read and try it."""

from collections.abc import Iterator
from typing import Any

from flask import Response, current_app, render_template
from flask.views import MethodView

from app import rendering
from app.api.blueprint import PREFIX, blueprint
from app.api.representations import answer
from app.domain.errors import DomainError


class Description(MethodView):
    """The description for programs."""

    def get(self) -> Response:
        """Return the OpenAPI 3.1 document."""
        return answer(_document())


blueprint.add_url_rule("/openapi.json", view_func=Description.as_view("openapi"))


class Documentation(MethodView):
    """The description for people."""

    def get(self) -> str:
        """A page that shows the document and lets one try the operations."""
        problems = sorted({(error.code, error.status) for error in _errors(DomainError)})
        return render_template("api/docs.html", spec=_document(), prefix=PREFIX, problems=problems)


blueprint.add_url_rule("/docs", view_func=Documentation.as_view("docs"))


def _document() -> dict[str, Any]:
    # Here, since what composes it would make every start of the site slower, and few ever ask for it.
    from app.api.description import document

    return document(current_app, rendering.absolute_url(PREFIX))


def _errors(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for error in base.__subclasses__():
        yield error
        yield from _errors(error)
