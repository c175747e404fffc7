"""Every sentence of code and templates has a Chinese counterpart with the same placeholders."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from app.locales import DEFAULT, LOCALES

ROOT = Path(__file__).parents[2]
# As the Makefile names them to pybabel.
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None, "lazy_gettext": None}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    """All sentences that are marked, as a catalogue."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = Catalog()
    walk = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    for filename, line, message, _comments, context in walk:
        found.add(message, locations=[(filename, line)], context=context)
    return found


@pytest.fixture(scope="module", params=[locale for locale in LOCALES if locale != DEFAULT])
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    """The catalogue of each language but English, which the code itself speaks."""
    path = ROOT / "app" / "translations" / request.param / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=request.param)


def test_the_sentences_of_all_parts_are_found(extracted: Catalog) -> None:
    places = {location.split("/")[1] for message in extracted for location, _ in message.locations}
    assert {"templates", "domain", "kinds", "services", "main"} <= places


def test_nothing_is_missing_or_fuzzy(extracted: Catalog, catalogue: Catalog) -> None:
    missing = [message.id for message in sentences(extracted) if not is_translated(message, catalogue)]
    assert missing == [], f"{len(missing)} sentences to translate; first: make messages-update"


def test_placeholders_are_those_of_the_sentence(extracted: Catalog, catalogue: Catalog) -> None:
    wrong = [
        (message.id, text)
        for message in sentences(extracted)
        if is_translated(message, catalogue)
        for text in forms(catalogue.get(message.id, message.context))
        if placeholders(text) != placeholders(forms_of_id(message)[-1])
    ]
    assert wrong == []


def test_an_english_sentence_is_not_passed_off_as_a_translation(catalogue: Catalog) -> None:
    letters = re.compile("[A-Za-z]{3,}.* .*[A-Za-z]{3,}")
    same = [message.id for message in sentences(catalogue) if forms(message)[0] == forms_of_id(message)[0]]
    assert [sentence for sentence in same if letters.search(str(sentence))] == []


def sentences(catalogue: Catalog) -> Iterator[Message]:
    """Yield all but the header."""
    return (message for message in catalogue if message.id)


def is_translated(message: Message, catalogue: Catalog) -> bool:
    found = catalogue.get(message.id, message.context)
    return found is not None and not found.fuzzy and all(forms(found))


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def forms_of_id(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple | list) else (message.id,)


def placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))
