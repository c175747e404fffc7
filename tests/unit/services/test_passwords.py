import pytest

from app.domain.errors import ValueRefused
from app.services import passwords
from app.services.common_passwords import is_common

COMMON = """
password Password1 P@ssw0rd 12345678 87654321 qwertyuiop iloveyou1 sunshine99 aaaaaaaa abcabcabc
19840512 31.12.1999 letmein123 welcome1! trustno1 1q2w3e4r zaq12wsx woaini1314
"""


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "METHOD", "scrypt:1024:8:1")


@pytest.mark.parametrize("password", COMMON.split())
def test_the_commonest_are_refused_in_any_case_and_spelling(password):
    assert is_common(password)
    assert is_common(password.upper())


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "zQ8!kdPw2",
        "my-cat-sings-at-7",
        "甜豆腐脑和咸豆腐脑",
        "korrekt pferd 99",
    ],
)
def test_others_are_not(password):
    assert not is_common(password)
    assert passwords.checked(password, "ada") == password


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("kurz-1", "8 to 128"),
        ("x" * 70 + "y" * 70, "8 to 128"),
        ("AdaLovelace", "username"),
        ("ＡｄａLovelace", "username"),
        ("ada@example.org", "address"),
        ("broken \ud800 half", "Unicode"),
    ],
)
def test_what_is_refused_is_told_why(password, said):
    with pytest.raises(ValueRefused) as caught:
        passwords.checked(password, "adalovelace", "ada@example.org")
    assert said in str(caught.value)


def test_a_hash_fits_its_password_alone():
    kept = passwords.hash_password("my-cat-sings-at-7")
    assert passwords.matches(kept, "my-cat-sings-at-7")
    assert not passwords.matches(kept, "my-cat-sings-at-8")
    assert not passwords.matches(kept, "my-cat-sings-at-7\ud800")


def test_composed_and_decomposed_letters_are_the_same_password():
    assert passwords.matches(passwords.hash_password("caf\u00e9-at-noon"), "cafe\u0301-at-noon")


def test_nobody_has_a_password():
    assert not passwords.matches("", "the password of no account")
    assert not passwords.matches("", "")


def test_a_hash_of_weaker_parameters_is_outdated(monkeypatch):
    kept = passwords.hash_password("my-cat-sings-at-7")
    assert not passwords.is_outdated(kept)
    monkeypatch.setattr(passwords, "METHOD", "scrypt:2048:8:1")
    assert passwords.is_outdated(kept)
