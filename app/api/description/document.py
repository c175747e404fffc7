"""The OpenAPI document: the routes as they are registered, described by the table of operations.

apispec composes it. Paths and methods come from the MethodViews themselves, so an operation can be
neither forgotten nor made up: :func:`document` refuses to be made where routes and table differ.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from apispec import APISpec, BasePlugin
from apispec.exceptions import APISpecError
from apispec_webframeworks.flask import FlaskPlugin
from flask import Flask

from app.api.blueprint import PREFIX, blueprint
from app.api.description.operations import OPERATIONS
from app.api.description.parts import HEADERS, PARAMETERS, Answer, Operation
from app.api.description.schemas import Schema, all_schemas
from app.json_bodies import JSON

_KEY = "pkyx.api.description"
_PROBLEM = "application/problem+json"
_SECURITY: list[dict[str, list[str]]] = [{"basic": []}, {"bearer": []}]
_SCHEMES = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "E-mail or username, and password; or a token as the username, with any password.",
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `POST /token`."},
}
# Headers of problem documents.
_OWN_HEADERS = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    503: ("Retry-After",),
}
_INFO = {
    "license": {"name": "MIT", "identifier": "MIT"},
    "description": (
        "Read, compare and edit the entries of the wiki. Reading is open; writing needs an account, by HTTP "
        "Basic or a token. Every error is a problem document (RFC 9457) with a stable `code`. Entries have "
        "strong ETags: send `If-Match` to change just the revision that you have seen."
    ),
}

Described = dict[str, Any]


def document(app: Flask, server: str) -> Described:
    """Return the document of the API of ``app``, which is reached at ``server``.

    What it holds is made at the first call and shared: leave it as it is. Raises APISpecError if a
    route is not described, or a description has no route.
    """
    composed = app.extensions.get(_KEY)
    if composed is None:
        composed = app.extensions[_KEY] = _composed(app)
    return composed | {"servers": [{"url": server}]}


class _Operations(BasePlugin):
    """Describes what FlaskPlugin finds out about a view."""

    def path_helper(
        self,
        path: str | None = None,
        operations: Described | None = None,
        parameters: list[Described] | None = None,
        **kwargs: Any,
    ) -> str:
        """Return the path below the address of the server."""
        return str(path).removeprefix(PREFIX)

    def operation_helper(
        self, path: str | None = None, operations: Described | None = None, **kwargs: Any
    ) -> None:
        """Say of each method that the view has what the table says."""
        known = OPERATIONS[kwargs["view"].__name__]
        methods = {} if operations is None else operations
        _require_same(methods, known, str(path))
        # Anew, since the methods of a view come in no order.
        methods.clear()
        methods.update({method: _described(operation) for method, operation in known.items()})


def _composed(app: Flask) -> Described:
    plugins = (FlaskPlugin(), _Operations())
    spec = APISpec(title="pkyx", version="1", openapi_version="3.1.0", plugins=plugins, info=_INFO)
    _register_components(spec)
    views = _views(app)
    _require_same(views, OPERATIONS, "resources")
    for name in OPERATIONS:
        spec.path(view=views[name], app=app)
    for tag in dict.fromkeys(operation.tag for operation in _all_operations()):
        spec.tag({"name": tag})
    composed = spec.to_dict()
    return {name: composed[name] for name in ("openapi", "info", "tags", "paths", "components")}


def _views(app: Flask) -> dict[str, Callable[..., Any]]:
    """Return the registered resources by name."""
    own = f"{blueprint.name}."
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(own)}
    return {endpoint.removeprefix(own): app.view_functions[endpoint] for endpoint in endpoints}


def _require_same(registered: Mapping[str, object], described: Mapping[str, object], what: str) -> None:
    """Raise APISpecError if something is registered and not described, or the other way round."""
    if differing := registered.keys() ^ described.keys():
        raise APISpecError(f"{what}: either not registered or not described: {sorted(differing)}")


def _register_components(spec: APISpec) -> None:
    for name, schema in all_schemas().items():
        spec.components.schema(name, schema)
    for name, parameter in PARAMETERS.items():
        spec.components.parameter(name, str(parameter["in"]), dict(parameter))
    for name, header in HEADERS.items():
        spec.components.header(name, dict(header))
    for name, scheme in _SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for status in sorted({status for operation in _all_operations() for status in operation.errors}):
        spec.components.response(_problem_name(status), _problem(status))


def _all_operations() -> list[Operation]:
    return [operation for methods in OPERATIONS.values() for operation in methods.values()]


def _described(operation: Operation) -> Described:
    answers = {status: _answer(answer, operation) for status, answer in operation.answers.items()}
    problems = {status: _problem_name(status) for status in sorted(set(operation.errors))}
    described: Described = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": answers | problems,
    }
    if operation.parameters:
        described["parameters"] = deepcopy(list(operation.parameters))
    if operation.bodies:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": _content(operation.bodies),
        }
    if operation.secured or operation.may_authenticate:
        described["security"] = _SECURITY if operation.secured else [{}, *_SECURITY]
    return described


def _answer(answer: Answer, operation: Operation) -> Described:
    described: Described = {"description": answer.description}
    if answer.headers:
        described["headers"] = _headers(answer.headers)
    if answer.bodies:
        described["content"] = _content(answer.bodies)
    if operation.links and JSON in answer.bodies:
        described["links"] = {
            name: {"operationId": target, "parameters": dict(parameters)}
            for name, (target, parameters) in operation.links.items()
        }
    return described


def _content(bodies: Mapping[str, str | Schema]) -> Described:
    return {mimetype: {"schema": deepcopy(schema)} for mimetype, schema in bodies.items()}


def _headers(names: tuple[str, ...]) -> Described:
    return {name: name for name in names}


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> Described:
    described: Described = {
        "description": HTTPStatus(status).phrase,
        "content": {_PROBLEM: {"schema": "Problem"}},
    }
    if status in _OWN_HEADERS:
        described["headers"] = _headers(_OWN_HEADERS[status])
    return described
