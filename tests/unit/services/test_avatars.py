import io
import struct
import zlib
from xml.etree import ElementTree

import pytest
from PIL import Image

from app.domain.errors import InvalidInput
from app.services import avatars, pictures


def encoded(image, form, **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


def huge_png(width, height):
    """A PNG whose header promises far more pixels than its few bytes hold."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_allowed_format_becomes_a_square_in_two_sizes(form):
    picture = pictures.square(encoded(Image.new("RGB", (300, 200), "red"), form), 256, 64)
    assert (opened(picture.content).size, opened(picture.sizes[64]).size) == ((256, 256), (64, 64))
    assert picture.content_type == "image/webp"


def test_metadata_is_left_behind():
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 48.2 N 16.37 E"
    picture = pictures.square(
        encoded(Image.new("RGB", (300, 300)), "JPEG", exif=exif, comment=b"secret"), 256, 64
    )
    for content in (picture.content, *picture.sizes.values()):
        assert not opened(content).getexif()
        assert b"home" not in content and b"secret" not in content


def test_a_photograph_is_turned_as_its_camera_said():
    image = Image.new("RGB", (200, 200), "white")
    image.paste("black", (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = pictures.square(encoded(image, "JPEG", exif=exif), 256, 64)
    turned = opened(picture.content).convert("L")
    assert turned.getpixel((240, 128)) < 60 < 200 < turned.getpixel((16, 128))


def test_transparency_stays():
    picture = pictures.square(encoded(Image.new("RGBA", (90, 90), (0, 0, 0, 0)), "PNG"), 256, 64)
    assert opened(picture.content).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a",
        encoded(Image.new("RGB", (64, 64)), "PNG")[:60],
        encoded(Image.new("RGB", (64, 64)), "BMP"),
        encoded(Image.new("RGB", (64, 64)), "TIFF"),
    ],
)
def test_what_is_no_allowed_picture_is_refused(content):
    with pytest.raises(InvalidInput) as caught:
        pictures.square(content, 256, 64)
    assert caught.value.errors[0].path == "file"


@pytest.mark.parametrize("size", [(6400, 6300), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_decompression_bombs_are_refused_before_they_are_decoded(size):
    with pytest.raises(InvalidInput, match="nothing was stored") as caught:
        pictures.square(huge_png(*size), 256, 64)
    assert "40 megapixels" in str(caught.value.errors[0].message)


def test_more_than_five_mebibytes_are_refused():
    with pytest.raises(InvalidInput) as caught:
        pictures.square(b"\x89PNG" + bytes(pictures.MAX_BYTES), 256, 64)
    assert "5 MiB" in str(caught.value.errors[0].message)


def test_a_long_picture_is_kept_whole_within_bounds():
    picture = pictures.whole(encoded(Image.new("RGB", (3000, 600)), "JPEG"))
    assert (picture.width, picture.height) == (2000, 400) == opened(picture.content).size


@pytest.mark.parametrize("username", ["ada", "豆腐脑", "_-_", "<script>", "\ud800", ""])
def test_the_drawn_avatar_is_well_formed_and_harmless(username):
    root = ElementTree.fromstring(avatars.drawn(username))
    assert {node.tag.split("}")[1] for node in root.iter()} == {"svg", "rect", "circle", "text"}


def test_the_drawn_avatar_is_the_same_for_other_spellings_and_differs_between_users():
    assert avatars.drawn("Ada") != avatars.drawn("Bob")
    assert avatars.drawn("Ada") == avatars.drawn("Ａda".replace("Ａ", "A"))
