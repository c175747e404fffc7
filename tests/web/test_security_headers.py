import re

import pytest
from flask import request

from tests.conftest import ROOT


@pytest.mark.parametrize("path", ["/healthz", "/no/such/page", "/api/v1/nothing"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"]
    assert headers["Permissions-Policy"]


@pytest.mark.parametrize(
    "forbidden",
    [
        r"<script(?![^>]*\b(src=|type=.application/ld\+json))",
        r"<style\b",
        r"<[^>]*\sstyle\s*=",
        r"<[^>]*\son[a-z]+\s*=",
        r"javascript:",
    ],
)
def test_templates_have_nothing_that_the_policy_forbids(forbidden):
    # The mail's reader is no browser, and knows no style sheet that is linked.
    for path in (ROOT / "app" / "templates").rglob("*.html"):
        if path.parent.name != "email":
            assert not re.search(forbidden, path.read_text(encoding="utf-8"), re.IGNORECASE), path


def test_strict_transport_security_only_where_the_site_is_https(make_app, mock_database):
    plain = make_app(DATABASE=mock_database).test_client().get("/healthz")
    secure = (
        make_app(DATABASE=mock_database, PKYX_URL="https://wiki.example.org").test_client().get("/healthz")
    )
    assert "Strict-Transport-Security" not in plain.headers
    assert "max-age=" in secure.headers["Strict-Transport-Security"]


def test_cookies_of_an_https_site_are_secure(make_app, mock_database):
    app = make_app(DATABASE=mock_database, PKYX_URL="https://wiki.example.org")
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_forwarded_headers_are_believed_only_where_proxies_are_trusted(make_app, mock_database):
    def address_seen(**config):
        app = make_app(DATABASE=mock_database, **config)
        app.add_url_rule("/me", "me", lambda: f"{request.remote_addr} {request.host} {request.scheme}")
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
        return app.test_client().get("/me", headers={**forged, "X-Forwarded-Proto": "https"}).text

    assert address_seen() == "127.0.0.1 localhost http"
    assert address_seen(PKYX_TRUSTED_PROXIES=1) == "203.0.113.9 evil.example https"


@pytest.mark.parametrize("peer", ["203.0.113.50", "::ffff:203.0.113.50", "2001:db8::1"])
def test_forwarded_headers_are_believed_only_from_where_proxies_are(make_app, mock_database, peer):
    app = make_app(DATABASE=mock_database, PKYX_TRUSTED_PROXIES=1)
    app.add_url_rule("/me", "me", lambda: f"{request.remote_addr} {request.host} {request.scheme}")
    forged = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Host": "evil.example"}
    seen = app.test_client().get("/me", headers=forged, environ_base={"REMOTE_ADDR": peer}).text
    assert seen == f"{peer} localhost http"


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::ffff:172.18.0.4", "fe80::1%eth0", ""])
def test_proxies_are_on_the_same_machine_or_in_private_networks(make_app, mock_database, peer):
    app = make_app(DATABASE=mock_database, PKYX_TRUSTED_PROXIES=1)
    app.add_url_rule("/me", "me", lambda: str(request.remote_addr))
    answer = app.test_client().get(
        "/me", headers={"X-Forwarded-For": "198.51.100.9"}, environ_base={"REMOTE_ADDR": peer}
    )
    assert answer.text == "198.51.100.9"


def test_proxies_elsewhere_can_be_named(make_app, mock_database):
    named = {"PKYX_TRUSTED_PROXIES": 1, "PKYX_PROXY_ADDRESSES": "203.0.113.0/24, ::1"}
    app = make_app(DATABASE=mock_database, **named)
    app.add_url_rule("/me", "me", lambda: str(request.remote_addr))
    for peer, seen in {"203.0.113.50": "198.51.100.9", "10.0.0.1": "10.0.0.1"}.items():
        answer = app.test_client().get(
            "/me", headers={"X-Forwarded-For": "198.51.100.9"}, environ_base={"REMOTE_ADDR": peer}
        )
        assert answer.text == seen


PUBLIC = {"PKYX_ENV": "production", "SECRET_KEY": "kD8f_2mQx-71LrTzVbN4wYcHs9EgJuPa"}


@pytest.fixture
def public_client(make_app, mock_database, monkeypatch):
    monkeypatch.setenv("PKYX_URL", "https://wiki.example.org")
    return make_app(DATABASE=mock_database, **PUBLIC).test_client()


@pytest.mark.parametrize("host", ["evil.example", "wiki.example.org.evil.example", "evil.example:443", "[::"])
def test_a_public_site_answers_to_its_own_name_only(public_client, host):
    page = public_client.get("/healthz/nothing", headers={"Host": host})
    problem = public_client.get("/api/v1/nothing", headers={"Host": host})
    assert (page.status_code, problem.status_code) == (400, 400)
    assert "https://wiki.example.org" in page.text
    assert problem.json["code"] == "unknown-host"
    assert "evil" not in page.text + problem.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["wiki.example.org", "WIKI.example.org:443", "127.0.0.1:5000", "[::1]"])
def test_it_answers_to_its_name_and_to_its_own_machine(public_client, host):
    assert public_client.get("/no/such/page", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_machines_may_ask_after_its_health_by_address(public_client, path):
    assert public_client.get(path, headers={"Host": "10.0.0.7:5000"}).status_code == 200


def test_a_site_that_was_told_no_public_address_answers_to_any_name(make_app, mock_database):
    client = make_app(DATABASE=mock_database, **PUBLIC).test_client()
    assert client.get("/no/such/page", headers={"Host": "laptop.local:5000"}).status_code == 404


def test_text_goes_out_compressed_to_those_who_accept_it(app):
    app.add_url_rule("/long", "long", lambda: "word " * 1000)
    packed = app.test_client().get("/long", headers={"Accept-Encoding": "gzip"})
    plain = app.test_client().get("/long")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < 200
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_answers_that_need_no_session_do_not_vary_by_cookie(client):
    assert "Cookie" not in client.get("/healthz").headers.get("Vary", "")
