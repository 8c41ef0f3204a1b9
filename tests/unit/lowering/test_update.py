"""Update lists: the optimizer over the flat vectors."""

from __future__ import annotations

import pytest
from examples import NETWORKS, TRAINED, linear, network
from lists import lines, lowered


def test_plain_descent() -> None:
    listing = lowered(NETWORKS["tanh"])
    assert lines(listing.update) == [
        ":optimizer/affine = affine(:lr)",
        ":optimizer/mul = mul(:gradients, :optimizer/affine)",
        ":parameters = sub(:parameters, :optimizer/mul)",
    ]
    assert listing.buffers[":lr"].role == "scalar"
    assert str(listing.buffers[":lr"].type) == "float64[]"


def test_states_are_declared_by_their_torch_names() -> None:
    buffers = lowered(NETWORKS["classes"]).buffers
    states = {name: buffer for name, buffer in buffers.items() if buffer.role == "state"}
    length = buffers[":parameters"].type.shape
    assert {name: (buffer.type.shape, buffer.fill) for name, buffer in states.items()} == {
        ":state.step": ((), 0.0),
        ":state.exp_avg": (length, 0.0),
        ":state.exp_avg_sq": (length, 0.0),
        ":state.max_exp_avg_sq": (length, 0.0),
    }
    assert str(states[":state.step"].type) == "float64[]"


@pytest.mark.parametrize("name", TRAINED)
def test_the_update_touches_no_single_parameter(name: str) -> None:
    listing = lowered(NETWORKS[name])
    touched = {name for item in listing.update for name in item.touched}
    assert {":parameters", ":gradients"} <= touched
    assert not [
        name for name in touched if "." in name and not name.startswith((":state.", ":opt"))
    ]
    assert {item.layer for item in listing.update} == {"optimizer"}


def test_frozen_parameters_are_not_in_the_vector_that_is_updated() -> None:
    plain = network(
        {"a": linear(3, trainable=False), "b": linear(3)},
        targets={"y": {"shape": [3]}},
        loss="MSELoss",
        optimizer="SGD",
    )
    listing = lowered(plain)
    changed = {name for item in listing.update for name in item.changed}
    assert ":frozen" not in changed
    assert listing.buffers[":gradients"].type == listing.buffers[":parameters"].type
