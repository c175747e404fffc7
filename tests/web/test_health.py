import pytest

from app import extensions
from app.storage.errors import database_errors


def test_health_needs_no_database(make_app):
    response = make_app(DATABASE=None).test_client().get("/healthz")
    assert (response.status_code, response.mimetype) == (200, "text/plain")


def test_ready_while_the_database_answers(live_client):
    assert live_client.get("/readyz").status_code == 200


def test_not_ready_without_a_database(make_app):
    nowhere = make_app(MONGO_URI="mongodb://127.0.0.1:9/pkyx")
    response = nowhere.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.headers["Retry-After"]


def test_metrics_count_requests_by_route_method_and_status(client):
    client.get("/healthz")
    client.get("/no/such/page")
    text = client.get("/metrics").text
    assert 'pkyx_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "pkyx_http_request_duration_seconds_bucket" in text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_waits_for_the_database_as_long_as_is_configured(make_app, database, method):
    app = make_app(DATABASE=database, DATABASE_WAIT_SECONDS=0.2)
    # As long as the server takes, in every question.
    slow = {"$where": "sleep(60000) || true"}
    database["items"].insert_one({"slug": "x"})

    @database_errors()
    def ask():
        return str(extensions.database()["items"].find_one(slow))

    app.add_url_rule("/slow", view_func=ask, methods=[method])
    answer = app.test_client().open("/slow", method=method)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
