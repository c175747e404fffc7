"""Uploaded pictures: judged by content, bounded, and encoded anew without anything but their pixels."""

import io
import warnings
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from app.domain.errors import FieldError, InvalidInput
from app.domain.messages import N_, Message
from app.domain.permissions import Permission, require
from app.domain.users import Actor
from app.storage.files import ITEM_IMAGE, Picture
from app.storage.stores import Stores

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_LONGEST_EDGE = 2000


def square(content: bytes, edge: int, small_edge: int) -> Picture:
    """Return the middle of a picture as WebP in two sizes; raise InvalidInput (path ``file``)."""
    image = _opened(content)
    fitted = {
        size: ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS) for size in (edge, small_edge)
    }
    large, small = _encoded(fitted[edge]), _encoded(fitted[small_edge])
    return Picture(large, "image/webp", edge, edge, {small_edge: small})


def whole(content: bytes) -> Picture:
    """Return a picture as WebP, no longer than 2,000 pixels; raise InvalidInput (path ``file``)."""
    image = _opened(content)
    image.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE), Image.Resampling.LANCZOS)
    return Picture(_encoded(image), "image/webp", image.width, image.height)


def keep(stores: Stores, actor: Actor, content: bytes, now: datetime) -> str:
    """Store a picture for entries and return its file id; raise InvalidInput (path ``file``), Forbidden."""
    require(actor, Permission.UPLOAD, now)
    return stores.files.insert(whole(content), ITEM_IMAGE, actor.username)


def _opened(content: bytes) -> Image.Image:
    if len(content) > MAX_BYTES:
        raise _refused(Message(N_("The picture is larger than 5 MiB.")))
    try:
        with warnings.catch_warnings():
            # Pillow's own guard warns at 89 megapixels; ours refuses far below, before any decoding.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _decoded(content)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise _unreadable() from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels()
        # The first frame only: an animation of many frames is a bomb of another sort.
        image.load()
        upright = ImageOps.exif_transpose(image)
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _encoded(image: Image.Image) -> bytes:
    # A new image of the same pixels: no EXIF, XMP, comment or profile can come along.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    buffer = io.BytesIO()
    bare.save(buffer, "WEBP", quality=84, method=4)
    return buffer.getvalue()


def _unreadable() -> InvalidInput:
    return _refused(Message(N_("A picture in PNG, JPEG, WebP or GIF was expected.")))


def _too_many_pixels() -> InvalidInput:
    return _refused(Message(N_("The picture has more than 40 megapixels.")))


def _refused(message: Message) -> InvalidInput:
    return InvalidInput([FieldError("file", message)])
