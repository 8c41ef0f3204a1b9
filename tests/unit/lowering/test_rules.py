"""Regularizers and constraints: penalties in loss and gradients, norms after updates, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import graphnet
from graphnet.errors import GraphNetError
from graphnet.losses import REGULARIZERS
from graphnet.optimizers import CONSTRAINTS
from graphnet.spec import load_spec

Array = NDArray[Any]
X = np.random.default_rng(0).standard_normal((5, 3))
T = np.random.default_rng(1).standard_normal((5, 2))


def spec(**more: Any) -> dict[str, Any]:
    return {
        "dtype": "float64",
        "inputs": {"x": {"shape": [3]}},
        "targets": {"t": {"shape": [2]}, "w": {"shape": []}},
        "layers": {
            "a": {"type": "Linear", "out_features": 4},
            "r": "Tanh",
            "b": {"type": "Linear", "out_features": 2},
        },
        "loss": {"type": "MSELoss", "target": "t"},
        "optimizer": {"type": "SGD", "lr": 0.5},
        **more,
    }


GIVEN = {"x": X}, {"t": T, "w": np.array([1.0, 0.0, 3.0, 0.5, 2.0])}
RULES: list[dict[str, Any]] = [
    {"match": "*.weight", "type": "L2", "factor": 0.1},
    {"match": "a.*", "type": "L1", "factor": 0.2},
    {"match": "b.bias", "type": "ElasticNet", "l1": 0.3, "l2": 0.05},
]


def penalties(p: dict[str, Array]) -> tuple[float, dict[str, Array]]:
    """Return what RULES add, and its gradients."""
    value = 0.1 * sum(float((p[k] ** 2).sum()) for k in ("a.weight", "b.weight"))
    value += 0.2 * sum(float(np.abs(p[k]).sum()) for k in ("a.weight", "a.bias"))
    value += 0.3 * float(np.abs(p["b.bias"]).sum()) + 0.05 * float((p["b.bias"] ** 2).sum())
    return value, {
        "a.weight": 0.2 * p["a.weight"] + 0.2 * np.sign(p["a.weight"]),
        "a.bias": 0.2 * np.sign(p["a.bias"]),
        "b.weight": 0.2 * p["b.weight"],
        "b.bias": 0.3 * np.sign(p["b.bias"]) + 0.1 * p["b.bias"],
    }


def test_every_row_is_tried() -> None:
    assert {rule["type"] for rule in RULES} == set(REGULARIZERS)
    assert {name for name, _, _ in CONSTRAINED} == set(CONSTRAINTS)


def test_penalties_are_in_loss_and_gradients() -> None:
    plain, net = graphnet.compile(spec()), graphnet.compile(spec(regularizers=RULES))
    net.load_state_dict(plain.state_dict())
    added, slopes = penalties(plain.state_dict())
    loss, gradients = plain.loss_and_gradients(*GIVEN)
    total, found = net.loss_and_gradients(*GIVEN)
    assert total == pytest.approx(loss + added, rel=1e-13)
    for name, slope in slopes.items():
        np.testing.assert_allclose(found[name], gradients[name] + slope, rtol=1e-12, atol=1e-15)
    assert net.evaluate(*GIVEN)["loss"] == pytest.approx(loss + added, rel=1e-13)


def test_results_of_layers_are_kept_small_by_the_sample() -> None:
    rule = {"output": "r", "type": "L2", "factor": 0.7}
    plain, net = graphnet.compile(spec()), graphnet.compile(spec(regularizers=[rule]))
    net.load_state_dict(plain.state_dict())
    p = plain.state_dict()
    r = np.tanh(X @ p["a.weight"].T + p["a.bias"])
    loss, gradients = plain.loss_and_gradients(*GIVEN)
    total, found = net.loss_and_gradients(*GIVEN)
    assert total == pytest.approx(loss + 0.7 * float((r**2).sum()) / 5, rel=1e-13)
    slope = 2 * 0.7 * r * (1 - r**2) / 5
    np.testing.assert_allclose(found["a.bias"], gradients["a.bias"] + slope.sum(0), rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_loss_of_an_epoch_has_them_once(reduction: str) -> None:
    """However batches fall and weigh; a penalty does not grow with their number."""
    loss = {"type": "MSELoss", "target": "t", "sample_weight": "w", "reduction": reduction}
    plain = graphnet.compile(spec(loss=loss), batch_size=5)
    net = graphnet.compile(spec(loss=loss, regularizers=RULES), batch_size=2)
    net.load_state_dict(plain.state_dict())
    added, _ = penalties(plain.state_dict())
    wanted = plain.evaluate(*GIVEN)["loss"] + added
    assert net.evaluate(*GIVEN)["loss"] == pytest.approx(wanted, rel=1e-12)


def test_frozen_parameters_have_no_penalty() -> None:
    layers = spec()["layers"]
    layers["a"] = {**layers["a"], "trainable": False}
    rules = [{"match": "*", "type": "L1", "factor": 1.0}]
    net = graphnet.compile(spec(layers=layers, regularizers=rules))
    plain = graphnet.compile(spec(layers=layers))
    net.load_state_dict(plain.state_dict())
    p = plain.state_dict()
    wanted = plain.loss_and_gradients(*GIVEN)[0] + sum(
        float(np.abs(p[name]).sum()) for name in ("b.weight", "b.bias")
    )
    assert net.loss_and_gradients(*GIVEN)[0] == pytest.approx(wanted, rel=1e-13)


def norms(w: Array, axes: tuple[int, ...] = (1,)) -> Array:
    return np.asarray(np.sqrt((w**2).sum(axes, keepdims=True)))


CONSTRAINED: list[tuple[str, dict[str, Any], Any]] = [
    ("max_norm", {"max_value": 0.4}, lambda w: w * np.minimum(norms(w), 0.4) / (norms(w) + 1e-7)),
    (
        "max_norm",
        {"max_value": 0.4, "axes": [0]},
        lambda w: w * np.minimum(norms(w, (0,)), 0.4) / (norms(w, (0,)) + 1e-7),
    ),
    ("non_neg", {}, lambda w: np.maximum(w, 0)),
    ("unit_norm", {}, lambda w: w / (norms(w) + 1e-7)),
    (
        "min_max_norm",
        {"min_value": 0.5, "max_value": 0.6, "rate": 0.25},
        lambda w: w * (0.25 * np.clip(norms(w), 0.5, 0.6) + 0.75 * norms(w)) / (norms(w) + 1e-7),
    ),
    (
        "min_max_norm",
        {"min_value": 0.5, "axes": [0, 1]},
        lambda w: w * np.clip(norms(w, (0, 1)), 0.5, 1.0) / (norms(w, (0, 1)) + 1e-7),
    ),
]


@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
@pytest.mark.parametrize(("kind", "keys", "formula"), CONSTRAINED)
def test_constraints_hold_after_every_update(
    kind: str, keys: dict[str, Any], formula: Any, optimizer: str
) -> None:
    rule = {"match": "a.weight", "type": kind, **keys}
    update = {"type": optimizer, "lr": 0.3}
    plain = graphnet.compile(spec(optimizer=update))
    net = graphnet.compile(spec(optimizer=update, constraints=[rule]))
    net.load_state_dict(plain.state_dict())
    for _ in range(3 if optimizer == "SGD" else 1):
        plain.load_state_dict(net.state_dict())
        plain.train_step(*GIVEN)
        net.train_step(*GIVEN)
        free, held = plain.state_dict(), net.state_dict()
        np.testing.assert_allclose(held["a.weight"], formula(free["a.weight"]), rtol=1e-12)
        for name in ("a.bias", "b.weight", "b.bias"):
            assert np.array_equal(held[name], free[name])


def test_constraints_follow_one_another_and_norms_of_vectors_are_whole() -> None:
    rules = [{"match": "*", "type": "non_neg"}, {"match": "b.bias", "type": "unit_norm"}]
    net = graphnet.compile(spec(constraints=rules))
    net.parameters["b.bias"][...] = [3.0, 4.0]
    net.train_step({"x": X}, {"t": net.forward({"x": X})["b"], "w": np.ones(5)})
    found = net.state_dict()
    assert all((value >= 0).all() for value in found.values())
    np.testing.assert_allclose(found["b.bias"], [0.6, 0.8], rtol=1e-6)


def test_rules_are_written_out() -> None:
    rules = {"regularizers": RULES, "constraints": [{"match": "*", "type": "non_neg"}]}
    read = load_spec(spec(**rules))
    assert [rule.name() for rule in read.regularizers] == ["L2", "L1", "ElasticNet"]
    assert load_spec(dict(read.plain)).plain == read.plain
    assert "regularizers" not in load_spec(spec()).plain


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"regularizers": [{"type": "L2"}]}, "GN125", "either match (parameters) or output"),
    ({"regularizers": [{"type": "L2", "match": "*", "output": "r"}]}, "GN125", "either match"),
    ({"regularizers": [{"type": "L3", "match": "*"}]}, "GN107", "unknown regularizer 'L3'"),
    ({"regularizers": [{"type": "L2", "match": "c.*"}]}, "GN208", "no parameter is called 'c.*'"),
    ({"regularizers": [{"type": "L2", "output": "z"}]}, "GN116", "'z'"),
    ({"regularizers": {"type": "L2", "match": "*"}}, "GN106", "regularizers"),
    ({"regularizers": [{"type": "L2", "match": "*", "factor": -1}]}, "GN106", "'factor'"),
    ({"constraints": [{"type": "non_neg"}]}, "GN105", "missing key 'match'"),
    ({"constraints": [{"type": "max_norm", "match": "*", "axes": [1]}]}, "GN210",
     "a.bias cannot be constrained: axes [1] are not ascending dimensions of its 1"),
    ({"constraints": [{"type": "unit_norm", "match": "wait"}]}, "GN208", "'wait'"),
    ({"constraints": [{"type": "min_max_norm", "match": "*", "min_value": 2}]}, "GN125",
     "min_value 2 is above max_value 1"),
    ({"constraints": ["non_neg"]}, "GN106", "constraints"),
    ({"loss": None, "targets": None, "optimizer": None, "constraints": [{"type": "non_neg", "match": "*"}]},
     "GN121", "'constraints' without 'loss'"),
]  # fmt: skip


@pytest.mark.parametrize(("sections", "code", "message"), REFUSED)
def test_refused(sections: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile({k: v for k, v in spec(**sections).items() if v is not None})
    found = getattr(caught.value, "errors", [caught.value])
    assert any(error.code == code and message in error.message for error in found), [
        (error.code, error.message) for error in found
    ]
