"""Pictures."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.image import Image, ImageKind

KIND = ImageKind()
EN = ParseContext()
FILE = "0123456789abcdef01234567"
URL = "https://example.org/a.png"


def test_an_address_or_a_file_is_taken():
    assert KIND.from_json({"url": URL, "alt": "A hill"}, EN) == Image(URL, None, "A hill")
    assert KIND.from_json({"file": FILE, "alt": ""}, EN) == Image(None, FILE)
    assert KIND.from_json({"file": FILE}, EN) == Image(None, FILE)


def test_a_file_that_does_not_exist_is_refused():
    none = ParseContext(has_file=lambda _: False)
    for read in (lambda: KIND.from_json({"file": FILE}, none), lambda: KIND.parse(f"{FILE} A hill", none)):
        with pytest.raises(ValueRefused, match="no such file") as caught:
            read()
        assert caught.value.path == "file"
    assert KIND.from_json({"url": URL}, none).url == URL


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (URL, ""),
        (None, ""),
        ([], ""),
        ({}, ""),
        ({"alt": "x"}, ""),
        ({"url": URL, "file": FILE}, ""),
        ({"url": URL, "$where": "1"}, ""),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "data:image/svg+xml,<svg onload=alert(1)>"}, "url"),
        ({"url": {"$ne": ""}}, "url"),
        ({"url": None}, "url"),
        ({"file": "../../etc/passwd"}, "file"),
        ({"file": FILE.upper()}, "file"),
        ({"file": 5}, "file"),
        ({"url": URL, "alt": 5}, "alt"),
        ({"url": URL, "alt": "a\nb"}, "alt"),
        ({"url": URL, "alt": "x" * 301}, "alt"),
    ],
)
def test_all_else_is_refused_with_its_path(raw, path):
    with pytest.raises(ValueRefused) as refused:
        KIND.from_json(raw, EN)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (URL, Image(URL, None)),
        (f" {URL}  A hill at dusk ", Image(URL, None, "A hill at dusk")),
        (f"{FILE} A hill", Image(None, FILE, "A hill")),
    ],
)
def test_a_person_types_the_place_and_then_the_description(text, value):
    assert KIND.parse(text, EN) == value
    assert KIND.parse(KIND.typed(value, "en"), EN) == value


def test_a_picture_is_loaded_late_and_tells_nobody_who_looks():
    html = KIND.render(Image(URL, None, 'A "hill" <b>'), RenderContext())
    assert 'src="https://example.org/a.png"' in html
    assert 'alt="A &#34;hill&#34; &lt;b&gt;"' in html
    assert 'loading="lazy"' in html
    assert 'referrerpolicy="no-referrer"' in html


def test_an_upload_is_served_by_the_site():
    assert f'src="/files/{FILE}"' in KIND.render(Image(None, FILE), RenderContext())


def test_a_picture_that_browsers_would_block_is_a_link():
    html = KIND.render(Image("http://example.org/a.png", None, "A hill"), RenderContext())
    assert html.startswith('<a href="http://example.org/a.png"')
    assert "A hill" in html
