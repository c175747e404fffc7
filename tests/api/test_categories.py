"""Categories over the API: conditional writes and patches."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.conftest import Api

BODY = {"name": "Planets", "properties": [{"name": "Mass", "kind": "number", "unit": "kg"}]}
PATH = "/categories/planets"


@pytest.fixture
def made(moderator):
    return moderator.put(PATH, BODY)


def revision_of(answer) -> int:
    return answer.json["revision"]


def test_its_tag_saves_the_body_until_something_of_it_changes(made, moderator, visitor):
    tag = visitor.get(PATH).headers["ETag"]
    assert tag == made.headers["ETag"]
    assert not tag.startswith("W/")
    assert visitor.get(PATH, headers={"If-None-Match": tag}).status_code == 304
    moderator.post("/items", {"title": "Mars", "category": "planets"})
    assert visitor.get(PATH, headers={"If-None-Match": tag}).json["count"] == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_write_meant_for_another_revision_is_told_the_present_one(made, moderator, visitor, method):
    first = made.headers["ETag"]
    changed = moderator(method, PATH, {**BODY, "name": "Worlds"}, headers={"If-Match": first})
    assert (changed.status_code, changed.json["name"], revision_of(changed)) == (200, "Worlds", 2)
    for header in (first, f"W/{changed.headers['ETag']}", "2", ""):
        stale = moderator(method, PATH, BODY, headers={"If-Match": header})
        assert (stale.status_code, stale.mimetype) == (412, "application/problem+json")
        assert stale.json["code"] == "precondition-failed"
        assert stale.json["current"] == visitor.get(PATH).json
        assert stale.headers["ETag"] == visitor.get(PATH).headers["ETag"]
    for header in (changed.headers["ETag"], "*"):
        assert moderator(method, PATH, BODY, headers={"If-Match": header}).status_code == 200


def test_a_new_entry_of_it_is_no_other_revision(made, moderator):
    moderator.post("/items", {"title": "Mars", "category": "planets"})
    answer = moderator.put(PATH, {"name": "Worlds"}, headers={"If-Match": made.headers["ETag"]})
    assert (answer.status_code, answer.json["count"]) == (200, 1)


def test_what_is_not_there_is_not_overwritten(moderator):
    for method in ("PUT", "PATCH"):
        answer = moderator(method, PATH, BODY, headers={"If-Match": "*"})
        assert (answer.status_code, "current" in answer.json) == (412, False)
    assert moderator.patch(PATH, BODY).status_code == 404
    assert moderator.get(PATH).status_code == 404


def test_patches_change_what_they_say(made, moderator):
    merged = moderator.patch(PATH, {"labels": {"de": "Planeten"}, "comment": "German"})
    assert (merged.json["labels"], len(merged.json["properties"])) == ({"de": "Planeten"}, 1)
    kind = {"Content-Type": "application/json-patch+json"}
    property_ = {"name": "Rings", "kind": "boolean"}
    operations = [{"op": "add", "path": "/properties/-", "value": property_}]
    added = moderator.patch(PATH, operations, headers=kind)
    assert [found["key"] for found in added.json["properties"]] == ["mass", "rings"]
    assert revision_of(moderator.patch(PATH, {"name": "Planets"})) == revision_of(added)


@pytest.mark.parametrize(
    "body",
    [{"name": None}, {"name": " "}, {"properties": [{"name": "x"}]}, {"colour": "red"}, [], 5, {"$set": 1}],
)
def test_a_patch_whose_result_is_invalid_stores_nothing(made, moderator, body):
    assert moderator.patch(PATH, body).status_code == 422
    assert moderator.get(PATH).json == made.json


def test_of_many_conditional_writes_each_revision_is_won_once(live_app, made, moderator):
    def write(number):
        client = Api(live_app.test_client(), moderator.headers)
        return client.put(PATH, {"name": f"N{number}"}, headers={"If-Match": made.headers["ETag"]})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(write, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19


def test_patches_without_a_condition_all_land(live_app, made, moderator):
    def write(number):
        client = Api(live_app.test_client(), moderator.headers)
        return client.patch(PATH, {"labels": {f"l{number}": f"N{number}"}}).status_code

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(write, range(10))) == [200] * 10
    assert len(moderator.get(PATH).json["labels"]) == 10
