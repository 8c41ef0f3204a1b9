"""Losses: values worked out by hand, reductions, stability, and refusals with both shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from examples import compiled, network, started

from graphnet.declare import KindError
from graphnet.errors import GraphError
from graphnet.ir import Batch, Dim, TensorType
from graphnet.losses import LOSSES, LossError

N = Batch()


def loss_and_gradient(
    loss: str, x: list[Any], t: list[Any], dtype: str = "float64", **settings: Any
) -> tuple[float, np.ndarray]:
    """Return a loss of an input itself, and its gradient."""
    values, goal = np.array(x, dtype), np.array(t)
    kind = {"dtype": "int64"} if goal.dtype.kind == "i" else {}
    plain = network(
        {"same": "Identity"},
        inputs={"x": {"shape": list(values.shape[1:])}},
        targets={"t": {"shape": list(goal.shape[1:]), **kind}},
        loss={"type": loss, **settings},
        dtype=dtype,
    )
    program = compiled(plain, input_gradients=True)
    routine = started(program).routine("train", len(values))
    routine.inputs["x"][...], routine.targets["t"][...] = values, goal
    with np.errstate(all="ignore"):
        routine.forward()
        routine.backward()
    assert routine.loss is not None
    return routine.loss.item(), routine.array("d:x").copy()


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


CASES: dict[str, tuple[list[Any], list[Any], float, list[Any]]] = {
    "MSELoss": (
        [[1.0, 2.0], [3.0, 5.0]],
        [[0.0, 2.0], [1.0, 1.0]],
        21 / 4,
        [[0.5, 0.0], [1.0, 2.0]],
    ),
    "L1Loss": (
        [[1.0, 2.0], [3.0, -5.0]],
        [[0.0, 2.0], [1.0, 1.0]],
        9 / 4,
        [[0.25, 0.0], [0.25, -0.25]],
    ),
    "BCEWithLogitsLoss": (
        [[0.0, 2.0]],
        [[1.0, 0.25]],
        (math.log(2) + math.log1p(math.exp(2.0)) - 0.5) / 2,
        [[-0.25, (sigmoid(2.0) - 0.25) / 2]],
    ),
    "BCELoss": (
        [[0.5, 0.25]],
        [[1.0, 0.0]],
        (math.log(2) - math.log(0.75)) / 2,
        [[-1.0, 1 / 0.75 / 2]],
    ),
    "CrossEntropyLoss": (
        [[0.0, 0.0], [math.log(3.0), 0.0]],
        [1, 0],
        (math.log(2) + math.log(4 / 3)) / 2,
        [[0.25, -0.25], [-0.125, 0.125]],
    ),
    "NLLLoss": (
        [[-1.0, -2.0], [-3.0, -4.0]],
        [1, 0],
        2.5,
        [[0.0, -0.5], [-0.5, 0.0]],
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_values_and_gradients(name: str) -> None:
    x, t, expected, gradient = CASES[name]
    value, found = loss_and_gradient(name, x, t)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(found, gradient, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("name", list(CASES))
def test_the_sum_is_the_mean_times_the_number_of_elements(name: str) -> None:
    x, t, expected, gradient = CASES[name]
    count = np.array(t).size
    value, found = loss_and_gradient(name, x, t, reduction="sum")
    assert value == pytest.approx(expected * count, rel=1e-14)
    np.testing.assert_allclose(found, np.array(gradient) * count, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_logits_of_any_size_are_finite(dtype: str, size: float) -> None:
    value, gradient = loss_and_gradient("BCEWithLogitsLoss", [[size, -size]], [[1.0, 0.0]], dtype)
    assert value == 0.0
    assert gradient.tolist() == [[0.0, 0.0]]
    value, gradient = loss_and_gradient("BCEWithLogitsLoss", [[size, -size]], [[0.0, 1.0]], dtype)
    assert value == float(np.array(size, dtype))
    assert gradient.tolist() == [[0.5, -0.5]]
    value, gradient = loss_and_gradient("CrossEntropyLoss", [[size, -size, 0.0]], [0], dtype)
    assert (value, gradient.tolist()) == (0.0, [[0.0, 0.0, 0.0]])
    value, gradient = loss_and_gradient("CrossEntropyLoss", [[size, -size, 0.0]], [1], dtype)
    assert value == pytest.approx(2 * float(np.array(size, dtype)), rel=1e-7)
    assert gradient.tolist() == [[1.0, -1.0, 0.0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sure_and_wrong_probabilities_are_bounded_as_in_torch(dtype: str) -> None:
    value, gradient = loss_and_gradient("BCELoss", [[0.0, 1.0]], [[1.0, 0.0]], dtype)
    assert value == 100.0
    np.testing.assert_allclose(gradient, [[-0.5e12, 0.5e12]], rtol=1e-6)
    value, gradient = loss_and_gradient("BCELoss", [[0.0, 1.0]], [[0.0, 1.0]], dtype)
    assert (value, gradient.tolist()) == (0.0, [[0.0, 0.0]])


def test_classes_may_lie_on_another_dimension() -> None:
    scores = np.random.default_rng(0).standard_normal((2, 3, 4))
    index = [[0, 3, 1], [2, 2, 0]]
    last, back = loss_and_gradient("CrossEntropyLoss", scores.tolist(), index, dim=-1)
    turned = scores.transpose(0, 2, 1)
    first, other = loss_and_gradient("CrossEntropyLoss", turned.tolist(), index)
    assert last == pytest.approx(first, rel=1e-15)
    np.testing.assert_allclose(back, other.transpose(0, 2, 1), rtol=1e-14)
    logs = (
        np.log(np.exp(scores).sum(-1))
        - np.take_along_axis(scores, np.array(index)[..., None], -1)[..., 0]
    )
    assert last == pytest.approx(float(logs.mean()), rel=1e-14)
    picked, _ = loss_and_gradient("NLLLoss", scores.tolist(), index, dim=2)
    assert picked == pytest.approx(
        -float(np.take_along_axis(scores, np.array(index)[..., None], -1).mean()), rel=1e-14
    )


def f32(*shape: Dim) -> TensorType:
    return TensorType((N, *shape), "float32")


def i64(*shape: Dim) -> TensorType:
    return TensorType((N, *shape), "int64")


REFUSED: list[tuple[str, TensorType, TensorType, dict[str, Any], str]] = [
    ("MSELoss", f32(1), f32(), {}, "the shapes differ: output [N, 1], target [N]"),
    ("L1Loss", f32(2), f32(3), {}, "the shapes differ: output [N, 2], target [N, 3]"),
    ("BCEWithLogitsLoss", f32(1), i64(1), {}, "needs targets of numbers like the output's, not int64"),
    ("BCELoss", i64(1), i64(1), {}, "needs floating point numbers, the output holds int64"),
    ("CrossEntropyLoss", f32(), i64(), {}, "needs a dimension of classes beside the batch"),
    ("CrossEntropyLoss", f32(4), f32(), {}, "needs class indices, the target holds float32"),
    ("CrossEntropyLoss", f32(4), i64(1), {}, "without dim 1: output [N, 4], target [N, 1]"),
    ("CrossEntropyLoss", f32(4), i64(), {"dim": 2}, "dim 2 is not a dimension of classes"),
    ("CrossEntropyLoss", f32(4), i64(), {"dim": 0}, "dim 0 is not a dimension of classes"),
    ("NLLLoss", f32(3, 4), i64(4), {"dim": -1}, "output [N, 3, 4], target [N, 4]"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "target", "settings", "message"), REFUSED)
def test_refused(
    name: str, source: TensorType, target: TensorType, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(LossError) as caught:
        LOSSES[name].from_plain(settings).check([source], [target])
    assert message in caught.value.message


def test_a_wrong_reduction_is_refused() -> None:
    with pytest.raises(KindError, match="expected one of mean, sum"):
        LOSSES["MSELoss"].from_plain({"reduction": "none"})


def test_the_cure_shows_how_class_targets_are_declared() -> None:
    with pytest.raises(LossError) as caught:
        LOSSES["CrossEntropyLoss"]().check([f32(4)], [f32()])
    assert caught.value.help == "declare it as {shape: [], dtype: int64, classes: 4}"


@pytest.mark.parametrize(
    ("source", "target", "cure"),
    [
        (f32(40, 38), i64(40), "add dim: -1 to the loss: the classes lie last"),
        (f32(7, 5, 6), i64(7, 6), "add dim: 2 to the loss"),
        (f32(10), i64(1), "declare the target as {shape: []}: one index a sample"),
        (
            f32(12, 1, 5),
            i64(),
            "let the output be [N, classes]: put Flatten before the last Linear, or Mean behind it",
        ),
        (f32(10), i64(3), ""),
    ],
)
def test_the_cure_of_class_targets_of_another_shape(
    source: TensorType, target: TensorType, cure: str
) -> None:
    with pytest.raises(LossError) as caught:
        LOSSES["CrossEntropyLoss"]().check([source], [target])
    assert caught.value.help == cure


def test_several_losses_add_up_with_their_scales() -> None:
    plain = network(
        {"a": "Identity", "b": {"type": "Identity", "inputs": "x"}},
        inputs={"x": {"shape": [1]}},
        targets={"t": {"shape": [1]}},
        outputs=["a"],
        loss={
            "first": {"type": "MSELoss", "input": "a", "scale": 3.0},
            "second": {"type": "L1Loss", "input": "b", "scale": 0.5},
        },
        dtype="float64",
    )
    program = compiled(plain, input_gradients=True)
    routine = started(program).routine("train", 1)
    routine.inputs["x"][...], routine.targets["t"][...] = 5.0, 1.0
    routine.forward()
    routine.backward()
    assert routine.loss is not None
    assert routine.loss.item() == 3.0 * 16.0 + 0.5 * 4.0
    assert routine.array("d:x").item() == 3.0 * 8.0 + 0.5


def test_a_wrong_pair_is_told_with_the_names() -> None:
    plain = network({"a": "Identity"}, targets={"t": {"shape": [1]}}, loss="MSELoss")
    with pytest.raises(GraphError) as caught:
        compiled(plain)
    assert caught.value.code == "GN206"
    assert (
        "MSELoss does not fit: the shapes differ: output [N, 3], target [N, 1]"
        in caught.value.message
    )
    assert caught.value.notes == ("it compares a with t",)


def test_errors_and_margins_are_scikit_learns() -> None:
    from sklearn import metrics

    chance = np.random.default_rng(4)
    x, t = chance.uniform(0.1, 3.0, (6, 1)), chance.uniform(0.1, 3.0, (6, 1))
    signs = chance.choice([-1.0, 1.0], (6, 1))
    wanted = {
        "MAPELoss": (t, metrics.mean_absolute_percentage_error(t, x)),
        "MSLELoss": (t, metrics.mean_squared_log_error(t, x)),
        "HingeLoss": (signs, metrics.hinge_loss(signs[:, 0], x[:, 0])),
        "QuantileLoss": (t, metrics.mean_pinball_loss(t, x, alpha=0.5)),
        "MSELoss": (t, metrics.mean_squared_error(t, x)),
    }
    scores, labels = chance.standard_normal((6, 4)), np.array([0, 3, 1, 1, 2, 0])
    several = metrics.hinge_loss(labels, scores)
    found, _ = loss_and_gradient("CategoricalHingeLoss", scores.tolist(), labels.tolist())
    assert found == pytest.approx(float(several), rel=1e-12)
    for name, (goal, value) in wanted.items():
        found, _ = loss_and_gradient(name, x.tolist(), goal.tolist())
        assert found == pytest.approx(float(value), rel=1e-12), name
