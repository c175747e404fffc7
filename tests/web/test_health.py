import time

from app.extensions import stores


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


def test_a_request_that_reads_waits_for_the_database_but_once(make_app, database):
    app = make_app(DATABASE=database, MONGO_OPTIONS={"timeoutMS": 20})

    def slow():
        time.sleep(0.03)
        return str(stores().items.find_by_slug("nothing"))

    app.add_url_rule("/slow", view_func=slow, methods=["GET", "POST"])
    client = app.test_client()
    assert client.get("/slow").status_code == 503
    assert client.post("/slow").text == "None"
