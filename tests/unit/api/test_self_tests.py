"""Self-tests: sound networks learn a batch by heart, broken ones do not; rates are where losses fall."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from commands import TINY

from graphnet.api import find_learning_rate, overfit_batch
from graphnet.api.by_heart import has_stopped
from graphnet.api.self_tests import _suggested, smooth
from graphnet.errors import UsageError


def test_a_sound_network_learns_by_heart() -> None:
    found = overfit_batch(TINY)
    assert found["ok"]
    assert found["samples"] == 8
    assert found["last"] <= 0.1 * found["first"]
    assert found["updates"] < 500


def test_a_network_that_loses_its_input_does_not() -> None:
    text = TINY.replace("  tanh1: Tanh\n", "  zero: {type: Linear, out_features: 1, trainable: false, "
                        "init: {weight: zeros, bias: zeros}}\n")  # fmt: skip
    found = overfit_batch(text, updates=100)
    assert not found["ok"]
    assert found["updates"] == 100


def test_without_data_the_batch_is_random() -> None:
    found = overfit_batch(TINY[: TINY.index("data:")])
    assert found["ok"]


LINEAR = {"type": "Linear", "out_features": 3}
SMOOTHED = {"type": "CrossEntropyLoss", "label_smoothing": 0.2}
INDEX = {"shape": [], "dtype": "int64", "classes": 3}
VECTOR = {"shape": [3]}
PENALTY = [{"type": "L2", "match": "*weight", "factor": 0.05}]
ZEROS = {**LINEAR, "trainable": False, "init": {"weight": "zeros", "bias": "zeros"}}


def small(
    loss: Any, target: dict[str, Any], middle: Any = "Tanh", size: int = 16, **rest: Any
) -> dict[str, Any]:
    return {
        "graphnet": 1,
        "inputs": {"x": {"shape": [4]}},
        "targets": {"y": target},
        "layers": {
            "a": {"type": "Linear", "out_features": size},
            "middle": middle,
            "b": LINEAR,
        },
        "loss": loss,
        **rest,
    }


def test_smoothed_targets_are_learned_once_all_are_told_right() -> None:
    """With smoothing s, -sum p log p is the least of p = 1 - s + s / 3 and s / 3 twice."""
    found = overfit_batch(small(SMOOTHED, INDEX))
    assert found["verdict"] == "decided"
    assert found["ok"]
    share = 0.2 / 3
    floor = -(1 - 2 * share) * np.log(1 - 2 * share) - 2 * share * np.log(share)
    assert found["last"] == pytest.approx(floor, rel=1e-3)
    assert found["last"] > 0.1 * found["first"]


@pytest.mark.parametrize(
    ("loss", "target", "rest"),
    [
        ("CrossEntropyLoss", VECTOR, {}),
        (SMOOTHED, VECTOR, {}),
        ("MSELoss", VECTOR, {"regularizers": PENALTY}),
        ("PoissonNLLLoss", VECTOR, {}),
    ],
    ids=["probabilities", "smoothed probabilities", "penalty", "likelihood"],
)
def test_a_minimum_above_0_is_no_failure(
    loss: Any, target: dict[str, Any], rest: dict[str, Any]
) -> None:
    found = overfit_batch(small(loss, target, **rest), updates=1000)
    assert found["last"] > 0.1 * abs(found["first"])
    assert (found["verdict"], found["ok"]) == ("stopped", True)


@pytest.mark.parametrize(
    ("loss", "target", "rest"),
    [
        ("CrossEntropyLoss", INDEX, {}),
        (SMOOTHED, INDEX, {}),
        ("CrossEntropyLoss", VECTOR, {}),
        ("MSELoss", VECTOR, {}),
        ("MSELoss", VECTOR, {"regularizers": PENALTY}),
        ("PoissonNLLLoss", VECTOR, {}),
    ],
    ids=["classes", "smoothed", "probabilities", "numbers", "penalty", "likelihood"],
)
def test_constant_outputs_fail_whatever_the_loss(
    loss: Any, target: dict[str, Any], rest: dict[str, Any]
) -> None:
    found = overfit_batch(small(loss, target, ZEROS, **rest))
    assert (found["verdict"], found["ok"]) == ("not learned", False)


def test_a_penalty_that_falls_is_nothing_learned() -> None:
    heavy = [{"type": "L2", "match": "*weight", "factor": 5.0}]
    found = overfit_batch(small("MSELoss", VECTOR, ZEROS, regularizers=heavy))
    assert found["last"] < 0.1 * found["first"]
    assert (found["verdict"], found["ok"]) == ("not learned", False)


@pytest.mark.parametrize(("middle", "verdict"), [("Tanh", "stopped"), (ZEROS, "not learned")])
def test_a_term_without_a_target_is_a_penalty(middle: Any, verdict: str) -> None:
    """As the divergence in a variational autoencoder; here results are to be small."""
    spec = small(
        {"data": "MSELoss", "code": {"type": "OutputLoss", "input": "cost"}}, VECTOR, middle
    )
    layers = {**spec["layers"], "square": {"type": "Mul", "inputs": ["b", "b"]}}
    layers["cost"] = {"type": "Scale", "factor": 0.5}
    spec["loss"]["data"] = {"type": "MSELoss", "input": "b"}
    found = overfit_batch({**spec, "layers": layers, "outputs": ["b", "cost"]}, updates=1000)
    assert found["verdict"] == verdict


def test_a_loss_that_could_be_0_must_come_near() -> None:
    """A single number in the middle tells samples apart, but not what three numbers each of them wants."""
    found = overfit_batch(small("MSELoss", VECTOR, "Identity", size=1))
    assert (found["verdict"], found["ok"]) == ("not learned", False)


def test_losses_stop_only_after_they_fell() -> None:
    falling = (1.0 / np.arange(1.0, 101.0)).tolist()
    assert not has_stopped([2.0] * 100)
    assert not has_stopped(np.linspace(2.0, 1.0, 100).tolist())
    assert has_stopped(falling)
    assert has_stopped([*falling, *[0.01] * 100])
    assert not has_stopped([1.0])


def test_a_loss_is_needed() -> None:
    spec: dict[str, Any] = {
        "inputs": {"x": {"shape": [2]}},
        "layers": {"a": {"type": "Linear", "out_features": 1}},
    }
    for test in (overfit_batch, find_learning_rate):
        with pytest.raises(UsageError) as caught:
            test(spec)
        assert caught.value.code == "GN710"


def test_a_quadratics_rate_is_found_below_where_it_diverges() -> None:
    """Plain descent on a mean square with curvature 2 diverges above the rate 1."""
    spec = TINY.replace("loss: BCEWithLogitsLoss", "loss: MSELoss")
    spec = spec.replace("metrics: [accuracy, confusion]\n", "").replace(
        "{type: AdamW, lr: 0.05}", "{type: SGD, lr: 0.05}"
    )
    spec = spec.replace("  linear1: {type: Linear, out_features: 3}\n  tanh1: Tanh\n", "")
    found = find_learning_rate(spec, low=1e-5, high=100.0)
    assert len(found["losses"]) < 100, "it ends once the loss explodes"
    assert found["rates"][1] / found["rates"][0] == pytest.approx(1e7 ** (1 / 99))
    assert 1e-3 < found["suggestion"] < 1.0
    assert found["suggestion"] <= found["least"] < 2.0


def test_smoothing_lags_in_no_direction() -> None:
    line = [float(value) for value in range(50)]
    smoothed = smooth(line)
    assert smoothed[24] + smoothed[25] == pytest.approx(49.0)
    assert smooth([3.0] * 7) == pytest.approx([3.0] * 7)


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    rates = np.geomspace(1e-3, 1, 9).tolist()
    assert _suggested(rates, [float(v) for v in range(9)]) == {"suggestion": None, "least": None}
    assert _suggested(rates, [1.0, 0.5])["suggestion"] is None
    falling = [5, 5, 4.9, 4, 3, 2.9, 2.8, 4, 9]
    assert _suggested(rates, falling) == {"suggestion": rates[3], "least": rates[6]}
