"""The profile: times add up to the step, costs are those of the lists, nothing changes by measuring."""

from __future__ import annotations

import pytest
from examples import NETWORKS

from graphnet.api import overlay_of, profile
from graphnet.backend import NumpyExecutable
from graphnet.compiler import compile_spec
from graphnet.errors import UsageError
from graphnet.program import OPTIMIZER, layer_bytes, layer_flops, total_flops

WIDE = {
    "inputs": {"x": {"shape": [96]}},
    "targets": {"y": {"shape": [64]}},
    "layers": {
        "linear1": {"type": "Linear", "out_features": 256},
        "tanh1": "Tanh",
        "linear2": {"type": "Linear", "out_features": 64},
    },
    "loss": "MSELoss",
    "optimizer": "AdamW",
    "training": {"batch_size": 128, "threads": 1},
}


def test_times_add_up_to_the_step() -> None:
    """By construction: the same clock and rounds for both, and measured again where they differ."""
    found = profile(compile_spec(WIDE), seconds=0.2)
    assert found.seconds == pytest.approx(found.step_seconds, rel=0.10)
    assert sum(found.layers().values()) == pytest.approx(found.seconds)
    assert list(found.layers())[:3] == ["linear1", "tanh1", "linear2"]
    assert found.layers()["linear1"] > found.layers()["tanh1"] * 0.1


@pytest.mark.parametrize("name", NETWORKS)
def test_every_instruction_is_measured(name: str) -> None:
    program = compile_spec(NETWORKS[name])
    listing = program.main.listing
    found = profile(program, seconds=0.0)
    items = [*listing.forward, *listing.backward, *listing.update]
    assert [(t.op, t.layer) for t in found.timings] == [(item.op, item.layer) for item in items]
    first = len(listing.setup)
    assert [timing.index for timing in found.timings] == list(range(first, first + len(items)))
    assert sum(t.flops for t in found.timings) == total_flops(items, listing, program.batch_size)
    steps = NumpyExecutable(program).routine(found.routine, found.batch).steps
    assert found.calls == sum(len(steps[phase]) for phase in ("forward", "backward", "update"))
    assert all(timing.seconds >= 0 for timing in found.timings)


def test_a_smaller_batch_can_be_measured_and_a_larger_one_cannot() -> None:
    program = compile_spec(WIDE)
    small = profile(program, batch_size=1, seconds=0.0)
    assert small.batch == 1
    assert small.timings[0].flops * 128 == 2 * 128 * 96 * 256
    with pytest.raises(UsageError, match="does not fit"):
        profile(program, batch_size=129)


def test_costs_of_layers_add_up() -> None:
    program = compile_spec(WIDE)
    listing, flops, sizes = program.main.listing, layer_flops(program), layer_bytes(program)
    items = [*listing.forward, *listing.backward, *listing.update]
    assert sum(flops.values()) == total_flops(items, listing, 128)
    # Forward 2 * 128 * 96 * 256 and a bias; backward the same product for the weights, and a sum.
    assert flops["linear1"] == 2 * (2 * 128 * 96 * 256) + 128 * 256 + 2 * 128 * 256
    # Weight and bias, their gradients and two moments, and the product, in which tanh works in place.
    assert sizes["linear1"] == 4 * (96 * 256 + 256) * 4 + 128 * 256 * 4
    assert OPTIMIZER in flops


@pytest.mark.parametrize("name", ["time", "bytes", "flops"])
def test_overlays_know_every_layer(name: str) -> None:
    overlay = overlay_of(name, compile_spec(WIDE))
    assert {"linear1", "tanh1", "linear2", "loss:loss"} - {"tanh1"} <= set(overlay.values)
    assert OPTIMIZER not in overlay.values
    assert overlay.rest is not None
    assert set(overlay.rest) == {"optimizer"}
    assert "128 samples" in overlay.meaning


def test_gradients_are_those_of_a_run() -> None:
    with pytest.raises(UsageError, match="gradients are those of a run") as caught:
        overlay_of("gradients", compile_spec(WIDE))
    assert caught.value.code == "GN736"
