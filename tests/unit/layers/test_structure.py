"""Identity, Flatten, Add, Mul, Cat: shapes, values, and refusals with both shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from emitting import N, layer, refused
from examples import compiled, network, started


def test_identity_emits_nothing() -> None:
    made = layer("Identity", (2, 3), dtype="int64")
    assert (made.shape, made.dtype, made.ops) == ((N, 2, 3), "int64", [])


@pytest.mark.parametrize(
    ("shape", "settings", "expected"),
    [
        ((2, 3, 4), {}, (24,)),
        ((2, 3, 4), {"start_dim": 2}, (2, 12)),
        ((2, 3, 4), {"end_dim": 2}, (6, 4)),
        ((2, 3, 4), {"start_dim": -2, "end_dim": -1}, (2, 12)),
    ],
)
def test_flatten(
    shape: tuple[int, ...], settings: dict[str, Any], expected: tuple[int, ...]
) -> None:
    made = layer("Flatten", shape, **settings)
    assert made.shape == (N, *expected)
    assert made.ops == ["reshape"]


def test_flatten_of_one_dimension_emits_nothing() -> None:
    assert layer("Flatten", (5,)).ops == []
    assert layer("Flatten", (2, 5), start_dim=2).ops == []


def test_flatten_refusals() -> None:
    assert refused("Flatten", ()).message.endswith("beside the batch, the input is [N]")
    assert refused("Flatten", (2, 3), start_dim=0).message == "start_dim 0 is the batch"
    outside = refused("Flatten", (2, 3), end_dim=3)
    assert outside.message == "end_dim 3 is outside the input [N, 2, 3]"
    error = refused("Flatten", (2, 3), start_dim=2, end_dim=1)
    assert error.message == "start_dim 2 comes after end_dim 1"


@pytest.mark.parametrize(("kind", "op"), [("Add", "add"), ("Mul", "mul")])
def test_combining_from_left_to_right(kind: str, op: str) -> None:
    made = layer(kind, (3,), (3,), (3,))
    assert (made.shape, made.ops) == ((N, 3), [op, op])
    assert layer(kind, (2, 1), (2, 4), broadcast=True).shape == (N, 2, 4)


@pytest.mark.parametrize("kind", ["Add", "Mul"])
def test_combining_refuses_shapes_that_differ(kind: str) -> None:
    error = refused(kind, (10,), (12,))
    assert error.message == "the inputs have different shapes [N, 10] and [N, 12]"
    assert error.help == "", "to repeat the smaller one would not help"
    assert refused(kind, (2, 1), (2, 4)).help.startswith("add broadcast: true")
    assert refused(kind, (1,), ()).message.endswith("different shapes [N, 1] and [N]")
    error = refused(kind, (2, 3), (2, 4), broadcast=True)
    assert error.message == "the shapes [N, 2, 3] and [N, 2, 4] cannot be broadcast"
    assert "int64" in refused(kind, (2,), (2,), dtype="int64").message


def test_samples_are_never_combined_with_each_other() -> None:
    """(N, 1) and (N) would broadcast to (N, N)."""
    error = refused("Add", (1,), (), broadcast=True)
    assert error.message == "the shapes [N, 1] and [N] would combine every sample with every other"
    assert error.help


@pytest.mark.parametrize(
    ("shapes", "dim", "expected"),
    [
        ([(3,), (4,)], 1, (7,)),
        ([(2, 3), (2, 4), (2, 1)], 2, (2, 8)),
        ([(2, 3), (5, 3)], -2, (7, 3)),
        ([(3,)], 1, (3,)),
    ],
)
def test_cat(shapes: list[tuple[int, ...]], dim: int, expected: tuple[int, ...]) -> None:
    made = layer("Cat", *shapes, dim=dim)
    assert made.shape == (N, *expected)
    assert made.ops == ["concat"]


def test_cat_refusals_show_both_shapes() -> None:
    error = refused("Cat", (2, 3), (2, 4), dim=1)
    assert error.message.startswith("cannot join [N, 2, 3] and [N, 2, 4] along dim 1")
    assert refused("Cat", (2,), (2,), dim=0).message == "dim 0 is the batch"
    assert refused("Cat", (2,), (2,), dim=2).message == "dim 2 is outside the input [N, 2]"


def test_values() -> None:
    layers = {
        "add": {"type": "Add", "inputs": ["a", "b", "b"]},
        "mul": {"type": "Mul", "inputs": ["a", "add"]},
        "cat": {"type": "Cat", "inputs": ["mul", "a"]},
        "wide": {"type": "Mul", "inputs": ["cat", "c"], "broadcast": True},
    }
    inputs = {"a": {"shape": [2]}, "b": {"shape": [2]}, "c": {"shape": [1]}}
    routine = started(compiled(network(layers, inputs=inputs))).routine("predict", 2)
    a, b, c = (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[5.0, 6.0], [7.0, 8.0]]),
        [[10.0], [100.0]],
    )
    routine.inputs["a"][...], routine.inputs["b"][...], routine.inputs["c"][...] = a, b, c
    routine.forward()
    product = a * (a + 2 * b)
    expected = np.concatenate([product, a], 1) * c
    np.testing.assert_array_equal(routine.outputs["wide"], expected)
