"""Expressions: what they compute, and that nothing else is read as one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnet.declare import KindError
from graphnet.errors import NumericError
from graphnet.schedulers import SCHEDULERS
from graphnet.schedulers.expression import Expression, parse_expression


@pytest.mark.parametrize(
    ("text", "t", "expected"),
    [
        ("1", 5, 1.0),
        (" .5e1 ", 0, 5.0),
        ("t + epoch * step", 3, 12.0),
        ("1 - 2 - 3", 0, -4.0),
        ("2 * 3 + 4 * 5", 0, 26.0),
        ("12 / 3 / 2", 0, 2.0),
        ("7 // 2 + 7 % 4", 0, 6.0),
        ("2 ** 3 ** 2", 0, 512.0),
        ("-2 ** 2", 0, -4.0),
        ("(-2) ** 2", 0, 4.0),
        ("2 ** -1", 0, 0.5),
        ("--t", 2, 2.0),
        ("min(t, 3, 2)", 9, 2.0),
        ("max(1, 2)", 0, 2.0),
        ("sqrt(abs(-16)) + floor(2.9) + ceil(2.1)", 0, 9.0),
        ("exp(log(2)) * cos(0) + sin(0)", 0, 2.0),
        ("pi", 0, math.pi),
        ("e", 0, math.e),
        ("1 if t < 2 else 2 if t <= 3 else 3", 1, 1.0),
        ("1 if t < 2 else 2 if t <= 3 else 3", 3, 2.0),
        ("1 if t < 2 else 2 if t <= 3 else 3", 4, 3.0),
        ("(t > 1) + (t >= 1) + (t == 1) + (t != 1)", 1, 2.0),
        ("0.5 ** (t // 30)", 61, 0.25),
    ],
)
def test_values(text: str, t: int, expected: float) -> None:
    assert parse_expression(text)(t) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a value is missing at its end"),
        ("1 +", "a value is missing at its end"),
        ("1 2", "did not expect this: '2' at 3"),
        ("* 2", "a value is missing: '*' at 1"),
        ("(1", "needs ')' at its end"),
        ("1)", "did not expect this: ')' at 2"),
        ("min(1)", "min takes 2 values here"),
        ("sqrt(1, 2)", "sqrt takes 1 value here"),
        ("t if 1", "needs 'else' at its end"),
        ("2 ^ t", "found '^' at 3"),
        ("import os", "there is no such name: 'import' at 1"),
        ("__import__('os')", 'found "\'" at 12'),
        ("t.real", "found '.' at 2"),
        ("lambda t: t", "found ':' at 9"),
        ("x", "there is no such name"),
        ("(" * 100 + "1" + ")" * 100, "at most 40 levels"),
        ("2**" * 100 + "1", "at most 40 levels"),
        ("1+" * 300 + "1", "at most 500 characters"),
        ("t[0]", "found '['"),
        ("π", "found 'π' at 1"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    with pytest.raises(KindError) as caught:
        Expression().parse(text)
    assert said in caught.value.message


def test_cures() -> None:
    for text, cure in (("2 ^ t", "write ** for powers"), ("sqt(2)", "did you mean 'sqrt'?")):
        with pytest.raises(KindError) as caught:
            Expression().parse(text)
        assert caught.value.help == cure


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}])
def test_what_is_no_text(value: object) -> None:
    with pytest.raises(KindError, match="an expression in t"):
        Expression().parse(value)


def test_a_number_is_an_expression() -> None:
    assert Expression().parse(0.5) == "0.5"


@pytest.mark.parametrize("text", ["1 / t", "log(t)", "10.0 ** 400", "(0 - 1) ** 0.5", "t % t"])
def test_expressions_without_a_value(text: str) -> None:
    scheduler = SCHEDULERS["LambdaLR"].from_plain({"lr_lambda": text})
    with pytest.raises(NumericError) as caught:
        scheduler.rate(1.0, 0)
    assert caught.value.code == "GN603"
    assert "for t = 0" in caught.value.message


@given(st.text(alphabet="0123456789.+-*/%()<>=! tepsminaxifelse,_'\"[]{}:", max_size=60))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        formula = parse_expression(text)
    except KindError:
        return
    try:
        formula(2.0)
    except (ArithmeticError, ValueError, TypeError):
        return
