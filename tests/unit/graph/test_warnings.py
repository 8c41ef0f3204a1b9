"""Warnings: what is allowed but hardly meant."""

from __future__ import annotations

from typing import Any

import pytest
from examples import NETWORKS, compiled, linear, network

from graphnet.graph import build_network
from graphnet.spec import load_spec


def warnings(layers: dict[str, Any], **rest: Any) -> tuple[str, ...]:
    return build_network(load_spec(network(layers, **rest))).warnings


def test_a_network_as_meant_has_none() -> None:
    for plain in NETWORKS.values():
        assert build_network(load_spec(plain)).warnings == ()


def test_layers_that_lead_nowhere() -> None:
    one = {"a": linear(2), "idle": "Tanh"}
    assert warnings(one, outputs=["a"]) == (
        "layer idle leads to no output and no loss, and is left out",
    )
    two = {"a": linear(2), "idle": linear(4), "more": "Tanh"}
    assert warnings(two, outputs=["a"]) == (
        "layers idle, more lead to no output and no loss, and are left out",
    )


def test_layers_that_lead_nowhere_are_left_out() -> None:
    program = compiled(network({"a": linear(2), "idle": linear(4)}, outputs=["a"]))
    assert [row.name for row in program.parameters] == ["a.weight", "a.bias"]
    assert not any("idle" in name for name in program.main.listing.buffers)


def test_a_layer_that_only_a_loss_reads_is_needed() -> None:
    losses = {"only": {"type": "MSELoss", "input": "b"}}
    layers = {"a": linear(2), "b": linear(2, inputs="x")}
    assert warnings(layers, outputs=["a"], targets={"y": {"shape": [2]}}, loss=losses) == ()


def test_inputs_and_targets_nobody_reads() -> None:
    two = {"x": {"shape": [3]}, "other": {"shape": [1]}}
    assert warnings({"a": linear(2, inputs="x")}, inputs=two) == ("nothing reads other",)
    assert warnings({"a": linear(2)}, targets={"y": {"shape": [2]}}) == ("nothing reads y",)


def test_nothing_to_train() -> None:
    frozen = {"a": linear(2, trainable=False)}
    told = warnings(frozen, targets={"y": {"shape": [2]}}, loss="MSELoss")
    assert told == ("every layer is frozen: there is nothing to train",)


CLASS = {"y": {"shape": [], "dtype": "int64", "classes": 4}}
NUMBERS = {"y": {"shape": [4]}}
SHARES, LOGS = "probabilities", "logarithms of probabilities"
SKIP = "let it read what that layer reads"
SIGMOID = "put a Sigmoid between, or use BCEWithLogitsLoss"


@pytest.mark.parametrize(
    ("last", "loss", "targets", "wanted", "given"),
    [
        ("Softmax", "CrossEntropyLoss", CLASS, "scores", f"(Softmax) gives {SHARES}; {SKIP}"),
        ("Tanh", "NLLLoss", CLASS, LOGS, "(Tanh) gives scores; put a LogSoftmax between"),
        (
            "Softmax",
            "NLLLoss",
            CLASS,
            LOGS,
            f"(Softmax) gives {SHARES}; use LogSoftmax in its place",
        ),
        ("Sigmoid", "BCEWithLogitsLoss", NUMBERS, "scores", f"(Sigmoid) gives {SHARES}; {SKIP}"),
        (linear(4), "BCELoss", NUMBERS, SHARES, f"(Linear) gives scores; {SIGMOID}"),
        ("LogSoftmax", "KLDivLoss", NUMBERS, "", ""),
        ("LogSoftmax", "CrossEntropyLoss", CLASS, "", ""),
        ("ReLU", "MSELoss", NUMBERS, "", ""),
    ],
)
def test_losses_that_misread_what_they_get(
    last: Any, loss: str, targets: dict[str, Any], wanted: str, given: str
) -> None:
    found = warnings({"a": linear(4), "b": last}, targets=targets, loss=loss)
    assert found == ((f"{loss} reads {wanted}, but layer b {given}",) if wanted else ())
