"""Links: where they lead is plain to see, and it is always a web page."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.url import LIMIT, UrlKind, readable

KIND = UrlKind()
EN = ParseContext()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org/",
        "HTTPS://Example.org/Page?q=1&r=2#part",
        "https://例え.jp/ページ",
        "https://हिन्दी.भारत/",
        "http://localhost:8080/x",
        "http://192.0.2.1/",
        "http://[2001:db8::1]:8080/",
        "https://en.wikipedia.org/wiki/Mercury_(planet)",
        "https://my_host.example.org./a|b",
        "https://example.org/%F0%9F%98%80?x={y}",
    ],
)
def test_web_addresses_are_taken_as_they_are(url):
    assert KIND.from_json(url, EN) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "/page",
        "https:",
        "https://",
        "https:///page",
        "https:example.org",
        "ftp://example.org/",
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "https://user@example.org/",
        "https://user:password@example.org/",
        "https://example.org@evil.example/",
        "https://exa mple.org/",
        "https://example.org/a b",
        " https://example.org/",
        "https://example.org/\n",
        "java\nscript:alert(1)",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\u200b",
        "https://example.org/\u00a0",
        "https://example.org\\@evil.example/",
        'https://example.org/"onmouseover="alert(1)',
        "https://example.org/<script>",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://[::1/",
        "https://[example]/",
        "https://.example.org/",
        "https://exa..mple.org/",
        "https://-a.example/",
        "https://a-.example/",
        "https://ex%61mple.org/",
        "https://" + "a" * 64 + ".org/",
        "https://" + "a." * 130 + "org/",
        "https://example.org。evil.example/",
        "https://example.org／evil.example/",
        "https://example.org/" + "a" * LIMIT,
        "https://example.org/\ud800",
    ],
)
def test_all_else_is_refused(url):
    with pytest.raises(ValueRefused):
        KIND.from_json(url, EN)


def test_spaces_around_a_typed_address_are_forgiven():
    assert KIND.parse(" https://example.org/ \n", EN) == "https://example.org/"


def test_it_is_rendered_as_a_link_that_vouches_for_nothing():
    assert KIND.render("https://example.org/?a=1&b='", RenderContext()) == (
        '<a href="https://example.org/?a=1&amp;b=&#39;" rel="nofollow noopener ugc">'
        "<bdi>example.org/?a=1&amp;b=&#39;</bdi></a>"
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.org/", "example.org"),
        ("http://example.org/a/", "example.org/a"),
        ("https://example.org/" + "a" * 100, "example.org/" + "a" * 47 + "…"),
    ],
)
def test_readers_see_a_short_address(url, shown):
    assert readable(url) == shown
