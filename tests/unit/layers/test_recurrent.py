"""Recurrent layers: names of parameters, how many instructions, lengths at their limits, dropout between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from emitting import layer

import graphnet
from graphnet.errors import GraphNetError


def compiled(steps: int, **keys: Any) -> Any:
    lengths = keys.pop("lengths", False)
    inputs: dict[str, Any] = {"x": {"shape": [steps, 3]}}
    if lengths:
        inputs["n"] = {"shape": [], "dtype": "int64"}
    kind = keys.pop("kind", "LSTM")
    plain = {
        "dtype": "float64",
        "inputs": inputs,
        "targets": {"t": {"shape": [steps, 2 * (1 + keys.get("bidirectional", False))]}},
        "layers": {"it": {"type": kind, "inputs": list(inputs), "hidden_size": 2, **keys}},
        "outputs": ["it", "it.hidden"],
        "loss": {"type": "MSELoss", "input": "it"},
        "training": {"batch_size": 3},
    }
    return graphnet.compile(plain)


def test_parameters_have_torchs_names_and_shapes() -> None:
    made = layer("GRU", (5, 3), hidden_size=2, num_layers=2, bidirectional=True)
    assert list(made.shapes.items())[:4] == [
        ("weight_ih_l0", "[6, 3]"),
        ("weight_hh_l0", "[6, 2]"),
        ("bias_ih_l0", "[6]"),
        ("bias_hh_l0", "[6]"),
    ]
    assert made.shapes["weight_ih_l1_reverse"] == "[6, 4]"
    assert len(made.shapes) == 16
    reduced = layer("LSTM", (5, 3), hidden_size=3, proj_size=2, bias=False)
    assert reduced.shapes == {
        "weight_ih_l0": "[12, 3]",
        "weight_hh_l0": "[12, 2]",
        "weight_hr_l0": "[2, 3]",
    }


def test_the_number_of_instructions_does_not_grow_with_the_sequence() -> None:
    short, long = (
        len(compiled(steps).program.routines["train"].listing.instructions) for steps in (2, 300)
    )
    assert short == long < 80


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_nothing_of_an_empty_sample_counts(kind: str) -> None:
    """A length of 0 leaves the state at zero, in both directions; a whole one is as without lengths."""
    net = compiled(4, kind=kind, lengths=True, bidirectional=True)
    plain = compiled(4, kind=kind, bidirectional=True)
    plain.load_state_dict(net.state_dict())
    x = np.random.default_rng(0).standard_normal((3, 4, 3))
    found = net.forward({"x": x, "n": np.array([0, 4, 2])})
    assert not found["it"][0].any()
    assert not found["it.hidden"][0].any()
    whole = plain.forward({"x": x})
    np.testing.assert_allclose(found["it"][1], whole["it"][1], rtol=1e-12)
    np.testing.assert_allclose(found["it.hidden"][1], whole["it.hidden"][1], rtol=1e-12)
    part = compiled(2, kind=kind, bidirectional=True)
    part.load_state_dict(net.state_dict())
    cut = part.forward({"x": x[:, :2]})
    np.testing.assert_allclose(found["it"][2, :2], cut["it"][2], rtol=1e-12)
    np.testing.assert_allclose(found["it.hidden"][2], cut["it.hidden"][2], rtol=1e-12)
    assert not found["it"][2, 2:].any()


@pytest.mark.parametrize("length", [5, -1])
def test_lengths_that_cannot_be_are_refused(length: int) -> None:
    net = compiled(4, lengths=True)
    with pytest.raises(GraphNetError) as caught:
        net.forward({"x": np.zeros((3, 4, 3)), "n": np.array([1, length, 2])})
    assert caught.value.help == "'n' goes from 0 to 4: the first index is 0"


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_lengths_must_be_declared_as_whole_numbers(kind: str) -> None:
    text = f"""\
graphnet: 1
inputs: {{x: {{shape: [4, 3]}}, n: {{shape: []}}}}
layers:
  it: {{type: {kind}, inputs: [x, n], hidden_size: 2, num_layers: 2}}
"""
    with pytest.raises(GraphNetError) as caught:
        graphnet.compile(text)
    error = caught.value
    assert (error.line, error.column) == (4, text.splitlines()[3].index("[") + 1)
    assert "lengths are whole numbers, not float32 [N]" in error.message
    assert error.help == "add dtype: int64 to their declaration: {shape: [], dtype: int64}"


def test_dropout_between_layers_has_numbers_of_its_own_for_each() -> None:
    made = layer("RNN", (5, 3), hidden_size=4, num_layers=3, dropout=0.5)
    assert made.ops.count("dropout_mask") == 2
    assert layer("RNN", (5, 3), hidden_size=4, dropout=0.5).ops.count("dropout_mask") == 0
    still = layer("RNN", (5, 3), hidden_size=4, num_layers=3, dropout=0.5, training=False)
    assert "dropout_mask" not in still.ops
