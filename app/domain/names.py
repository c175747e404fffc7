"""How names become keys: titles, slugs, attribute keys, and the folded form that search compares.

The rules are those of the public contract, section 2; normalisation forms are Unicode's UAX #15.
"""

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_WORDS = {"+": " plus ", "#": " sharp ", "&": " and "}
_COMBINING_DIACRITICS = re.compile("[\u0300-\u036f]")


def _nfkc_casefold(text: str) -> str:
    # Folding can undo the normal form (U+0345 for one), so it is restored afterwards.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def title_key(title: str) -> str:
    """Return what two titles must not share: NFKC, case-folded, runs of white space as one space."""
    return _SPACES.sub(" ", _nfkc_casefold(title)).strip()


@lru_cache(maxsize=4096)
def slugify(text: str) -> str:
    """Return the slug of a title, or the key of an attribute's name.

    Letters, marks and digits of every script are kept; ``+``, ``#`` and ``&`` become words; every
    other run becomes one ``-``. A name made of signs alone is spelled by its code points, so that
    ``!!!`` and an emoji have a slug too. Only an empty name gives an empty slug.
    """
    folded = _nfkc_casefold(text)
    spelled = "".join(_WORDS.get(char, char) for char in folded)
    slug = "".join(char if _is_kept(char) else "-" for char in spelled)
    slug = re.sub("-+", "-", slug).strip("-")
    if slug or not folded.strip():
        return slug
    return "-".join(f"u{ord(char):x}" for char in folded if not char.isspace())[:80].strip("-")


def _is_kept(char: str) -> bool:
    # All numbers, since many scripts' digits are no decimal ones: 〇 is Nl, Ethiopic ፩ is No.
    return unicodedata.category(char)[0] in "LMN"


def fold(text: str) -> str:
    """Return ``text`` as search compares it: case, width, Latin/Greek/Cyrillic accents and spacing gone."""
    decomposed = unicodedata.normalize("NFD", _nfkc_casefold(text))
    bare = unicodedata.normalize("NFC", _COMBINING_DIACRITICS.sub("", decomposed))
    return _SPACES.sub(" ", bare).strip()


def base_title(title: str) -> str:
    """Return the title without its closing distinction: ``Mercury (planet)`` → ``Mercury``."""
    return re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", title).strip() or title
