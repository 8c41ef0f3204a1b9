"""The gradient check users have: right networks pass it, and a wrong adjoint does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from examples import NETWORKS, TRAINED

from graphnet.api import check_gradients, gradient_check
from graphnet.errors import UsageError
from graphnet.lowering import backward
from graphnet.ops import OPS, Adjoint, Op, Value


@pytest.mark.parametrize("name", TRAINED)
def test_every_example_network_passes(name: str) -> None:
    rows = check_gradients(NETWORKS[name])
    assert rows
    for row in rows:
        assert row["ok"], row
        assert row["error"] <= 1e-6
        assert 0 < row["checked"] <= row["size"]


def test_frozen_and_shared_parameters() -> None:
    assert [row["parameter"] for row in check_gradients(NETWORKS["shared"])] == [
        "linear1.weight",
        "linear1.bias",
        "linear3.weight",
        "linear3.bias",
    ]


def wrong_table() -> Mapping[str, Op]:
    rule = {"x": lambda c: c.emit("sigmoid_gradient", c.g, c["y"])}
    return MappingProxyType({**OPS, "tanh": replace(OPS["tanh"], adjoint=rule)})


def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backward, "OPS", wrong_table())
    found = {row["parameter"]: row["ok"] for row in check_gradients(NETWORKS["tanh"])}
    assert found == {
        "linear1.weight": False,
        "linear1.bias": False,
        "linear2.weight": True,
        "linear2.bias": True,
    }


CONV = {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1}
RELUS: dict[str, Any] = {
    "graphnet": 1,
    "inputs": {"x": {"shape": [1, 24, 24]}},
    "targets": {"y": {"shape": [], "dtype": "int64", "classes": 3}},
    "layers": {
        "c1": CONV,
        "r1": "ReLU",
        "c2": CONV,
        "r2": "ReLU",
        "pool": {"type": "AdaptiveAvgPool2d", "output_size": 1},
        "flat": "Flatten",
        "fc": {"type": "Linear", "out_features": 3},
    },
    "loss": "CrossEntropyLoss",
}
"""46,080 ReLUs in a batch: many of them have their kink within any step of a weight."""

KINKS: dict[str, Any] = {
    **RELUS,
    "layers": {
        "c1": CONV,
        "norm": "BatchNorm2d",
        "r1": "ReLU",
        "largest": {"type": "MaxPool2d", "kernel_size": 2},
        "drop": {"type": "Dropout", "p": 0.3},
        "c2": CONV,
        "r2": "LeakyReLU",
        "flat": "Flatten",
        "fc": {"type": "Linear", "out_features": 3},
    },
}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("spec", [RELUS, KINKS], ids=["relus", "kinks"])
def test_thousands_of_kinks_are_no_error(spec: dict[str, Any], seed: int) -> None:
    rows = check_gradients(spec, overrides={"seed": seed})
    for row in rows:
        assert row["ok"], row
        assert row["tried"] == min(row["size"], 24)
        assert row["checked"] > 0.7 * row["tried"], row


def nearly(op: str, role: str) -> Mapping[str, Op]:
    """Return the table with a rule whose results are too large by one in ten thousand."""
    rules = OPS[op].adjoint or {}

    def rule(c: Adjoint) -> Value:
        return c.emit("scale", rules[role](c), factor=1.0001)

    return MappingProxyType({**OPS, op: replace(OPS[op], adjoint={**rules, role: rule})})


@pytest.mark.parametrize(
    ("spec", "op", "role", "found"),
    [
        (RELUS, "relu", "x", "c1.weight"),
        (RELUS, "relu", "x", "c2.bias"),
        (RELUS, "conv", "weight", "c1.weight"),
        (RELUS, "conv", "x", "c1.bias"),
        (KINKS, "max_pool", "x", "c1.weight"),
        (KINKS, "normalize", "x", "c1.weight"),
        (KINKS, "mul", "a", "c1.weight"),
        (KINKS, "relu", "x", "norm.bias"),
        (KINKS, "conv", "weight", "c2.weight"),
    ],
)
def test_an_error_of_1e_4_is_found_among_thousands_of_kinks(
    spec: dict[str, Any], op: str, role: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {row["ok"] for row in check_gradients(spec)} == {True}
    monkeypatch.setattr(backward, "OPS", nearly(op, role))
    wrong = {row["parameter"]: row for row in check_gradients(spec) if not row["ok"]}
    assert found in wrong
    assert 0.9e-4 < wrong[found]["error"] < 4e-4
    assert "fc.weight" not in wrong


def test_large_networks_have_fewer_elements_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_check, "WORK", 1.0)
    rows = check_gradients(RELUS)
    assert all(row["ok"] and 1 == row["checked"] <= row["tried"] <= 4 for row in rows)


@pytest.mark.parametrize(
    ("op", "role"), [("relu", "x"), ("max_pool", "x"), ("conv", "x"), ("normalize", "x")]
)
def test_an_error_is_found_where_parameters_are_judged_together(
    op: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradient_check, "WORK", 1.0)
    assert {row["ok"] for row in check_gradients(KINKS)} == {True}
    monkeypatch.setattr(backward, "OPS", nearly(op, role))
    wrong = [row["parameter"] for row in check_gradients(KINKS) if not row["ok"]]
    assert "c1.weight" in wrong
    assert "fc.weight" not in wrong


def test_where_nothing_can_be_judged_nothing_is_checked() -> None:
    """Zeros all over: every ReLU is at its kink."""
    spec = {
        "graphnet": 1,
        "inputs": {"x": {"shape": [3]}},
        "targets": {"y": {"shape": [2]}},
        "layers": {
            "a": {
                "type": "Linear",
                "out_features": 4,
                "init": {"weight": "zeros", "bias": "zeros"},
            },
            "r": "ReLU",
            "b": {"type": "Linear", "out_features": 2},
        },
        "loss": "MSELoss",
    }
    a_weight, a_bias, b_weight, b_bias = check_gradients(spec)
    assert [a_weight["checked"], a_bias["checked"]] == [0, 0]
    assert [a_weight["tried"], a_bias["tried"]] == [12, 4]
    assert [b_weight["checked"], b_bias["checked"]] == [8, 2]
    assert a_weight["ok"]
    assert b_weight["ok"]


def test_without_a_loss_there_is_nothing_to_check() -> None:
    with pytest.raises(UsageError) as caught:
        check_gradients(NETWORKS["no_loss"])
    assert caught.value.code == "GN718"
