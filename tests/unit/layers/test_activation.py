"""Activations: one op each, any shape."""

from __future__ import annotations

import numpy as np
import pytest
from emitting import N, layer, refused
from examples import compiled, network, started

OPS_OF = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "ReLU": "relu",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}


@pytest.mark.parametrize(("kind", "op"), OPS_OF.items())
@pytest.mark.parametrize("shape", [(3,), (2, 5), (2, 3, 4)])
def test_one_op_and_the_same_shape(kind: str, op: str, shape: tuple[int, ...]) -> None:
    made = layer(kind, shape)
    assert made.shape == (N, *shape)
    assert made.ops == [op]
    assert made.parameters == {}


@pytest.mark.parametrize("kind", list(OPS_OF))
def test_whole_numbers_are_refused(kind: str) -> None:
    assert refused(kind, (3,), dtype="int64").message.endswith("the input holds int64")


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax"])
def test_dimensions_are_counted_as_torch_does(kind: str) -> None:
    layer(kind, (3, 4), dim=-2)
    assert refused(kind, (3, 4), dim=3).message == "dim 3 is outside the input [N, 3, 4]"
    assert refused(kind, (3, 4), dim=-4).message == "dim -4 is outside the input [N, 3, 4]"
    batch = refused(kind, (3, 4), dim=0)
    assert batch.message == "dim 0 is the batch"
    assert batch.help == "dimensions are counted with the batch as 0"
    assert refused(kind, (3, 4), dim=-3).message == "dim -3 is the batch"


X = np.array([[-1000.0, -1.0, -0.0, 0.0, 2.0, 1000.0]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Tanh", np.tanh(X)),
        ("Sigmoid", np.array([[0.0, 1 / (1 + np.e), 0.5, 0.5, 1 / (1 + np.exp(-2.0)), 1.0]])),
        ("ReLU", np.array([[0.0, 0.0, 0.0, 0.0, 2.0, 1000.0]])),
        ("Softmax", np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]])),
        ("LogSoftmax", X - 1000.0),
    ],
)
def test_values_even_where_exp_overflows(kind: str, expected: np.ndarray) -> None:
    plain = network({"a": kind}, inputs={"x": {"shape": [6]}}, dtype="float64")
    routine = started(compiled(plain)).routine("predict", 1)
    routine.inputs["x"][...] = X
    with np.errstate(all="ignore"):
        routine.forward()
    np.testing.assert_allclose(routine.outputs["a"], expected, rtol=1e-15, atol=0.0)


def test_softmax_along_another_dimension_sums_to_one_there() -> None:
    plain = network({"a": {"type": "Softmax", "dim": 1}}, inputs={"x": {"shape": [3, 4]}})
    routine = started(compiled(plain)).routine("predict", 2)
    routine.inputs["x"][...] = np.arange(24).reshape(2, 3, 4)
    routine.forward()
    expected = np.exp([0.0, 4.0, 8.0]) / np.exp([0.0, 4.0, 8.0]).sum()
    for sample in range(2):
        for column in range(4):
            np.testing.assert_allclose(routine.outputs["a"][sample, :, column], expected, rtol=1e-6)
