from __future__ import annotations

from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from graphnet.errors import GraphNetError, SpecErrors
from graphnet.spec import from_plain, plain_data, plain_of
from graphnet.spec.nodes import positions_of


def test_values_of_other_libraries_become_plain() -> None:
    mapping = {
        "integer": np.int64(5),
        "half": np.float32(0.5),
        "double": np.float64(1e-3),
        "flag": np.bool_(True),
        "text": np.str_("x"),
        "fraction": Fraction(1, 4),
        "path": PurePosixPath("a/b"),
        "tuple": (1, 2),
        "view": MappingProxyType({"a": None}),
    }
    found = plain_of(from_plain(mapping))
    assert found == {
        "integer": 5,
        "half": 0.5,
        "double": 1e-3,
        "flag": True,
        "text": "x",
        "fraction": 0.25,
        "path": "a/b",
        "tuple": [1, 2],
        "view": {"a": None},
    }
    kinds = [type(value) for value in found.values()]
    assert kinds == [int, float, float, bool, str, float, str, list, dict]


def test_places_are_dotted_paths() -> None:
    root = from_plain({"layers": {"a": {"inputs": ["x"]}}})
    assert root.position.file == "<mapping>"
    assert [(path, where.file, where.line) for path, where in positions_of(root, "")][1:] == [
        (".layers", "<mapping>: layers", 0),
        (".layers.a", "<mapping>: layers.a", 0),
        (".layers.a.inputs", "<mapping>: layers.a.inputs", 0),
        (".layers.a.inputs.0", "<mapping>: layers.a.inputs.0", 0),
    ]


@pytest.mark.parametrize(
    ("value", "code", "phrase"),
    [
        (object(), "GN106", "a value that a spec cannot hold"),
        ({1, 2}, "GN106", "a value that a spec cannot hold"),
        (b"bytes", "GN106", "a value that a spec cannot hold"),
        (1j, "GN106", "a value that a spec cannot hold"),
        (np.zeros(3), "GN106", "a value that a spec cannot hold"),
        (10**18, "GN112", "too many digits"),
        (-(10**400), "GN112", "too many digits"),
        ("\ud800", "GN113", "no file can hold"),
        ("a\0b", "GN113", "no file can hold"),
        ({1: 2}, "GN111", "a key that is not text"),
        ({None: 2}, "GN111", "a key that is not text"),
        ({"\ud800": 2}, "GN111", "a key that is not text"),
    ],
)
def test_what_a_spec_cannot_hold(value: Any, code: str, phrase: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        from_plain({"a": {"b": value}})
    assert caught.value.code == code
    assert caught.value.file == "<mapping>: a.b"
    assert phrase in str(caught.value)


def test_all_problems_are_reported() -> None:
    with pytest.raises(SpecErrors) as caught:
        from_plain({"a": object(), "b": {2: 3}, "c": 1})
    assert [problem.code for problem in caught.value.problems] == ["GN106", "GN111"]


def test_a_mapping_inside_itself() -> None:
    mapping: dict[str, Any] = {}
    mapping["again"] = mapping
    with pytest.raises(GraphNetError, match="more than 64 levels") as caught:
        from_plain(mapping)
    assert caught.value.code == "GN112"


def test_shared_parts_do_not_multiply_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_data, "MAX_VALUES", 10_000)
    part: list[Any] = [0]
    for _ in range(60):
        part = [part] * 10
    with pytest.raises(GraphNetError, match="more than 10000 values"):
        from_plain({"a": part})


def test_not_a_mapping() -> None:
    with pytest.raises(GraphNetError) as caught:
        from_plain([1])  # type: ignore[arg-type]
    assert caught.value.code == "GN102"


def test_huge_fraction_is_not_finite() -> None:
    assert plain_of(from_plain({"a": Fraction(10**400)})) == {"a": float("inf")}
