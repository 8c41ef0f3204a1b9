"""Fitting in memory: records, settings, validation, the best weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, Array, linear, network

import graphnet
from graphnet.errors import DataError, NumericError, UsageError

GENERATOR = np.random.default_rng(1)
X = GENERATOR.standard_normal((40, 3))
Y = np.stack([X.sum(1), X[:, 0] - X[:, 2]], 1)


def sum_net(**rest: Any) -> graphnet.Network:
    return graphnet.compile(
        network(
            {"a": linear(2)},
            **{
                "targets": {"y": {"shape": [2]}},
                "loss": "MSELoss",
                "optimizer": {"type": "SGD", "lr": 0.1},
                "dtype": "float64",
                **rest,
            },
        )
    )


def test_records_and_learning() -> None:
    net = sum_net()
    history = net.fit({"x": X}, {"y": Y}, epochs=30)
    assert [record["epoch"] for record in history] == list(range(1, 31))
    assert [record["updates"] for record in history] == [7 * epoch for epoch in range(1, 31)]
    assert {"epoch", "updates", "loss", "last_batch", "lr"} <= set(history[0])
    assert history[-1]["loss"] < 1e-3 * history[0]["loss"]
    assert all(record["lr"] == 0.1 for record in history)
    np.testing.assert_allclose(net.parameters["a.weight"], [[1, 1, 1], [1, 0, -1]], atol=0.02)


def test_an_unshuffled_epoch_is_its_batches_in_order() -> None:
    ours, theirs = sum_net(), sum_net()
    history = ours.fit({"x": X}, {"y": Y}, epochs=2, batch_size=6, shuffle=False)
    losses = [
        theirs.train_step({"x": X[start : start + 6]}, {"y": Y[start : start + 6]})
        for _ in range(2)
        for start in range(0, 40, 6)
    ]
    for name, array in theirs.parameters.items():
        np.testing.assert_array_equal(ours.parameters[name], array)
    assert history[-1]["last_batch"] == losses[-1]
    sizes = np.array([6, 6, 6, 6, 6, 6, 4])
    assert history[0]["loss"] == pytest.approx(
        float((np.array(losses[:7]) * sizes).sum() / 40), rel=1e-12
    )


def test_the_same_seed_shuffles_the_same_way() -> None:
    weights = []
    for seed in (3, 3, 4):
        net = sum_net(seed=3)
        other = sum_net(seed=seed)
        other.load_state_dict(net.state_dict())
        other.fit({"x": X}, {"y": Y}, epochs=2)
        weights.append(other.parameters["a.weight"].copy())
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_a_last_batch_that_is_not_full_may_be_left_out() -> None:
    history = sum_net().fit({"x": X}, {"y": Y}, epochs=1, drop_last=True)
    assert history[0]["updates"] == 6
    with pytest.raises(DataError) as caught:
        sum_net().fit({"x": X[:5]}, {"y": Y[:5]}, drop_last=True)
    assert caught.value.code == "GN327"


def test_fewer_samples_than_a_batch() -> None:
    history = sum_net().fit({"x": X[:2]}, {"y": Y[:2]}, epochs=3)
    assert history[-1]["updates"] == 3


def test_validation_after_every_epoch() -> None:
    net = sum_net(metrics=["mse"])
    history = net.fit({"x": X}, {"y": Y}, epochs=2, validation=({"x": X[:9]}, {"y": Y[:9]}))
    found = history[-1]["validation"]
    assert found["loss"] == net.evaluate({"x": X[:9]}, {"y": Y[:9]})["loss"]
    assert found["mse"] == pytest.approx(found["loss"], rel=1e-12)


def test_early_stopping_brings_the_best_weights_back() -> None:
    net = sum_net(optimizer={"type": "SGD", "lr": 0.1, "maximize": True})
    first = sum_net(optimizer={"type": "SGD", "lr": 0.1, "maximize": True})
    held_out = ({"x": X[:9]}, {"y": Y[:9]})
    history = net.fit(
        {"x": X},
        {"y": Y},
        epochs=50,
        validation=held_out,
        early_stopping={"patience": 3},
        shuffle=False,
    )
    assert len(history) == 4, "every epoch is worse than the first"
    first.fit({"x": X}, {"y": Y}, epochs=1, shuffle=False)
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)
    assert net.evaluate(*held_out)["loss"] == history[0]["validation"]["loss"]


def test_stop_at_a_standstill() -> None:
    net = sum_net(optimizer={"type": "SGD", "lr": 1e-12})
    history = net.fit({"x": X[:12]}, {"y": Y[:12]}, epochs=9, stop={"loss_change": 1e9})
    assert len(history) == 1


def test_a_scheduler_is_followed_and_the_rate_is_back_afterwards() -> None:
    net = sum_net(scheduler={"type": "ExponentialLR", "gamma": 0.5})
    history = net.fit({"x": X}, {"y": Y}, epochs=3)
    assert [record["lr"] for record in history] == [0.1, 0.05, 0.025]
    assert net._executable.scalars[":lr"] == 0.1


@pytest.mark.parametrize(
    ("settings", "words", "cure"),
    [
        ({"epoch": 3}, "'epoch' is no setting of training", "did you mean 'epochs'?"),
        ({"epochs": 0}, "wrong epochs: expected a whole number >= 1", ""),
        ({"batch_size": "4"}, "wrong batch_size: ", "remove the quotes"),
        ({"shuffle": "no"}, "wrong shuffle: expected true or false", "write false"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], words: str, cure: str) -> None:
    with pytest.raises(UsageError) as caught:
        sum_net().fit({"x": X}, {"y": Y}, **settings)
    assert caught.value.code == "GN719"
    assert words in caught.value.message
    assert caught.value.help == cure


def test_a_loss_that_is_not_finite_ends_the_training() -> None:
    net = sum_net(optimizer={"type": "SGD", "lr": 1e200})
    with pytest.raises(NumericError) as caught:
        net.fit({"x": X}, {"y": Y}, epochs=5)
    assert caught.value.exit_code == 3


def test_missing_data() -> None:
    with pytest.raises(UsageError) as caught:
        sum_net().fit({"x": X})
    assert caught.value.code == "GN717"
    with pytest.raises((DataError, UsageError)) as other:
        sum_net().fit()
    assert other.value.code.startswith("GN")


def test_the_specs_own_data(tmp_path: Path) -> None:
    lines = [
        "a,b,c,p,q",
        *(",".join(map(repr, [*x.tolist(), *y.tolist()])) for x, y in zip(X, Y, strict=True)),
    ]
    (tmp_path / "points.csv").write_text("\n".join(lines) + "\n")
    spec = tmp_path / "it.yaml"
    spec.write_text(
        """\
