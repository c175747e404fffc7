"""Text in a CSV cell, kept from being taken for a formula by a spreadsheet (CWE-1236).

The rule of the public contract, section 5: text that begins with one of :data:`GUARDED` gets one leading
apostrophe on the way out and loses exactly one on the way in, so every text survives the round trip.
"""

GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def guard(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet runs."""
    return "'" + text if text.startswith(GUARDED) else text


def unguard(cell: str) -> str:
    """Return the text that :func:`guard` made ``cell`` of: one leading apostrophe goes."""
    return cell.removeprefix("'")
