"""nginx in front of `manage.py serve`, both for real, with conf/nginx.conf as it is delivered."""

import gzip
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

import manage
from tests.conftest import unavailable
from tests.servers import adapted, free_port, nginx, nginx_program, request, site


@pytest.fixture(scope="module")
def folder():
    # pytest's own temporary folders are closed to the user whom nginx works as.
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def port(mongo_uri, folder):
    """The port of an nginx that serves the assets itself and asks a site for the rest."""
    nginx_program()
    assert CliRunner().invoke(manage.main, ["assets", str(folder / "public")]).exit_code == 0
    listening = free_port()
    settings = {"PKYX_TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "1"}
    with (
        site(mongo_uri, folder, **settings) as upstream,
        nginx(folder, adapted(folder, listening, upstream), listening),
    ):
        yield listening


def asset_of(port):
    page = request(port, "/").content.decode()
    return re.search(r'href="(/assets/[0-9a-f]+/css/base\.css)"', page).group(1)


def test_events_flow_without_being_held_back(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request("GET", "/api/v1/changes/stream")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.read1(10)
    connection.close()


def test_a_page_passes_through_with_its_headers(port):
    answer = request(port, "/", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.headers.get_all("Content-Security-Policy")) == 1


def test_assets_come_from_nginx_packed_and_for_good(port, folder):
    path = asset_of(port)
    plain = request(port, path)
    packed = request(port, path, headers={"Accept-Encoding": "gzip"})
    assert plain.content == (folder / "public" / path.lstrip("/")).read_bytes()
    assert gzip.decompress(packed.content) == plain.content
    for answer in (plain, packed):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].startswith("text/css")
        # Only a server of files says when a file was changed.
        assert answer.headers["Last-Modified"]


def test_assets_of_another_version_are_the_sites_to_answer(port):
    path = re.sub("/assets/[0-9a-f]+/", "/assets/0123456789ab/", asset_of(port))
    answer = request(port, path)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_nothing_beside_the_assets_is_served_as_a_file(port):
    for path in ("/nginx.conf", "/assets/../../site.log", "/assets/%2e%2e/%2e%2e/site.log", "/assets/"):
        assert request(port, path).status in (400, 404)


def test_a_request_whose_end_can_be_read_in_two_ways_is_refused(port):
    both = b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(b"POST /api/v1/items HTTP/1.1\r\nHost: localhost\r\n" + both)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_nothing_is_traced(port):
    assert request(port, "/", "TRACE").status == 405


def left(port, source, **headers):
    """How many requests the address that pkyx sees may still make in this minute."""
    answer = request(port, "/api/v1/categories", headers=headers, source=source)
    return int(answer.headers["RateLimit-Remaining"])


def test_who_lies_about_the_address_is_counted_by_the_real_one(port):
    before = left(port, "127.0.0.9")
    lies = [{"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": "for=203.0.113.9"} for number in range(5)]
    assert [left(port, "127.0.0.9", **lie) for lie in lies] == [before - number for number in range(1, 6)]
    # Another client is told apart by the address that nginx saw.
    assert left(port, "127.0.0.10") == before


def test_addresses_in_answers_are_those_of_pkyx_url_whatever_the_client_claims(port):
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    for path in ("/robots.txt", "/opensearch.xml", "/api/v1/openapi.json"):
        assert b"evil.example" not in request(port, path, headers=forged).content


def test_a_body_beyond_the_limit_is_refused_in_the_form_its_sender_reads(port):
    body = b"x" * (7 * 1024 * 1024)
    page = request(port, "/items/new", "POST", body=body)
    assert page.status == 413
    assert page.headers["Content-Type"].startswith("text/html")
    problem = request(port, "/api/v1/items", "POST", {"Content-Type": "application/json"}, body)
    assert problem.status == 413
    assert problem.headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(problem.content)["code"] == "request-entity-too-large"


def test_figures_are_shown_to_the_machine_itself_only(port):
    assert request(port, "/metrics").status == 200
    assert request(port, "/metrics", source="127.0.0.9").status == 403


def test_the_log_has_no_query_and_no_link_of_a_mail(port, folder):
    request(port, "/search?q=something-private")
    request(port, "/users/reset/a-secret-token")
    log = (folder / "access.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert "/search" in [line["path"] for line in lines]
    assert "private" not in log
    assert "a-secret-token" not in log


def test_a_site_that_is_away_is_told_in_the_form_its_client_reads():
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path:
        port = free_port()
        with nginx(Path(path), adapted(Path(path), port, free_port()), port):
            page, problem = request(port, "/"), request(port, "/api/v1/items")
    assert (page.status, problem.status) == (503, 503)
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "10"
    assert page.headers["Content-Type"].startswith("text/html")
    assert json.loads(problem.content)["status"] == 503


def test_no_request_is_lost_while_workers_are_exchanged(mongo_uri):
    exchanged = {"GUNICORN_CMD_ARGS": "--max-requests=40 --max-requests-jitter=10 --log-level=info"}
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path:
        folder, port = Path(path), free_port()
        with (
            site(mongo_uri, folder, PKYX_TRUSTED_PROXIES="1", **exchanged) as upstream,
            nginx(folder, adapted(folder, port, upstream), port),
            ThreadPoolExecutor(6) as clients,
        ):

            def status(number):
                method = ("POST", "PUT")[number % 2]
                return request(port, "/api/v1/items", method, {"Content-Length": "2"}, b"{}").status

            # Nobody may write without an account, nor put a list; each is told so, and by the site.
            assert set(clients.map(status, range(300))) == {401, 405}
        started = (folder / "site.log").read_text().count("Booting worker")
        assert started >= 4


def certificate(folder):
    if shutil.which("openssl") is None:
        unavailable("openssl is not installed")
    key, chain = folder / "privkey.pem", folder / "fullchain.pem"
    subject = ["-subj", "/CN=localhost", "-days", "1", "-newkey", "rsa:2048", "-nodes"]
    command = ["openssl", "req", "-x509", *subject, "-keyout", key, "-out", chain]
    subprocess.run(command, check=True, capture_output=True)
    return chain


def with_tls(text, folder, port, plain):
    """What docs/operations.md says: the lines marked #plain go, those marked #tls come in."""
    text = re.sub(r"(?m)^.*#plain$", "", text).replace("#tls ", "")
    text = text.replace("/etc/ssl/pkyx/", f"{folder}/").replace("listen 443 ", f"listen 127.0.0.1:{port} ")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    return re.sub(r"(?m)^ *listen \[::\].*$", "", text)


def test_the_tls_lines_are_ready(port, folder):
    # The site of the module is told of no https address, so the header below can only be nginx's.
    with tempfile.TemporaryDirectory(prefix="pkyx-nginx-") as path:
        tls = Path(path)
        chain, listening, open_port = certificate(tls), free_port(), free_port()
        plain = adapted(tls, 1, port).replace("listen 127.0.0.1:1;", "listen 80; #plain")
        shutil.copytree(folder / "public", tls / "public")
        with nginx(tls, with_tls(plain, tls, listening, open_port), listening):
            context = ssl.create_default_context(cafile=str(chain))
            context.check_hostname = False
            address = f"https://127.0.0.1:{listening}{asset_of(port)}"
            with urllib.request.urlopen(address, context=context, timeout=15) as answer:
                assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
            # Readers are led on; a program that sends credentials in the open is refused, and notices.
            page, call = request(open_port, "/items"), request(open_port, "/api/v1/me")
            assert (page.status, page.headers["Location"]) == (308, "https://127.0.0.1/items")
            assert (call.status, json.loads(call.content)["code"]) == (403, "https-only")
            assert call.headers["Content-Type"] == "application/problem+json"
