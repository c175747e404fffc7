"""What stands in the log, and what never does."""

import json
import logging

import pytest
import structlog

from app import logs
from app.services import passwords
from app.storage.slow_queries import shape_of
from app.storage.stores import Stores
from app.utils.redaction import redacted
from tests.people import CHEAP, PASSWORD, make_user

TOKEN = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.abcdefgh"


@pytest.fixture
def json_log(capsys):
    """The lines of the log as JSON, whatever was configured before."""
    root = logging.getLogger()
    level = root.level

    def lines():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]

    yield lines
    logs.configure(logging.getLevelName(level), as_json=False)


@pytest.fixture
def app(make_app, database, monkeypatch, json_log):
    monkeypatch.setattr(passwords, "METHOD", CHEAP)
    Stores.connect(database).users.insert(make_user("Ida"))
    app = make_app(DATABASE=database, PKYX_ACCESS_LOG=True, LOG_JSON=True, LOG_LEVEL="DEBUG")
    app.add_url_rule("/api/bug", "bug", fail, methods=["GET", "POST"])
    return app


def fail():
    raise RuntimeError(f"broken with Authorization: Bearer {TOKEN} and mongodb://pkyx:{PASSWORD}@db/")


def test_each_answer_names_its_request_and_so_do_its_lines(app, json_log):
    response = app.test_client().get("/api/bug")
    lines = json_log()
    assert len(response.headers["X-Request-ID"]) == 12
    assert {line["request_id"] for line in lines} == {response.headers["X-Request-ID"]}
    line = next(line for line in lines if line["event"] == "request")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/bug", 500)
    assert line["milliseconds"] >= 0


def test_requests_have_different_names(app):
    client = app.test_client()
    assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(5)}) == 5


def test_no_line_for_each_request_unless_asked_for(make_app, mock_database, json_log):
    app = make_app(DATABASE=mock_database, LOG_JSON=True, LOG_LEVEL="INFO")
    app.test_client().get("/healthz")
    assert [line for line in json_log() if line["event"] == "request"] == []


def test_no_password_token_or_cookie_is_ever_in_the_log(app, json_log, capsys):
    client = app.test_client()
    client.post("/users/login?password=in-the-query-7", data={"identifier": "Ida", "password": PASSWORD})
    session = client.get_cookie("pkyx").value
    token = client.post("/api/v1/token", auth=("Ida", PASSWORD)).get_json()["token"]
    client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    client.get("/api/v1/me", headers={"Authorization": "Bearer wrong-token-of-somebody"})
    client.post("/api/bug", data={"password": PASSWORD}, headers={"Authorization": f"Bearer {token}"})
    client.get(f"/users/reset/{TOKEN}")
    client.get(f"/users/activate/{TOKEN}")
    text = json.dumps(json_log())
    assert '"path": "/users/reset/<token>"' in text
    secrets = (PASSWORD, session, token, TOKEN, "in-the-query-7", "wrong-token-of-somebody", "scrypt:")
    assert [secret for secret in secrets if secret in text] == []


def test_log_ins_and_what_was_not_allowed_are_told_without_the_name_that_was_typed(app, json_log):
    client = app.test_client()
    client.post("/users/login", data={"identifier": "hunter2 typed too early", "password": "x"})
    client.post("/users/login", data={"identifier": "Ida", "password": "wrong"})
    client.post("/users/login", data={"identifier": "ida", "password": PASSWORD})
    assert client.get("/admin/tasks").status_code == 403
    lines = json_log()
    attempts = [line for line in lines if line["event"].startswith("log-in")]
    assert [line["event"] for line in attempts] == ["log-in refused", "log-in refused", "log-in"]
    assert attempts[1]["account"] == attempts[2]["account"] != attempts[0]["account"]
    assert {line["address"] for line in attempts} == {"127.0.0.1"}
    assert "hunter2" not in json.dumps(lines)
    (refused,) = [line for line in lines if line["event"] == "not allowed"]
    assert refused["path"] == "/admin/tasks"


def test_what_another_library_logs_is_looked_through_too(app, json_log):
    logging.getLogger("some.library").warning("GET /x Cookie: pkyx=%s", TOKEN)
    structlog.get_logger("x").warning("odd", new_password=PASSWORD, headers=f"basic {TOKEN}")
    text = json.dumps(json_log())
    assert TOKEN not in text
    assert PASSWORD not in text
    assert text.count("[hidden]") == 3


def test_ordinary_words_stay_as_they_are():
    text = "Basic facts of the bearer: see https://wiki.example.org/item/tofu, revision 7"
    assert redacted(text) == text


def test_a_slow_query_is_logged_by_its_shape_without_a_value(make_app, mongo_uri, database, json_log):
    uri = mongo_uri.replace("/pkyx?", f"/{database.name}?")
    app = make_app(MONGO_URI=uri, PKYX_SLOW_QUERY_MS=1, LOG_JSON=True, LOG_LEVEL="WARNING")
    database["items"].insert_one({"title_key": "very-secret-tofu"})
    with app.app_context():
        from app.extensions import database as connected

        secret = {"title_key": {"$in": ["very-secret-tofu"]}, "$where": "sleep(5) || true"}
        list(connected()["items"].find(secret).sort("title_key", 1))
    line = next(line for line in json_log() if line["event"] == "slow query" and line["command"] == "find")
    assert line["collection"] == "items"
    assert line["milliseconds"] >= 5
    assert "title_key" in line["shape"]
    assert "very-secret-tofu" not in json.dumps(line)


def test_shapes_are_short_and_hold_no_value():
    many = [{"q": {"_id": n, "name": f"secret {n}"}, "u": {"$set": {"a": "secret"}}} for n in range(500)]
    shape = shape_of({"update": "items", "updates": many, "documents": [{"a": "secret"}]})
    assert shape == "{'updates': [{'q': {'_id': '?', 'name': '?'}, 'u': {'$set': {'a': '?'}}}]}"