graphnet: 1
dtype: float64
inputs: {x: {shape: [3]}}
targets: {y: {shape: [2]}}
layers:
  a: {type: Linear, out_features: 2}
loss: MSELoss
optimizer: {type: SGD, lr: 0.1}
data:
  train: {path: points.csv, inputs: {x: [a, b, c]}, targets: {y: [p, q]}}
training: {epochs: 2, batch_size: 6}
"""
    )
    from_file = graphnet.compile(spec)
    history = from_file.fit()
    given = sum_net()
    given.load_state_dict(graphnet.compile(spec).state_dict())
    expected = given.fit({"x": X}, {"y": Y}, epochs=2)
    assert [record["loss"] for record in history] == [record["loss"] for record in expected]


def test_every_example_network_learns_its_batch() -> None:
    for name, plain in NETWORKS.items():
        if "loss" not in plain or name == "batch_norm":
            continue
        net = graphnet.compile(plain, overrides={"optimizer.lr": 0.01})
        arrays: dict[str, Array] = {}
        generator = np.random.default_rng(0)
        for port in (*net.program.inputs, *net.program.targets):
            shape = (6, *port.type.at(1)[1:])
            whole = port.type.dtype == "int64"
            arrays[port.name] = (
                generator.integers(0, port.limit or 2, shape) if whole else generator.random(shape)
            )
        inputs = {port.name: arrays[port.name] for port in net.program.inputs}
        targets = {port.name: arrays[port.name] for port in net.program.targets}
        before = net.evaluate(inputs, targets)["loss"]
        net.fit(inputs, targets, epochs=60)
        assert net.evaluate(inputs, targets)["loss"] < before, name
