"""Parametrizations in a spec: names, first values, what else speaks of parameters, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples import Array, Plain, linear, network

import graphnet
from graphnet.errors import GraphNetError
from graphnet.spec import load_spec
from graphnet.spec.resolved import plain_spec

START = "a.parametrizations.weight"


def net(how: Any = "weight_norm", *, second: Plain | None = None, **more: Any) -> Any:
    keys = {"parametrization": {"weight": how}, **more}
    layers = {"a": linear(3, **keys), "b": second or linear(2)}
    plain = network(
        layers,
        targets={"y": {"shape": [list(layers.values())[1]["out_features"]]}},
        loss="MSELoss",
        optimizer={"type": "SGD", "lr": 0.5},
        dtype="float64",
    )
    return graphnet.compile(plain)


def batch(seed: int = 0, width: int = 2) -> tuple[dict[str, Array], dict[str, Array]]:
    chance = np.random.default_rng(seed)
    return {"x": chance.standard_normal((6, 3))}, {"y": chance.standard_normal((6, width))}


def test_the_network_starts_as_without_weight_norm() -> None:
    plain = network({"a": linear(4)}, dtype="float64")
    inputs = {"x": np.ones((2, 3))}
    with_it = network({"a": linear(4, parametrization={"weight": "weight_norm"})}, dtype="float64")
    for stream in ("torch", "numpy"):
        training = {"batch_size": 2, "initialization": {"stream": stream}}
        one, other = (graphnet.compile({**p, "training": training}) for p in (plain, with_it))
        made = other.forward(inputs)["a"]
        np.testing.assert_allclose(made, one.forward(inputs)["a"], rtol=1e-14)
        assert np.array_equal(other.parameters[f"{START}.original1"], one.parameters["a.weight"])


@pytest.mark.parametrize("dim", [0, 1, None, -1])
def test_first_norms_are_those_of_the_drawn_direction(dim: int | None) -> None:
    held = net({"type": "weight_norm", "dim": dim}).parameters
    g, v = held[f"{START}.original0"], held[f"{START}.original1"]
    axes = {0: (1,), 1: (0,)}.get(-1 if dim is None else dim)
    norms = np.linalg.norm(v, axis=axes, keepdims=True) if axes else np.linalg.norm(v)
    np.testing.assert_allclose(g, norms, rtol=1e-15)


def test_first_singular_vectors_are_near_those_of_the_drawn_weight() -> None:
    made = net({"type": "spectral_norm", "n_power_iterations": 200})
    u, s, v = np.linalg.svd(made.parameters[f"{START}.original"])
    left, right = made.buffers[f"{START}.0._u"], made.buffers[f"{START}.0._v"]
    assert abs(left @ u[:, 0]) == pytest.approx(1.0, abs=1e-12)
    assert abs(right @ v[0]) == pytest.approx(1.0, abs=1e-12)
    sigma = left @ made.parameters[f"{START}.original"] @ right
    assert sigma == pytest.approx(s[0], rel=1e-12)


def test_init_speaks_of_the_parameter_itself() -> None:
    held = net(init={"weight": {"type": "constant", "val": 2.0}}).parameters
    assert np.all(held[f"{START}.original1"] == 2.0)
    np.testing.assert_allclose(held[f"{START}.original0"], np.sqrt(12.0), rtol=1e-15)
    held = net(init={"parametrizations.weight.original0": "ones"}).parameters
    assert np.all(held[f"{START}.original0"] == 1.0)


def test_spectral_norm_follows_the_weight_while_training_only() -> None:
    made = net("spectral_norm")
    inputs, targets = batch()
    u, v = (np.array(made.buffers[f"{START}.0.{name}"]) for name in ("_u", "_v"))
    before = np.array(made.parameters[f"{START}.original"])
    made.forward(inputs)
    assert np.array_equal(made.buffers[f"{START}.0._u"], u)
    made.train_step(inputs, targets)
    wanted = before @ v / np.linalg.norm(before @ v)
    np.testing.assert_allclose(made.buffers[f"{START}.0._u"], wanted, rtol=1e-13)
    turned = before.T @ wanted / np.linalg.norm(before.T @ wanted)
    np.testing.assert_allclose(made.buffers[f"{START}.0._v"], turned, rtol=1e-13)


def test_a_layer_that_shares_uses_what_is_worked_out() -> None:
    made = net("weight_norm", second=linear(3, share="a"))
    assert set(made.parameters) == {f"{START}.original0", f"{START}.original1", "a.bias"}
    held = made.parameters
    v = held[f"{START}.original1"]
    w = held[f"{START}.original0"] * v / np.linalg.norm(v, axis=1, keepdims=True)
    inputs, _ = batch()
    hidden = inputs["x"] @ w.T + held["a.bias"]
    np.testing.assert_allclose(made.forward(inputs)["b"], hidden @ w.T + held["a.bias"], rtol=1e-12)


def test_frozen_parts_stay() -> None:
    made = net("weight_norm", trainable=False)
    before = {name: np.array(value) for name, value in made.parameters.items()}
    made.train_step(*batch())
    after = made.parameters
    assert all(np.array_equal(after[name], before[name]) for name in before if name[0] == "a")
    assert not np.array_equal(after["b.weight"], before["b.weight"])


def test_patterns_match_the_parts() -> None:
    plain = network(
        {"a": linear(2, parametrization={"weight": "weight_norm"})},
        targets={"y": {"shape": [2]}},
        loss="MSELoss",
        optimizer={"type": "SGD", "lr": 0.1, "groups": [{"match": "*.original0", "lr": 1e-3}]},
        constraints=[{"type": "unit_norm", "match": "*.original1"}],
        regularizers=[{"type": "L2", "match": "*.original0"}],
        dtype="float64",
    )
    made = graphnet.compile(plain)
    g = np.array(made.parameters[f"{START}.original0"])
    _, gradients = made.loss_and_gradients(*batch())
    made.train_step(*batch())
    wanted = g - 1e-3 * gradients[f"{START}.original0"]
    np.testing.assert_allclose(made.parameters[f"{START}.original0"], wanted, rtol=1e-14)
    norms = np.linalg.norm(made.parameters[f"{START}.original1"], axis=1)
    np.testing.assert_allclose(norms, 1.0, rtol=1e-6)


def test_the_resolved_spec_says_it_and_reads_the_same() -> None:
    how = {"weight": {"type": "spectral_norm", "eps": 0.5}, "bias": "weight_norm"}
    spec = load_spec(network({"a": linear(3, parametrization=how), "b": linear(3, share="a")}))
    plain = plain_spec(spec)
    assert plain["layers"]["a"]["parametrization"] == {
        "bias": {"type": "weight_norm", "dim": 0},
        "weight": {"type": "spectral_norm", "n_power_iterations": 1, "eps": 0.5, "dim": None},
    }
    assert "parametrization" not in plain["layers"]["b"]
    again = load_spec(plain)
    assert plain_spec(again) == plain
    assert again.layers[1].parametrization == spec.layers[0].parametrization


REFUSED = [
    ({"wieght": "weight_norm"}, "GN202", "no parameter 'wieght' to parametrize", "weight"),
    (
        {"weight": {"type": "weight_norm", "dim": 2}},
        "GN202",
        "weight [3, 3] has no dim 2",
        "dim: 1",
    ),
    ({"bias": {"type": "spectral_norm", "dim": -2}}, "GN202", "bias [3] has no dim -2", "dim: 0"),
    ({"weight": "weight_nrom"}, "GN107", "unknown parametrization", "weight_norm"),
    ({"weight": {"type": "spectral_norm", "power": 2}}, "GN104", "unknown key 'power'", ""),
    ({"weight": {"type": "spectral_norm", "eps": 0}}, "GN106", "", ""),
    ("weight_norm", "GN106", "", ""),
    ({"bias": {"type": "weight_norm", "dim": 0.5}}, "GN106", "", ""),
]


@pytest.mark.parametrize(("how", "code", "message", "cure"), REFUSED)
def test_refused(how: Any, code: str, message: str, cure: str) -> None:
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(network({"a": linear(3, parametrization=how)}))
    error: Any = getattr(caught.value, "errors", [caught.value])[0]
    assert error.code == code
    assert message in error.message
    assert cure in error.help


def test_the_caret_is_below_the_parametrization() -> None:
    text = (
        "graphnet: 1\ninputs: {x: {shape: [2]}}\nlayers:\n"
        "  a: {type: Linear, out_features: 5, parametrization: {weight: {type: weight_norm, dim: 2}}}\n"
    )
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(text)
    assert (caught.value.line, caught.value.column) == (4, 64)


def test_statistics_are_not_parametrized() -> None:
    layer = {"type": "BatchNorm1d", "parametrization": {"running_mean": "weight_norm"}}
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(network({"a": layer}))
    assert "it has weight, bias" in str(caught.value)


def test_a_row_of_zeros_has_no_direction() -> None:
    layer = {
        "type": "Embedding",
        "num_embeddings": 5,
        "embedding_dim": 2,
        "padding_idx": 1,
        "parametrization": {"weight": "weight_norm"},
    }
    plain = network({"a": layer}, inputs={"x": {"shape": [3], "dtype": "int64"}})
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(plain)
    assert "row 1 starts at zero" in str(caught.value)


@pytest.mark.parametrize("init", [{"weight": "zeros"}, {"weight": {"type": "constant", "val": 0}}])
def test_a_weight_of_zeros_has_no_direction(init: Plain) -> None:
    with pytest.raises(GraphNetError) as caught:
        net(init=init)
    assert caught.value.code == "GN209"
    assert "parameter 'weight' of layer 'a' starts at zero" in caught.value.message
    assert caught.value.help == "start it otherwise, for example init: {weight: ones}"


def test_a_bias_that_starts_at_zero_needs_another_start() -> None:
    norm = {"type": "BatchNorm1d", "parametrization": {"bias": "weight_norm"}}
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(network({"a": norm}))
    assert caught.value.code == "GN209"
    made = graphnet.compile(network({"a": {**norm, "init": {"bias": "ones"}}}))
    assert np.all(made.parameters["a.parametrizations.bias.original0"] == 1.0)


def test_a_sharing_layer_cannot_work_them_out_otherwise() -> None:
    layers = {
        "a": linear(3),
        "b": linear(3, share="a", parametrization={"weight": "weight_norm"}),
    }
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(network(layers))
    error: Any = getattr(caught.value, "errors", [caught.value])[0]
    assert (error.code, error.help) == ("GN123", "move parametrization: to 'a'")
