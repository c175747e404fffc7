"""What all requests have in common: bodies, keys of repeated requests, limits, streams, files."""

import io
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from limits import parse
from PIL import Image

from app.api import changes, limits
from app.domain.errors import DatabaseUnavailable
from app.services import exports, following
from app.storage.change_feed import ChangeFeed, Following
from tests.api.conftest import API, Api, basic

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ('{"title": "a", "title": "b"}', 400),
        ('{"title": NaN}', 400),
        ('{"title": Infinity}', 400),
        (b'{"title": "\xff"}', 400),
        ("[" * 5000 + "]" * 5000, 400),
        ('"Mars"', 422),
        ("[]", 422),
        ("null", 422),
        ("{}", 422),
        ('{"title": 5}', 422),
        ('{"title": " "}', 422),
        ('{"title": "a\\u0000b"}', 422),
        ('{"title": "a\\ud800"}', 422),
        ('{"title": "a\\nb"}', 422),
        ('{"title": "Mars", "colour": "red"}', 422),
        ('{"title": "Mars", "$set": {"role": "admin"}}', 422),
        ('{"title": {"$ne": null}}', 422),
        ('{"title": "Mars", "category": {"$gt": ""}}', 422),
        ('{"title": "Mars", "category": "No where"}', 422),
        ('{"title": "Mars", "attributes": [{"name": "M", "kind": "number", "value": 1e9999}]}', 422),
        ('{"title": "Mars", "attributes": [{"name": "M", "kind": "rating", "value": 4.4}]}', 422),
        ('{"title": "Mars", "comment": 5}', 422),
        ('{"title": "' + "a" * 2**20 + '"}', 413),
    ],
)
def test_bodies_that_cannot_be_used_are_refused_and_store_nothing(ada, body, status):
    answer = ada.post("/items", body)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert ada.get("/items").json["items"] == []


