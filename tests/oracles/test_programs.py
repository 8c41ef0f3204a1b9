"""Whole programs: the backend trains as the formulas say, and passes change nothing but speed and memory."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from building import compiled, document_of, set_weights, weights_of
from closeness import require_close
from interpreter import Interpreter
from networks import (
    MLP,
    NETWORKS,
    WIDE,
    batch_of,
    linear,
    network,
    one,
)
from networks_sequences import SEQUENCES
from numpy.typing import NDArray
from runs import interpreted, require_same, trained
from tiny import sealed

from graphnet.backend import NumpyExecutable
from graphnet.ir import InstructionList, TensorType
from graphnet.ops import OPS, Emitter
from graphnet.passes import PIPELINE, BlockUpdate, Pass
from graphnet.program import program_bytes

Array = NDArray[Any]
Plain = dict[str, Any]

BATCHES = (8, 8, 3, 8, 1)
ALL = {**NETWORKS, **SEQUENCES}


def steps_of(plain: Plain, sizes: tuple[int, ...] = BATCHES) -> list[dict[str, Array]]:
    return [batch_of(plain, size, seed) for seed, size in enumerate(sizes)]


@pytest.mark.parametrize("optimizer", ["AdamW", "MytorchAdamW"])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-4)])
def test_sixty_updates_of_the_seed_network(optimizer: str, dtype: str, rtol: float) -> None:
    # float32: each update rounds to 6e-8 of a weight, sixty of them in one direction to 4e-6, and Adam
    # divides by roots that are off by as much again; a margin of ten.
    plain = {
        **MLP,
        "dtype": dtype,
        "optimizer": {"type": optimizer},
        "training": {"batch_size": 50},
    }
    program = compiled(plain)
    executable, it = (
        NumpyExecutable(program),
        Interpreter(json.loads(program_bytes(program)), "float64"),
    )
    weights = weights_of(program, 1)
    set_weights(executable, weights)
    executable.scalars[":lr"][...] = 0.01
    for name in weights:
        it[name][...] = executable.parameters[name]
    for step in range(60):
        data = batch_of(plain, (50, 50, 50, 25)[step % 4], step)
        routine = executable.routine("train", len(data["points"]))
        routine.inputs["points"][...], routine.targets["label"][...] = data["points"], data["label"]
        routine.forward()
        routine.backward()
        routine.update()
        # Both see the data that fit into the network's own numbers.
        data = {name: array.astype(dtype) for name, array in data.items()}
        it.forward("train", routine.batch, data)
        it.backward()
        it.update(0.01)
        assert routine.loss is not None
        require_close(routine.loss.astype("float64"), it[":loss"], f"loss {step}", rtol=rtol)


@pytest.mark.parametrize("plain", ALL.values(), ids=ALL)
def test_backend_equals_interpreter(plain: Plain) -> None:
    program = compiled(plain)
    weights, batches = weights_of(program, 2), steps_of(plain)
    require_same(
        trained(program, weights, batches),
        interpreted(program, weights, batches),
        rtol=1e-11,
        what="formulas",
    )


@pytest.mark.parametrize("name", ALL)
def test_float32_is_as_near_as_its_rounding(name: str) -> None:
    plain = {**ALL[name], "dtype": "float32", "optimizer": {"type": "SGD"}}
    program = compiled(plain)
    weights = {
        name: w.astype("float32") if w.dtype.kind == "f" else w
        for name, w in weights_of(program, 2).items()
    }
    batches = [
        {name: a.astype("float32") if a.dtype.kind == "f" else a for name, a in data.items()}
        for data in steps_of(plain, (8, 5))
    ]
    exact = interpreted(program, weights, batches, Interpreter(document_of(program), "float64"))
    # A few hundred roundings of 6e-8 in a row, enlarged by normalisation.
    require_same(trained(program, weights, batches), exact, rtol=2e-5, what="float64")


SINGLE: dict[str, tuple[Pass, ...]] = {
    **{step.name: (step,) for step in PIPELINE},
    "small blocks": (BlockUpdate(block=8),),
    "all": PIPELINE,
    "all, small blocks": tuple(
        BlockUpdate(block=8) if step.name == "block_update" else step for step in PIPELINE
    ),
    "backwards": tuple(step for step in reversed(PIPELINE) if step.name != "alias_views"),
    "twice": (*PIPELINE[:-1], *(step for step in PIPELINE if step.name != "alias_views")),
}
"""Passes alone and together. Views are made while every buffer is written once, so never after in-place."""
EXACT = {"dead_code", "fold_constants", "block_update", "in_place", "small blocks"}
"""What runs the same kernels on equally laid out operands, so that not a bit may differ."""


@pytest.mark.parametrize("passes", SINGLE)
@pytest.mark.parametrize("name", ALL)
def test_passes_change_nothing(name: str, passes: str) -> None:
    plain = ALL[name]
    before = compiled(plain, (), input_gradients=True)
    after = compiled(plain, SINGLE[passes], input_gradients=True)
    weights, batches = weights_of(before, 3), steps_of(plain)
    rtol = 0.0 if passes in EXACT else 1e-12
    require_same(
        trained(after, weights, batches, poisoned=True),
        trained(before, weights, batches),
        rtol=rtol,
        what=passes,
    )


def test_the_update_of_a_wide_layer_runs_in_blocks() -> None:
    before, after = compiled(WIDE, ()), compiled(WIDE)
    assert {item.block for item in after.update} == {0, BlockUpdate().block}
    weights, batches = weights_of(before, 3), steps_of(WIDE, (4, 2))
    require_same(
        trained(after, weights, batches),
        trained(before, weights, batches),
        rtol=1e-12,
        what="blocks",
    )
    require_same(
        trained(after, weights, batches),
        interpreted(after, weights, batches),
        rtol=1e-11,
        what="formulas",
    )


def test_tracing_an_update_in_blocks_does_what_running_it_does() -> None:
    program = compiled(WIDE)
    weights, data = weights_of(program, 1), batch_of(WIDE, 4, 0)
    found = []
    for traced in (False, True):
        executable = NumpyExecutable(program)
        set_weights(executable, weights)
        routine = executable.routine("train", 4)
        routine.inputs["x"][...], routine.targets["t"][...] = data["x"], data["t"]
        executable.scalars[":lr"][...] = 0.05
        routine.forward()
        routine.backward()
        if traced:
            assert [item for item, _ in routine.trace("update")] == list(program.update)
        else:
            routine.update()
        found.append(executable.parameters["wide.weight"].copy())
    assert np.array_equal(*found)


def test_what_blocks_leave_behind_is_not_overwritten_by_the_next_block() -> None:
    # `whole` is written block by block and read when all blocks are done, so `short`, which every block
    # writes before it, may not lie in the same place although it is dead by then.
    size = 32
    e = Emitter(OPS, role="workspace")
    p, g = (e.declare(name, TensorType((size,), "float64"), "state") for name in (":p", ":g"))
    with e.within("it"):
        short = e.emit("square", e.emit("scale", g, factor=2.0))
        whole = e.emit("add", short, g)
        total = e.emit("sum", whole, axes=(0,), keepdims=True)
        e.emit("sub", p, e.emit("mul", g, total), into=p)
    listing = InstructionList(e.buffers, (), (), (), tuple(e.instructions), (), ())
    data = np.arange(size) / size
    for step in (None, BlockUpdate(block=8)):
        executable = NumpyExecutable(sealed(step.apply(listing) if step else listing, "float64"))
        executable.states[":g"][...] = data
        executable.routine("train", 1).update()
        expected = -data * np.sum(4 * data**2 + data)
        require_close(executable.states[":p"], expected, "p", rtol=1e-14)


@pytest.mark.parametrize(
    "names", [("d", "matmul", "add"), ("sum", "optimizer", "d"), ("loss", "const", "scale")]
)
def test_no_name_of_a_layer_meets_one_that_graphnet_makes(names: tuple[str, str, str]) -> None:
    first, source, last = names
    plain = network(
        {source: [3]},
        {"t": [3]},
        {first: linear(3), last: {**linear(3), "inputs": [first]}},
        one("MSELoss", last, "t"),
    )
    usual = network(
        {"x": [3]}, {"t": [3]}, {"a": linear(3), "b": linear(3)}, one("MSELoss", "b", "t")
    )
    data = batch_of(usual, 4, 0)
    own, theirs = (compiled(spec, input_gradients=True) for spec in (plain, usual))
    weights = weights_of(theirs, 1)
    renamed = {
        f"{last if name[0] == 'b' else first}{name[1:]}": value for name, value in weights.items()
    }
    one_of = next(trained(own, renamed, [{source: data["x"], "t": data["t"]}]))
    other = next(trained(theirs, weights, [data]))
    assert np.array_equal(one_of[f"gradient:{source}"], other["gradient:x"])
    assert np.array_equal(one_of[f"weight:{first}.weight"], other["weight:a.weight"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dropout_draws_what_its_documentation_says(dtype: str) -> None:
    # Batches of odd sizes use half draws in float32; every pass begins where it would after full batches.
    layers = {
        "a": {"type": "Dropout", "p": 0.4},
        "b": {"type": "Dropout", "p": 0.4, "inputs": "x"},
        "w": linear(3),
    }
    plain = network({"x": [13]}, {"t": [3]}, layers, one("MSELoss", "w", "t"), outputs=["a", "b"])
    program = compiled({**plain, "dtype": dtype, "seed": 11})
    data = [
        {name: np.ones_like(a) for name, a in batch_of(plain, n, 0).items()}
        for n in (8, 3, 1, 7, 8)
    ]
    weights = weights_of(program, 1)
    passes = list(
        zip(trained(program, weights, data), interpreted(program, weights, data), strict=True)
    )
    for actual, expected in passes:
        for name in ("outputa:", "outputb:"):
            assert np.array_equal(actual[name], expected[name])
    masks = [
        actual[name].tobytes() for actual, _ in passes[:5] for name in ("outputa:", "outputb:")
    ]
    assert len(set(masks)) == len(masks)
