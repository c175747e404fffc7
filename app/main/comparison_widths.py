"""How wide the columns of a comparison must be so that no number of it breaks in its middle."""

from collections.abc import Iterable

from app.services.comparisons import Row

# What columns have room for anyway, and the widths in digits that css/compare.css knows.
_ROOM = 13
_WIDTHS = (17, 24, 36, 50)
# Digits of what is best are bolder, hence wider.
_BOLD = 1.1


def css_class(rows: Iterable[Row]) -> str:
    """Return the class of a table with these rows: ``numbers-17`` for up to 17 digits, or ""."""
    words = (word for text in _long_texts(rows) for word in text.split(" "))
    longest = max(map(_width, words), default=0)
    if longest <= _ROOM:
        return ""
    return f"numbers-{next((width for width in _WIDTHS if longest <= width), _WIDTHS[-1])}"


def _long_texts(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        if row.numeric:
            for cell in row.cells:
                if cell.display and len(cell.display.text) > _ROOM:
                    yield cell.display.text


def _width(word: str) -> float:
    """Return the width of a word in digits; what groups them is half as wide."""
    return (len(word) - word.count(",") / 2) * _BOLD
