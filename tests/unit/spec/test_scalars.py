from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnet.spec.scalars import TooManyDigits, cure, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False),
        ("0", 0), ("-0", 0), ("7", 7), ("+7", 7), ("-12", -12), ("9" * 18, 10**18 - 1),
        ("1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("5.", 5.0), ("1e3", 1000.0), ("1E-3", 0.001),
        ("1e+10", 1e10), ("-1e-3", -0.001), ("1.0e3", 1000.0), ("0.0", 0.0), ("0e5", 0.0),
        ("5e-324", 5e-324), ("1.7976931348623157e308", 1.7976931348623157e308),
    ],
)  # fmt: skip
def test_values(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "on", "off", "NO", "nUll", "tRUE", "010", "00", "01.5", "0x1F", "0o17", "0b11",
     "1_000", "1:30", "12:30:45", "2001-01-01", "1,5", ".", "-", "+", "e5", "1e", "1e999", "-1e999",
     "1e-999", ".nan", ".inf", "-.inf", "inf", "nan", "=", "<<", "1 2", "\u0661", "1\n"],
)  # fmt: skip
def test_text_stays_text(text: str) -> None:
    assert resolve(text) == text


def test_long_numbers() -> None:
    for text in ("1" * 19, "-" + "1" * 19, "9" * 5000):
        with pytest.raises(TooManyDigits):
            resolve(text)
    assert resolve("0." + "1" * 5000) == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0x1F", "write it in decimal or quote it"),
        ("010", "write it in decimal or quote it"),
        ("1_000", "write it in decimal or quote it"),
        ("1:30", "write it in decimal or quote it"),
        ("2001-01-01", "write it in decimal or quote it"),
        ("1,5", "write it in decimal or quote it"),
        (".nan", "numbers must be finite"),
        ("-.INF", "numbers must be finite"),
        ("infinity", "numbers must be finite"),
        ("1e999", "numbers must be finite"),
        ("1e-999", "write 0 or a number of at least 5e-324"),
        ("tanh", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_cures(text: str, words: str) -> None:
    assert cure(text) == words


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_integers(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats(number: float) -> None:
    assert resolve(repr(number)) == number
