"""Two to eight entries side by side: aligned, judged, and made ready for people and machines."""

from app.services.comparisons.comparing import FEWEST, MOST, ComparisonCache, compare
from app.services.comparisons.exports import cell_text, item_summary, to_csv, to_json, to_markdown
from app.services.comparisons.model import (
    DIRECTION_WORDS,
    STATE_EXPLANATIONS,
    STATE_WORDS,
    Cell,
    Column,
    Comparison,
    Group,
    Row,
)
from app.services.comparisons.options import UNITS, Options, ReadOptions, read_options

__all__ = [
    "DIRECTION_WORDS",
    "FEWEST",
    "MOST",
    "STATE_EXPLANATIONS",
    "STATE_WORDS",
    "UNITS",
    "Cell",
    "Column",
    "Comparison",
    "ComparisonCache",
    "Group",
    "Options",
    "ReadOptions",
    "Row",
    "cell_text",
    "compare",
    "item_summary",
    "read_options",
    "to_csv",
    "to_json",
    "to_markdown",
]
