"""The picture of a comparison for links on other sites: 1200 by 630 pixels, drawn on the server."""

import io
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.services.comparisons import Comparison, Row

WIDTH, HEIGHT = 1200, 630
_MARGIN = 72
_FACTS = 4
_PAPER, _INK, _SOFT, _LINE, _ACCENT = "#fbfaf7", "#1d1c1a", "#56524b", "#e3e0d9", "#0d6e63"

# Where systems keep fonts, and which of them draw most scripts.
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
_PREFERRED = (
    "notosanscjk", "notosanssc", "sourcehansans", "wqy", "droidsansfallback", "pingfang",
    "notosans-regular", "dejavusans.", "liberationsans-regular",
)  # fmt: skip
_ENDINGS = frozenset({".ttf", ".ttc", ".otf"})

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw(comparison: Comparison) -> bytes:
    """Return a PNG that names the entries and shows the first facts that differ.

    What no font of this machine can draw is left out rather than shown as boxes.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, WIDTH, 14), fill=_ACCENT)
    bottom = _draw_title(canvas, [column.item.title for column in comparison.columns])
    _draw_facts(canvas, comparison, bottom)
    _draw_mark(canvas)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_title(canvas: ImageDraw.ImageDraw, titles: list[str]) -> int:
    text = "  vs  ".join(filter(None, map(_drawable, titles))) or "pkyx"
    size = next((size for size in (72, 60, 50, 42) if _width(canvas, text, size) <= WIDTH - 2 * _MARGIN), 36)
    canvas.text((_MARGIN, 72), _cut(canvas, text, size, WIDTH - 2 * _MARGIN), _INK, _font(text, size))
    return 72 + size + 56


def _draw_facts(canvas: ImageDraw.ImageDraw, comparison: Comparison, top: int) -> None:
    columns = comparison.columns[:4]
    label = 300
    width = (WIDTH - 2 * _MARGIN - label) // len(columns)
    for number, row in enumerate(_telling_rows(comparison)):
        y = top + number * 84
        canvas.line((_MARGIN, y - 22, WIDTH - _MARGIN, y - 22), _LINE, 2)
        name = _drawable(row.name)
        canvas.text((_MARGIN, y), _cut(canvas, name, 30, label - 20), _SOFT, _font(name, 30))
        for place in range(len(columns)):
            cell = row.cells[place]
            text = _cut(canvas, _drawable(cell.display.text if cell.display else "–"), 34, width - 24)
            left = _MARGIN + label + place * width
            canvas.text((left, y - 2), text, _ACCENT if cell.best else _INK, _font(text, 34))


def _telling_rows(comparison: Comparison) -> list[Row]:
    """Return rows that say most at a glance: differing, known everywhere, and numbers first."""
    rows = [
        row
        for row in comparison.rows
        if row.differs and all(cell.display and 0 < len(cell.display.text) < 40 for cell in row.cells)
    ]
    return sorted(rows, key=lambda row: not row.numeric)[:_FACTS]


def _draw_mark(canvas: ImageDraw.ImageDraw) -> None:
    y = HEIGHT - 78
    canvas.rounded_rectangle((_MARGIN, y, _MARGIN + 14, y + 36), 4, _ACCENT)
    canvas.rounded_rectangle((_MARGIN + 20, y + 12, _MARGIN + 34, y + 36), 4, "#86b6b0")
    canvas.text((_MARGIN + 50, y - 4), "pkyx", _SOFT, _font("pkyx", 36))


def _drawable(text: str) -> str:
    line = " ".join(text.split())
    return "".join(char for char in line if _font_path(_script(char)) or ord(char) < 0x250)


def _script(char: str) -> str:
    """Return what decides the font: latin, or the first word of the character's name."""
    code = ord(char)
    if code < 0x370 or (unicodedata.category(char)[0] in "PZSN" and code < 0x2E80):
        return "latin"
    if 0x2E80 <= code < 0xA000 or 0xF900 <= code < 0xFB00 or 0xFF00 <= code < 0xFFF0:
        return "cjk"
    return unicodedata.name(char, "").partition(" ")[0].casefold()


_SAMPLES = {"latin": "Ae", "cjk": "比豆", "greek": "Ωα", "cyrillic": "Жя", "hangul": "한국", "hiragana": "あ"}


@lru_cache(maxsize=64)
def _font_path(script: str) -> str:
    """Return a font file that can draw ``script``, or "" if this machine has none."""
    sample = _SAMPLES.get(script)
    if sample is None:
        return ""
    return next((str(path) for path in _font_files() if _draws(path, sample)), "")


@lru_cache(maxsize=1)
def _font_files() -> tuple[Path, ...]:
    return tuple(sorted(_all_fonts(), key=_preference))


def _all_fonts() -> Iterator[Path]:
    for folder in map(Path, _FOLDERS):
        if folder.is_dir():
            yield from (path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS)


def _preference(path: Path) -> tuple[int, str]:
    name = path.name.casefold()
    rank = next((i for i, part in enumerate(_PREFERRED) if name.startswith(part)), len(_PREFERRED))
    return rank, name


def _draws(path: Path, sample: str) -> bool:
    try:
        font = ImageFont.truetype(str(path), 24)
    except OSError:
        return False
    nothing = bytes(font.getmask("\U0010fffd"))
    return all(bytes(font.getmask(char)) not in (nothing, b"") for char in sample)


@lru_cache(maxsize=128)
def _font_of(script: str, size: int) -> Font:
    path = _font_path(script)
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def _font(text: str, size: int) -> Font:
    scripts = [script for script in map(_script, text) if script != "latin"]
    return _font_of(scripts[0] if scripts else "latin", size)


def _width(canvas: ImageDraw.ImageDraw, text: str, size: int) -> float:
    return canvas.textlength(text, _font(text, size))


def _cut(canvas: ImageDraw.ImageDraw, text: str, size: int, room: float) -> str:
    if _width(canvas, text, size) <= room:
        return text
    while text and _width(canvas, text + "…", size) > room:
        text = text[: -max(1, len(text) // 12)]
    return text.rstrip() + "…"
