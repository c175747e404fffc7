"""Yes and no."""

import pytest

from app.domain.errors import ValueRefused
from app.kinds.base import ParseContext, RenderContext
from app.kinds.boolean import BooleanKind

KIND = BooleanKind()
EN = ParseContext()


@pytest.mark.parametrize(
    "text", ["yes", "Yes", " TRUE ", "y", "1", "是", "是的", "ｙｅｓ", "有", "支持", "✓", "✔", "on"]
)
def test_words_and_signs_for_yes(text):
    assert KIND.parse(text, EN) is True


@pytest.mark.parametrize("text", ["no", "No", " FALSE ", "n", "0", "否", "没有", "不支持", "✗", "❌", "off"])
def test_words_and_signs_for_no(text):
    assert KIND.parse(text, EN) is False


@pytest.mark.parametrize("text", ["", "maybe", "yesno", "2", "null", "yes" * 1000])
def test_other_words_are_refused_with_what_was_expected(text):
    with pytest.raises(ValueRefused, match="yes"):
        KIND.parse(text, EN)


@pytest.mark.parametrize("raw", [1, 0, "true", "yes", None, [], 1.0])
def test_json_takes_true_and_false_alone(raw):
    with pytest.raises(ValueRefused):
        KIND.from_json(raw, EN)


def test_a_word_stands_beside_the_sign():
    html = KIND.render(False, RenderContext())
    assert '<span aria-hidden="true">✗</span> No' in html


def test_words_are_the_readers():
    reader = RenderContext(gettext={"Yes": "是", "No": "否"}.__getitem__)
    assert KIND.text(True, reader) == "是"
    assert KIND.typed(True, "zh_Hans_CN") == "是"


def test_no_comes_before_yes():
    assert KIND.compare(False, True) == -1
