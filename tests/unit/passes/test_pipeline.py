"""The pipeline: order, watching, verification, and results that no pass changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from examples import NETWORKS, TRAINED, batch_of, compiled, linear, network, started, step
from lists import lowered, ops

from graphnet.errors import InternalError
from graphnet.ir import REUSED, InstructionList, root_of, verify
from graphnet.ops import OPS
from graphnet.passes import (
    PIPELINE,
    AliasViews,
    BlockUpdate,
    DeadCode,
    FoldConstants,
    InPlace,
    Pass,
    SumRows,
    run_pipeline,
)


def test_the_order_of_passes() -> None:
    assert [step.name for step in PIPELINE] == [
        "sink_permutes",
        "dead_code",
        "alias_views",
        "fold_constants",
        "sum_rows",
        "block_update",
        "in_place",
        "dead_code",
    ]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_every_step_can_be_watched_and_verifies(name: str) -> None:
    routine = "train" if name in TRAINED else "predict"
    seen: list[tuple[str, InstructionList]] = []
    before = lowered(NETWORKS[name], routine)
    result = run_pipeline(before, watch=lambda *told: seen.append(told))
    assert [told for told, _ in seen] == [step.name for step in PIPELINE]
    assert seen[-1][1] == result
    for _, listing in seen:
        verify(listing, OPS)
    assert before == lowered(NETWORKS[name], routine), "a pass changes no list it is given"


@dataclass(frozen=True)
class Careless(Pass):
    """Drops the first instruction, whatever needs it."""

    name = "careless"

    def apply(self, listing: InstructionList) -> InstructionList:
        return listing.replace(forward=listing.forward[1:])


def test_a_pass_that_breaks_a_list_is_named() -> None:
    before = lowered(NETWORKS["tanh"])
    with pytest.raises(InternalError) as caught:
        run_pipeline(before, [DeadCode(), Careless()])
    assert caught.value.code == "GN902"
    assert caught.value.message.startswith(
        "careless made a wrong instruction list: forward 0 (add)"
    )
    with pytest.raises(InternalError, match="lowering made a wrong instruction list"):
        run_pipeline(Careless().apply(before), [])


@pytest.mark.parametrize("name", list(NETWORKS))
def test_applying_all_again_changes_nothing(name: str) -> None:
    routine = "train" if name in TRAINED else "predict"
    once = run_pipeline(lowered(NETWORKS[name], routine))
    again = run_pipeline(once, [AliasViews(), FoldConstants(), SumRows(), InPlace(), DeadCode()])
    assert again == once


@pytest.mark.parametrize("name", list(NETWORKS))
def test_values_lie_in_reused_memory_or_where_gradients_stay(name: str) -> None:
    """No result takes over an input, a target, a parameter, a statistic or a constant."""
    for routine in compiled(NETWORKS[name]).routines.values():
        buffers = routine.listing.buffers
        for item in routine.listing.forward + routine.listing.backward:
            for written in item.writes:
                root = buffers[root_of(buffers, written)]
                assert root.role in REUSED | {"gradient"}


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize(
    "single", [*dict.fromkeys(PIPELINE), None], ids=lambda step: step.name if step else "all"
)
def test_results_are_those_without_passes(name: str, single: Pass | None) -> None:
    """The order of additions in a sum over rows is the only thing that may differ."""
    plain = {**NETWORKS[name], "dtype": "float64"}
    passes = PIPELINE if single is None else (single,)
    ours, theirs = started(compiled(plain, passes=passes)), started(compiled(plain, passes=()))
    for turn in range(3):
        batch = batch_of(ours.program, 4 + turn % 2, seed=turn)
        assert step(ours, batch) == pytest.approx(step(theirs, batch), rel=1e-13)
    for key, array in theirs.parameters.items():
        np.testing.assert_allclose(ours.parameters[key], array, rtol=1e-11, atol=1e-14)
    for key, array in theirs.statistics.items():
        np.testing.assert_allclose(ours.statistics[key], array, rtol=1e-13)


OPTIMIZERS = [
    "SGD",
    {"type": "SGD", "momentum": 0.9, "dampening": 0.5, "nesterov": False, "weight_decay": 0.1},
    {"type": "Adam", "amsgrad": True},
    "AdamW",
    "MytorchAdamW",
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_blocks_change_no_bit_of_a_large_update(optimizer: object, dtype: str) -> None:
    plain = network(
        {"a": linear(300)},
        inputs={"x": {"shape": [330]}},
        targets={"y": {"shape": [300]}},
        loss="MSELoss",
        optimizer=optimizer,
        dtype=dtype,
    )
    whole = tuple(step for step in PIPELINE if not isinstance(step, BlockUpdate))
    # A block that does not divide the length, so that the last one is shorter.
    small = tuple(
        replace(step, block=7001) if isinstance(step, BlockUpdate) else step for step in PIPELINE
    )
    blocked, unblocked = (
        started(compiled(plain, passes=small)),
        started(compiled(plain, passes=whole)),
    )
    default = started(compiled(plain))
    assert max(item.block for item in blocked.program.update) == 7001
    assert max(item.block for item in default.program.update) == 32_768
    assert blocked.program.arena_bytes < unblocked.program.arena_bytes
    batch = batch_of(blocked.program, 2)
    for _ in range(3):
        losses = {step(executable, batch) for executable in (blocked, unblocked, default)}
        assert len(losses) == 1
    for name, array in unblocked.parameters.items():
        for other in (blocked, default):
            np.testing.assert_array_equal(other.parameters[name], array)
    for name, array in unblocked.states.items():
        for other in (blocked, default):
            np.testing.assert_array_equal(other.states[name], array)


def test_what_the_pipeline_makes_of_a_small_network() -> None:
    listing = run_pipeline(lowered(NETWORKS["tanh"]))
    assert ops(listing.setup) == ["expand"]
    assert ops(listing.forward) == [
        "matmul",
        "add",
        "tanh",
        "matmul",
        "add",
        "sub",
        "square",
        "mean",
    ]
    assert ops(listing.backward) == [
        "scale",
        "mul",
        "vecmat",
        "matmul",
        "matmul",
        "tanh_gradient",
        "vecmat",
        "matmul",
    ]
    assert ops(listing.update) == ["affine", "mul", "sub"]


@pytest.mark.slow
def test_a_chain_of_ten_thousand_layers() -> None:
    """No stage recurses or takes the square of the length."""
    program = compiled(network({f"t{i}": "Tanh" for i in range(10_000)}))
    assert len(program.forward) == 10_000
    routine = started(program).routine("predict", 1)
    routine.inputs["x"][...] = 1.0
    routine.forward()
    expected = np.full(3, 1.0, np.float32)
    for _ in range(10_000):
        expected = np.tanh(expected)
    np.testing.assert_array_equal(routine.outputs["t9999"][0], expected)
