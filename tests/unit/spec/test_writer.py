from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.errors import InternalError
from graphnet.spec import plain_of, read_text, to_yaml

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    st.text(st.sampled_from("ab 1.:-#{}[],&*!|>'\"%@`~\n\t\r\\$_/\u2028\x85é"), max_size=12),
    st.sampled_from(
        ["", "null", "true", "no", "1", "1.5", "1e3", "010", ".inf", "~", "-", "a: b", "a #b",
         "- a", "...", "---", "<<", "=", "1" * 30, "\ufeff", "\U0001f600", "\ufffe", "x" * 1100]
    ),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=25,
)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal and of one type, signs of zeros included."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    signs = isinstance(left, float) and math.copysign(1, left) != math.copysign(1, right)
    return type(left) is type(right) and left == right and not signs


@given(st.dictionaries(TEXTS, DATA, max_size=5))
@settings(max_examples=300, deadline=None)
def test_reading_back_gives_the_same_data(plain: dict[str, Any]) -> None:
    assert same(plain_of(read_text(to_yaml(plain), "f")), plain)


def test_words_of_yaml_1_1_are_quoted_for_other_readers() -> None:
    plain = {"a": "no", "b": "Off", "c": "0x1F", "d": "1:30", "e": "1e-3", "f": 1e-3, "g": "on"}
    assert yaml.safe_load(to_yaml(plain)) == plain


def test_layout() -> None:
    plain = {
        "graphnet": 1,
        "name": "mlp",
        "description": "it is: a # test",
        "inputs": {"points": {"shape": [2], "dtype": "float32"}},
        "targets": {},
        "layers": {
            "linear1": {"type": "Linear", "inputs": ["points"], "init": {}, "share": None},
            "linear2": {"type": "Linear", "init": {"weight": {"type": "zeros"}}},
        },
        "outputs": ["linear2"],
        "metrics": [{"type": "accuracy"}, {"type": "f1", "inner": {"a": 1}}],
        "lr": 1e-8,
        "nested": [[1, 2], [3, [4]]],
        "path": "../data/x.csv",
        "long": {f"key{n}": n for n in range(30)},
        "nothing": [],
    }
    assert to_yaml(plain) == (
        "graphnet: 1\n"
        "name: mlp\n"
        'description: "it is: a # test"\n'
        "inputs:\n"
        "  points: {shape: [2], dtype: float32}\n"
        "targets: {}\n"
        "layers:\n"
        "  linear1: {type: Linear, inputs: [points], init: {}, share: null}\n"
        "  linear2:\n"
        "    type: Linear\n"
        "    init:\n"
        "      weight: {type: zeros}\n"
        "outputs: [linear2]\n"
        "metrics:\n"
        "  - {type: accuracy}\n"
        "  - type: f1\n"
        "    inner: {a: 1}\n"
        "lr: 1.0e-08\n"
        "nested:\n"
        "  - [1, 2]\n"
        "  -\n"
        "    - 3\n"
        "    - [4]\n"
        "path: ../data/x.csv\n"
        "long:\n" + "".join(f"  key{n}: {n}\n" for n in range(30)) + "nothing: []\n"
    )


def test_empty() -> None:
    assert to_yaml({}) == "{}\n"


def test_what_yaml_cannot_hold() -> None:
    for value in (math.nan, math.inf, object()):
        with pytest.raises(InternalError, match="cannot hold"):
            to_yaml({"a": value})