@pytest.mark.parametrize("mimetype", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_other_media_types_are_refused(ada, mimetype):
    answer = ada.post("/items", '{"title": "Mars"}', headers={"Content-Type": mimetype})
    assert (answer.status_code, answer.mimetype) == (415, PROBLEM)


def test_refusals_name_their_paths(ada):
    attributes = [
        {"name": "Mass", "kind": "number", "value": {"amount": "heavy"}},
        {"name": "x", "kind": "?"},
    ]
    answer = ada.post("/items", {"title": "", "attributes": attributes, "more": 1})
    assert [error["path"] for error in answer.json["errors"]] == [
        "more",
        "title",
        "attributes.0.value.amount",
        "attributes.1.kind",
    ]


def test_a_repeated_request_is_done_once(ada, visitor):
    key = {"Idempotency-Key": "abc"}
    first = ada.post("/items", {"title": "Mars"}, headers=key)
    again = ada.post("/items", {"title": "Mars"}, headers=key)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == '"1"'
    assert again.headers["Idempotency-Replayed"] == "true"
    other = ada.post("/items", {"title": "Venus"}, headers=key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    assert len(visitor.get("/items").json["items"]) == 1


def test_a_key_belongs_to_its_user_and_keeps_refusals_too(ada, moderator):
    key = {"Idempotency-Key": "abc"}
    assert ada.post("/items", {"title": "Mars"}, headers=key).status_code == 201
    taken = moderator.post("/items", {"title": "Mars"}, headers=key)
    assert taken.status_code == 409
    assert moderator.post("/items", {"title": "Mars"}, headers=key).json == taken.json
    assert ada.post("/items", {"title": "X"}, headers={"Idempotency-Key": "x" * 256}).status_code == 400


def test_of_requests_with_one_key_at_once_one_is_done(live_app, ada):
    def post(_):
        return Api(live_app.test_client(), ada.headers).post(
            "/items", {"title": "Mars"}, headers={"Idempotency-Key": "k"}
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json.get("code") for answer in answers} <= {None, "request-in-progress"}


def test_a_key_is_free_again_after_a_day(ada, database):
    key = {"Idempotency-Key": "abc"}
    assert ada.post("/items", {"title": "Mars"}, headers=key).status_code == 201
    (kept,) = database["idempotency"].find()
    assert kept["expires_at"] - kept["begun_at"] == timedelta(hours=24)
    database["idempotency"].update_one({}, {"$set": {"expires_at": kept["begun_at"]}})
    assert ada.post("/items", {"title": "Venus"}, headers=key).status_code == 201


def test_a_batch_says_of_each_entry_what_became_of_it(ada, visitor):
    lines = (
        '{"title": "Mars"}\n\n{"title": "mars"}\n{broken\n{"title": "Venus", "x": 1}\n{"title": "Earth"}\n'
    )
    answer = ada.post("/items:batch", lines, headers={"Content-Type": "application/x-ndjson"})
    assert [row["status"] for row in answer.json["results"]] == [201, 409, 400, 422, 201]
    assert answer.json["results"][3]["errors"][0]["path"] == "x"
    assert [row["title"] for row in visitor.get("/items").json["items"]] == ["Earth", "Mars"]
    array = ada.post("/items:batch", [{"title": "Pluto"}, 5])
    assert [row["status"] for row in array.json["results"]] == [201, 422]
    assert ada.post("/items:batch", [{}] * 1001).status_code == 422
    assert ada.post("/items:batch", {"title": "x"}).status_code == 422


def test_a_batch_makes_the_categories_that_its_entries_are_the_first_to_name(ada):
    ada.post("/items", {"title": "Mars"})
    rows = [
        {"title": "Venus", "category": "bright-planets"},
        {"title": "Earth", "category": "bright-planets"},
        {"title": "Mars", "category": "taken-titles"},
        {"title": "Pluto", "category": "No slug!"},
    ]
    results = ada.post("/items:batch", rows).json["results"]
    assert [row["status"] for row in results] == [201, 201, 409, 422]
    found = ada.get("/categories").json["categories"]
    assert [(row["slug"], row["name"], row["count"]) for row in found] == [
        ("bright-planets", "Bright planets", 2)
    ]


def test_what_is_exported_can_be_read_line_by_line(planets, visitor):
    answer = visitor.get("/export?category=planets")
    assert answer.mimetype == "application/x-ndjson"
    assert [json.loads(line)["title"] for line in answer.text.splitlines()] == ["Mars", "Earth", "Saturn"]
    assert visitor.get("/export?category=nowhere").status_code == 404


def test_an_export_is_written_as_it_is_read(planets, visitor, monkeypatch):
    written = []
    line_of = exports.item_line
    monkeypatch.setattr(exports, "item_line", lambda item: written.append(item.title) or line_of(item))
    answer = visitor.get("/export", buffered=False)
    assert json.loads(next(iter(answer.response)))["title"] == "Mars"
    assert written == ["Mars"]
    answer.close()


def picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, "PNG")
    content.seek(0)
    return content


def test_pictures_are_kept_and_used(ada, visitor):
    answer = ada.post("/files", data={"file": (picture(), "x.png")})
    assert answer.status_code == 201
    value = {"file": answer.json["file"], "alt": "red"}
    made = ada.post("/items", {"title": "M", "attributes": [{"name": "P", "kind": "image", "value": value}]})
    assert made.json["attributes"][0]["value"] == value
    assert ada.post("/files", data={"file": (io.BytesIO(b"<svg/>"), "x.png")}).status_code == 422
    assert ada.post("/files", data={}).status_code in (415, 422)
    assert ada.post("/files", {"file": "x"}).status_code == 415


def test_each_entry_of_a_batch_may_have_a_comment_of_its_own(ada, visitor):
    rows = [
        {"title": "Ceres", "comment": "dwarf"},
        {"title": "Eris"},
        {"title": "Haumea", "comment": "x" * 301},
        {"title": "Makemake", "comment": 5},
    ]
    results = ada.post("/items:batch?comment=all", rows).json["results"]
    assert [one["status"] for one in results] == [201, 201, 422, 422]
    assert [one["errors"][0]["path"] for one in results[2:]] == ["comment", "comment"]
    histories = [visitor.get(f"/items/{one['slug']}/revisions").json["revisions"] for one in results[:2]]
    assert [lines[0]["comment"] for lines in histories] == ["dwarf", "all"]


def test_changes_are_listed_newest_first(ada, visitor):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    ada.patch(f"/items/{item_id}", {"summary": "red", "comment": "why"})
    page = visitor.get("/changes?limit=1").json
    assert [(row["revision"], row["by"], row["comment"]) for row in page["changes"]] == [(2, "Ada", "why")]
    rest = visitor.get(page["next"].removeprefix("http://127.0.0.1:5000" + API)).json
    assert [row["revision"] for row in rest["changes"]] == [1]
    assert visitor.get("/changes?cursor=x").status_code == 400


def fields(chunk):
    """What one chunk of a stream says, without its remarks."""
    lines = chunk.decode().strip().splitlines()
    return dict(line.split(": ", 1) for line in lines if not line.startswith(":"))


def opened(visitor, last_id=""):
    """The stream and the id that it begins with."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    answer = visitor.get("/changes/stream", headers=headers, buffered=False)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    return answer, fields(next(answer.response))


def events(answer, number):
    """The next events of a stream, as pairs of id and revision."""
    found = []
    for said in map(fields, answer.response):
        if "data" in said:
            found.append((said["id"], json.loads(said["data"])["revision"]))
        if len(found) == number:
            break
    answer.close()
    return found


def test_the_stream_goes_on_where_a_reader_left_it(ada, visitor):
    answer, first = opened(visitor)
    answer.close()
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    for number in range(4):
        ada.patch(f"/items/{item_id}", {"summary": str(number)})
    # Cut off before the first event, a reader has missed nothing.
    told = events(opened(visitor, first["id"])[0], 3)
    assert [revision for _, revision in told] == [1, 2, 3]
    assert [revision for _, revision in events(opened(visitor, told[-1][0])[0], 2)] == [4, 5]


@pytest.mark.parametrize("last_id", ["0-000000000000000000000000-0", "12ab", "$ne", "x" * 5000])
def test_a_reader_whose_place_is_unknown_is_told_of_the_gap(ada, visitor, last_id):
    answer, first = opened(visitor, last_id)
    assert first["event"] == "gap"
    assert json.loads(first["data"])["changes"] == "http://127.0.0.1:5000/api/v1/changes"
    ada.post("/items", {"title": "Mars"})
    assert [revision for _, revision in events(answer, 1)] == [1]
    resumed, said = opened(visitor, first["id"])
    assert "event" not in said
    assert [revision for _, revision in events(resumed, 1)] == [1]


def test_the_stream_tells_what_happens_while_it_is_read(live_app, ada, visitor):
    answer = visitor.get("/changes/stream", buffered=False)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(events, answer, 1)
        ada.post("/items", {"title": "Mars"})
        assert waiting.result(timeout=60)[0][1] == 1


def test_streams_are_few_and_given_back(visitor):
    answers = [visitor.get("/changes/stream", buffered=False) for _ in range(4)]
    refused = visitor.get("/changes/stream")
    assert (refused.status_code, refused.json["code"]) == (503, "too-many-streams")
    assert refused.headers["Retry-After"]
    for answer in answers:
        answer.close()
    again = visitor.get("/changes/stream", buffered=False)
    assert again.status_code == 200
    again.close()


def test_a_reader_who_hung_up_is_noticed_before_anything_is_written(monkeypatch, visitor):
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0)
    monkeypatch.setattr(following, "LIFETIME_SECONDS", 5)
    ours, theirs = socket.socketpair()
    with ours:
        environ = {"gunicorn.socket": ours}
        answer = visitor.get("/changes/stream", environ_overrides=environ, buffered=False)
        chunks = iter(answer.response)
        assert next(chunks).startswith(b"retry:")
        theirs.close()
        assert list(chunks) == []
        answer.close()


def test_a_reader_who_stays_is_not_taken_for_one_who_hung_up(monkeypatch, visitor):
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        environ = {"gunicorn.socket": ours}
        answer = visitor.get("/changes/stream", environ_overrides=environ, buffered=False)
        assert [next(answer.response)[:1] for _ in range(3)] == [b"r", b":", b":"]
        answer.close()


def test_streams_end_soon_when_the_server_is_to_stop(live_app, visitor):
    is_stopping = []
    changes.end_streams_when(live_app, lambda: bool(is_stopping))
    answer = opened(visitor)[0]
    is_stopping.append(True)
    assert list(answer.response) == []
    answer.close()


def test_streams_leave_half_of_the_threads_to_everybody_else(make_app, database):
    visitor = Api(make_app(DATABASE=database, WEB_THREADS=3).test_client(), {})
    only = visitor.get("/changes/stream", buffered=False)
    assert only.status_code == 200
    assert visitor.get("/changes/stream").status_code == 503
    only.close()


def lose_database(*_):
    raise DatabaseUnavailable


def test_a_lost_database_is_told_by_the_status_and_keeps_no_place(visitor, monkeypatch):
    with monkeypatch.context() as lost:
        lost.setattr(ChangeFeed, "following", lose_database)
        answers = [visitor.get("/changes/stream") for _ in range(5)]
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {
        (503, "database-unavailable")
    }
    again = visitor.get("/changes/stream", buffered=False)
    assert again.status_code == 200
    again.close()


def test_a_stream_ends_in_good_order_when_the_database_goes_away(visitor, monkeypatch):
    answer = visitor.get("/changes/stream", buffered=False)
    monkeypatch.setattr(Following, "step", lose_database)
    assert list(answer.response)[1:] == []
    answer.close()


def test_a_silent_stream_shows_signs_of_life_to_go_on_from(monkeypatch, ada, visitor):
    monkeypatch.setattr(following, "HEARTBEAT_SECONDS", 0)
    answer = opened(visitor)[0]
    sign = next(answer.response)
    assert sign.startswith(b": still here\n")
    answer.close()
    ada.post("/items", {"title": "Mars"})
    assert [revision for _, revision in events(opened(visitor, fields(sign)["id"])[0], 1)] == [1]


def test_limits_are_told_and_kept(make_app, database, monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS", parse("3 per minute"))
    reader = Api(make_app(DATABASE=database, RATELIMIT_ENABLED=True).test_client(), {})
    first = reader.get("/items")
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("3", "2")
    assert first.headers["RateLimit"].startswith('"minute";r=2;t=')
    reader.get("/items"), reader.get("/nothing-there"), reader.get("/items")
    refused = reader.get("/items")
    assert (refused.status_code, refused.mimetype) == (429, PROBLEM)
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_who_is_known_is_counted_by_name_and_not_by_address(make_app, database, people, monkeypatch):
    monkeypatch.setattr(limits, "PER_USER", parse("2 per minute"))
    client = make_app(DATABASE=database, RATELIMIT_ENABLED=True).test_client()
    ada, mo = Api(client, basic("Ada")), Api(client, basic("Mo"))
    assert [ada.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    assert mo.get("/me").headers["RateLimit-Limit"] == "2"
    assert ada.get("/items").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/nothing", 404),
        ("GET", "", 404),
        ("DELETE", "/items", 405),
        ("POST", "/categories", 405),
        ("PUT", "/token", 405),
        ("TRACE", "/items", 405),
    ],
)
def test_what_the_api_does_not_have_is_a_problem_document(visitor, method, path, status):
    answer = visitor(method, path)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    if status == 405:
        assert "GET" in answer.headers["Allow"] or "POST" in answer.headers["Allow"]


# Races


def race(live_app, headers, requests):
    """Send all at once, and return the answers in order."""

    def send(request):
        return Api(live_app.test_client(), headers)(*request[:3], headers=request[3])

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(send, requests))


def test_of_200_conditional_patches_each_revision_is_won_once(live_app, ada, visitor):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    requests = [
        ("PATCH", f"/items/{item_id}", {"summary": f"s{number}"}, {"If-Match": f'"{1 + number % 5}"'})
        for number in range(200)
    ]
    answers = race(live_app, ada.headers, requests)
    assert {answer.status_code for answer in answers} <= {200, 412}
    won = sorted(int(answer.headers["ETag"].strip('"')) for answer in answers if answer.status_code == 200)
    head = visitor.get(f"/items/{item_id}").json["revision"]
    assert won == list(range(2, head + 1))
    lines = visitor.get(f"/items/{item_id}/revisions?limit=100").json["revisions"]
    assert [line["revision"] for line in lines] == list(range(head, 0, -1))
    for (_, _, body, headers), answer in zip(requests, answers, strict=True):
        if answer.status_code == 200:
            revision = answer.json["revision"]
            assert headers == {"If-Match": f'"{revision - 1}"'}
            kept = visitor.get(f"/items/{item_id}/revisions/{revision}").json["item"]
            assert (kept, kept["summary"]) == (answer.json, body["summary"])


def test_of_200_patches_of_one_revision_one_wins(live_app, ada, visitor):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    requests = [
        ("PATCH", f"/items/{item_id}", {"summary": f"s{number}"}, {"If-Match": '"1"'})
        for number in range(200)
    ]
    answers = race(live_app, ada.headers, requests)
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 199
    (winner,) = (answer.json for answer in answers if answer.status_code == 200)
    assert visitor.get(f"/items/{item_id}").json == winner
    assert {answer.json["current"]["revision"] for answer in answers if answer.status_code == 412} == {2}


def test_200_new_attributes_at_once_all_land(live_app, ada, visitor):
    item_id = ada.post("/items", {"title": "Mars"}).json["id"]
    requests = [
        (
            "PUT",
            f"/items/{item_id}/attributes/a{number}",
            {"name": f"A{number}", "kind": "text", "value": "x"},
            {},
        )
        for number in range(200)
    ]
    answers = race(live_app, ada.headers, requests)
    assert [answer.status_code for answer in answers] == [201] * 200
    item = visitor.get(f"/items/{item_id}").json
    assert (item["revision"], len({found["key"] for found in item["attributes"]})) == (201, 200)


def test_200_patches_of_different_attributes_all_land(live_app, ada, visitor):
    attributes = [{"name": f"A{number}", "kind": "text", "value": "old"} for number in range(200)]
    item_id = ada.post("/items", {"title": "Mars", "attributes": attributes}).json["id"]
    requests = [
        ("PATCH", f"/items/{item_id}/attributes/a{number}", {"value": f"new {number}"}, {})
        for number in range(200)
    ]
    answers = race(live_app, ada.headers, requests)
    assert [answer.status_code for answer in answers] == [200] * 200
    item = visitor.get(f"/items/{item_id}").json
    assert item["revision"] == 201
    assert [found["value"] for found in item["attributes"]] == [f"new {number}" for number in range(200)]
