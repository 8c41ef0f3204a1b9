"""Kinds of hyper-parameters: what they take, what they refuse and in which words."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from graphnet.declare import (
    Choice,
    Either,
    Flag,
    Integer,
    Kind,
    KindError,
    Listed,
    Mapped,
    Optional,
    Real,
    Text,
    spoken,
)

TAKEN: list[tuple[Kind, Any, Any]] = [
    (Integer(), -3, -3),
    (Integer(1, 5), 5, 5),
    (Integer(), 10**30, 10**30),
    (Real(), 2, 2.0),
    (Real(above=0.0, below=1.0), 0.5, 0.5),
    (Real(low=0.0, high=1.0), 1, 1.0),
    (Flag(), False, False),
    (Text(), "", ""),
    (Choice(("mean", "sum")), "sum", "sum"),
    (Optional(Integer()), None, None),
    (Optional(Integer()), 4, 4),
    (Either((Integer(1), Listed(Integer(1)))), 3, 3),
    (Either((Integer(1), Listed(Integer(1)))), [3, 4], (3, 4)),
    (Listed(Real(), 2), (1, 2.5), (1.0, 2.5)),
    (Listed(Text()), [], ()),
    (Mapped(Integer()), {"a": 1}, {"a": 1}),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TAKEN)
def test_taken(kind: Kind, value: Any, expected: Any) -> None:
    read = kind.parse(value)
    assert read == expected
    assert type(read) is type(expected)


REFUSED: list[tuple[Kind, Any, str, str]] = [
    (Integer(), "3", "expected a whole number, found the text '3'", "remove the quotes"),
    (Integer(), "1_000", "found the text '1_000'", "write it in decimal"),
    (Integer(), 3.0, "found the number 3.0", "write 3"),
    (Integer(), 3.5, "found the number 3.5", ""),
    (Integer(), True, "found true", ""),
    (Integer(), None, "found nothing", ""),
    (Integer(1), 0, "expected a whole number >= 1, found the number 0", ""),
    (Integer(1, 5), 6, "a whole number >= 1 and <= 5", ""),
    (Integer(), math.inf, "found the number inf", ""),
    (Real(), math.nan, "expected a number, found the number nan", ""),
    (Real(), math.inf, "found the number inf", ""),
    (Real(), 10**400, "expected a number, found a number too large", ""),
    (Real(), True, "found true", ""),
    (Real(above=0.0), 0, "expected a number > 0, found the number 0", ""),
    (Real(below=1.0), 1.0, "expected a number < 1", ""),
    (Real(low=0.0, high=0.5), 0.6, "a number >= 0 and <= 0.5", ""),
    (Real(), "1e-3", "found the text '1e-3'", "remove the quotes"),
    (Real(), [1], "found a list", ""),
    (Flag(), "yes", "expected true or false, found the text 'yes'", "write true"),
    (Flag(), "off", "found the text 'off'", "write false"),
    (Flag(), 1, "found the number 1", ""),
    (Text(), 5, "expected text, found the number 5", "put it in quotes"),
    (Text(), [5], "found a list", ""),
    (Choice(("mean", "sum")), "men", "expected one of mean, sum", "did you mean 'mean'?"),
    (Choice(("mean", "sum")), None, "found nothing", ""),
    (Optional(Integer(1)), 0, "expected a whole number >= 1", ""),
    (Either((Integer(), Flag())), "x", "expected a whole number or true or false", ""),
    (Listed(Integer()), "12", "expected a list of values", ""),
    (Listed(Integer()), 3, "each a whole number, found the number 3", "write [3]"),
    (Listed(Real(), 2), [1.0], "expected a list of 2 values, each a number, found 1 values", ""),
    (Listed(Integer(0)), [1, -1], "expected a whole number >= 0", ""),
    (Mapped(Integer()), [1], "expected a mapping of names to a whole number, found a list", ""),
    (Mapped(Integer()), {"a": "x"}, "found the text 'x'", ""),
]


@pytest.mark.parametrize(("kind", "value", "message", "cure"), REFUSED)
def test_refused(kind: Kind, value: Any, message: str, cure: str) -> None:
    with pytest.raises(KindError) as caught:
        kind.parse(value)
    assert message in caught.value.message
    assert caught.value.help == cure


def test_no_message_names_a_type_of_python() -> None:
    for value in (None, True, 1, 1.5, "x", [1], (1,), {"a": 1}):
        told = spoken(value)
        assert not {"int", "float", "str", "bool", "dict", "tuple", "NoneType"} & set(told.split())


@pytest.mark.parametrize(("kind", "value", "_"), TAKEN)
def test_schemas_are_json_and_words_are_given(kind: Kind, value: Any, _: Any) -> None:
    assert json.loads(json.dumps(kind.schema())) == kind.schema()
    assert kind.describe()


def test_schemas() -> None:
    assert Integer(1, 5).schema() == {"type": "integer", "minimum": 1, "maximum": 5}
    assert Real(above=0.0).schema() == {"type": "number", "exclusiveMinimum": 0.0}
    assert Choice(("a", "b")).schema() == {"enum": ["a", "b"]}
    assert Optional(Flag()).schema() == {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
    assert Listed(Text(), 2).schema() == {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 2,
        "maxItems": 2,
    }
