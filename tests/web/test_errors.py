"""Every error is a page for people or a problem document for programs, and never a trace."""

import pytest
from flask import abort, request
from pymongo.errors import NetworkTimeout, OperationFailure, ServerSelectionTimeoutError
from werkzeug.exceptions import TooManyRequests

from app.domain.errors import (
    DatabaseUnavailable,
    FieldError,
    Forbidden,
    InvalidInput,
    ItemDeleted,
    ItemNotFound,
    ReadOnly,
    TitleTaken,
    Unauthenticated,
)
from app.domain.messages import Message
from tests.factories import make_item

ERRORS = {
    "not-found": ItemNotFound("atlantis"),
    "gone": ItemDeleted(make_item("Atlantis")),
    "taken": TitleTaken("Austria"),
    "forbidden": Forbidden(),
    "invalid": InvalidInput([FieldError("attributes.2.value", Message("A number was expected."))]),
    "read-only": ReadOnly(),
    "away": DatabaseUnavailable(),
    "lost": ServerSelectionTimeoutError("no server"),
    "slow": NetworkTimeout("timed out"),
    "wrong": OperationFailure("secret operator $where"),
    "bug": RuntimeError("secret detail"),
    "busy": TooManyRequests(retry_after=30),
}
STATUSES = {
    "not-found": 404,
    "gone": 410,
    "taken": 409,
    "forbidden": 403,
    "invalid": 422,
    "read-only": 423,
    "away": 503,
    "lost": 503,
    "slow": 503,
    "wrong": 500,
    "bug": 500,
    "busy": 429,
}


def fail(name):
    raise ERRORS[name].with_traceback(None)


def echo():
    request.get_data()
    return "ok"


@pytest.fixture
def client(app):
    app.add_url_rule("/fail/<name>", "fail", fail)
    app.add_url_rule("/api/fail/<name>", "api_fail", fail)
    app.add_url_rule("/echo", "echo", echo, methods=["POST"])
    app.add_url_rule("/api/echo", "api_echo", echo, methods=["POST"])
    app.add_url_rule("/api/login", "api_login", lambda: (_ for _ in ()).throw(Unauthenticated()))
    app.add_url_rule("/status/<int:status>", "status", lambda status: abort(status))
    return app.test_client()


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_a_page_for_people(client, name):
    response = client.get(f"/fail/{name}")
    assert (response.status_code, response.mimetype) == (STATUSES[name], "text/html")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "<h1" in response.text


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_a_problem_document_under_the_api(client, name):
    response = client.get(f"/api/fail/{name}")
    problem = response.get_json(force=True)
    assert (response.status_code, response.mimetype) == (STATUSES[name], "application/problem+json")
    assert problem.keys() >= {"type", "title", "status", "detail", "code"}
    assert problem["status"] == STATUSES[name]
    assert "secret" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRFToken": "x"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Content-Type": "application/json"},
        {"Accept": "application/json"},
    ],
)
def test_a_page_s_script_gets_a_problem_document(client, headers):
    response = client.get("/fail/not-found", headers=headers)
    assert response.mimetype == "application/problem+json"
    assert response.get_json(force=True)["code"] == "item-not-found"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 410, 413, 414, 415, 422, 423, 429, 500, 503])
def test_each_status_has_a_page_that_looks_like_the_site(client, status):
    response = client.get(f"/status/{status}")
    assert response.status_code == status
    assert "site-header" in response.text


def test_a_page_speaks_the_reader_s_language_and_the_api_english(client):
    chinese = {"Accept-Language": "zh-CN"}
    assert 'lang="zh-Hans-CN"' in client.get("/fail/not-found", headers=chinese).text
    problem = client.get("/api/fail/not-found", headers=chinese).get_json(force=True)
    assert problem["detail"] == "There is no entry “atlantis”."


def test_refused_fields_are_listed_with_their_paths(client):
    problem = client.get("/api/fail/invalid").get_json(force=True)
    assert problem["errors"] == [{"path": "attributes.2.value", "message": "A number was expected."}]


def test_an_unknown_address_is_404_in_both_forms(client):
    assert client.get("/no/such/page").status_code == 404
    assert client.get("/api/v1/nothing").mimetype == "application/problem+json"


def test_a_wrong_method_names_the_right_ones(client):
    for path in ("/echo", "/api/echo"):
        response = client.get(path)
        assert response.status_code == 405
        assert "POST" in response.headers["Allow"]


def test_a_body_over_a_mebibyte_is_too_large(client):
    for path in ("/echo", "/api/echo"):
        assert client.post(path, data=b"x" * (1024 * 1024)).status_code == 200
        assert client.post(path, data=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_a_lost_database_says_when_to_come_back(client):
    for path in ("/fail/lost", "/api/fail/lost", "/fail/away"):
        assert int(client.get(path).headers["Retry-After"]) > 0


def test_too_many_requests_keep_their_waiting_time(client):
    assert client.get("/api/fail/busy").headers["Retry-After"] == "30"


def test_the_api_challenges_a_client_without_credentials(client):
    response = client.get("/api/login")
    assert response.status_code == 401
    assert [value.split()[0] for value in response.headers.getlist("WWW-Authenticate")] == ["Basic", "Bearer"]


def test_a_form_without_its_token_is_refused_and_says_what_to_do(make_app, mock_database):
    app = make_app(DATABASE=mock_database, WTF_CSRF_ENABLED=True)
    app.add_url_rule("/echo", "echo", echo, methods=["POST"])
    response = app.test_client().post("/echo")
    assert response.status_code == 400
    assert "load the page again" in response.text


def test_an_unexpected_error_is_logged_with_the_id_that_its_page_shows(client, caplog):
    page = client.get("/fail/bug").text
    record = next(record for record in caplog.records if record.levelname == "ERROR")
    assert record.msg["event"] == "unexpected error"
    assert record.msg["request_id"] in page


def test_a_broken_template_shows_no_trace_either(client, app, monkeypatch):
    monkeypatch.setattr("app.web_errors.render_template", lambda *_, **__: fail("bug"))
    response = client.get("/fail/bug")
    assert response.status_code == 500
    assert "secret" not in response.text


def test_a_read_only_site_refuses_changes_and_shows_everything(make_app, mock_database):
    app = make_app(DATABASE=mock_database, PKYX_READ_ONLY=True)
    app.add_url_rule("/api/echo", "api_echo", echo, methods=["GET", "POST"])
    assert app.test_client().get("/api/echo").status_code == 200
    assert app.test_client().post("/api/echo").get_json(force=True)["code"] == "read-only"
