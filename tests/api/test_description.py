"""The description is true: to the routes, to OpenAPI, and to the kinds."""

import re
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from apispec.exceptions import APISpecError
from flask import Flask
from flask.views import MethodView

from app.api import blueprint
from app.api.description import document
from app.api.description.operations import OPERATIONS
from app.kinds import registry

PREFIX = "/api/v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture
def spec(visitor) -> dict[str, Any]:
    answer = visitor.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def references(node: object):
    """Every ``$ref`` and mapping of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_route_is_described_and_every_description_has_a_route(live_app, spec):
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in live_app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(method.upper(), path) for path, methods in spec["paths"].items() for method in methods}
    assert routes == described


def composed(*views: tuple[str, type[MethodView]]) -> dict[str, Any]:
    """The description of a site that has these resources beside our own."""
    site = Flask("described")
    site.register_blueprint(blueprint)
    for name, view in views:
        site.add_url_rule(f"{PREFIX}/{name}", f"api.{name}", view.as_view(name))
    return document(site, "http://127.0.0.1:5000/api/v1")


class Ghost(MethodView):
    def get(self):
        return ""


def test_a_resource_that_nobody_described_is_refused():
    with pytest.raises(APISpecError, match="ghosts"):
        composed(("ghosts", Ghost))


def test_a_description_that_has_no_route_is_refused(monkeypatch):
    monkeypatch.setitem(OPERATIONS, "ghosts", OPERATIONS["me"])
    with pytest.raises(APISpecError, match="ghosts"):
        composed()


@pytest.mark.parametrize(("described", "named"), [((), "get"), (("get", "put"), "put")])
def test_methods_are_those_of_the_views(monkeypatch, described, named):
    operation = OPERATIONS["me"]["get"]
    monkeypatch.setitem(OPERATIONS, "me", dict.fromkeys(described, operation))
    with pytest.raises(APISpecError, match=rf"/me: .*\['{named}'\]"):
        composed()


def test_the_document_is_openapi(spec):
    assert spec["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(spec).validate()


def test_what_is_shared_is_made_once(spec):
    site = Flask("described")
    site.register_blueprint(blueprint)
    here, there = document(site, "http://here"), document(site, "http://there")
    assert here["paths"] is there["paths"]
    assert (here["servers"], there["servers"]) == ([{"url": "http://here"}], [{"url": "http://there"}])


def test_every_reference_and_link_leads_somewhere(spec):
    for found in set(references(spec)):
        node: Any = spec
        for part in found.removeprefix("#/").split("/"):
            node = node[part]
    names = {op["operationId"] for methods in spec["paths"].values() for op in methods.values()}
    for methods in spec["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                assert {link["operationId"] for link in answer.get("links", {}).values()} <= names


def test_every_schema_is_a_schema(spec):
    for schema in spec["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid({"$schema": DIALECT, **schema})


def test_attributes_are_discriminated_by_kind(spec):
    mapping = spec["components"]["schemas"]["AttributeInput"]["discriminator"]["mapping"]
    assert mapping.keys() == registry.KINDS.keys()
    for tag, found in mapping.items():
        schema = spec["components"]["schemas"][found.rsplit("/", 1)[1]]
        assert schema["properties"]["kind"]["const"] == tag


def test_what_writes_is_secured_and_what_reads_is_open(spec):
    for methods in spec["paths"].values():
        for method, operation in methods.items():
            private = method != "get" or operation["operationId"] == "get_me"
            assert ({} not in operation.get("security", [{}])) is private
            assert ("401" in operation["responses"]) is ("security" in operation)


def test_the_page_reads_it_without_anything_inline_or_foreign(visitor):
    answer = visitor.get("/docs")
    assert answer.status_code == 200
    page = answer.text
    assert "/items/{id_or_slug}" in page
    assert 'id="problem-title-taken"' in page
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r'(?:src|href)="(?!/|#|http://127\.0\.0\.1:5000/)[^"]*"', page)
