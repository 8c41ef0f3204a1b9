"""Whole programs: the backend trains as the formulas say, and passes change nothing but speed and memory."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from building import compiled, document_of, set_weights, weights_of
from closeness import require_close
from graphnet.backend import NumpyExecutable
from graphnet.passes import PIPELINE, BlockUpdate, Pass
from graphnet.program import Program, program_bytes
from interpreter import Interpreter
from networks import DENSE, MLP, NETWORKS, RESIDUAL, SEQUENCE, TABLE, WIDE, batch_of, linear, network, one
from numpy.typing import NDArray
from runs import interpreted, require_same, trained

Array = NDArray[Any]
Plain = dict[str, Any]

BATCHES = (8, 8, 3, 8, 1)


def steps_of(plain: Plain, sizes: tuple[int, ...] = BATCHES) -> list[dict[str, Array]]:
    return [batch_of(plain, size, seed) for seed, size in enumerate(sizes)]


def normalized(plain: Plain) -> bool:
    return any("BatchNorm1d" in str(keys) for keys in plain["layers"].values())


@pytest.mark.parametrize("optimizer", ["AdamW", "MytorchAdamW"])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-4)])
def test_sixty_updates_of_the_seed_network(optimizer: str, dtype: str, rtol: float) -> None:
    # float32: each update rounds to 6e-8 of a weight, sixty of them in one direction to 4e-6, and Adam's first
    # steps divide by the root of squares that are off by twice as much; the loss is flatter than that.
    plain = {**MLP, "dtype": dtype, "optimizer": {"type": optimizer}, "training": {"batch_size": 50}}
    program = compiled(plain)
    executable, it = NumpyExecutable(program), Interpreter(json.loads(program_bytes(program)), "float64")
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


@pytest.mark.parametrize("plain", NETWORKS.values(), ids=NETWORKS)
def test_backend_equals_interpreter(plain: Plain) -> None:
    program = compiled(plain)
    weights, batches = weights_of(program, 2), steps_of(plain)
    require_same(trained(program, weights, batches), interpreted(program, weights, batches), rtol=1e-11, what="formulas")


@pytest.mark.parametrize("name", NETWORKS)
def test_float32_is_as_near_as_its_rounding(name: str) -> None:
    plain = {**NETWORKS[name], "dtype": "float32", "optimizer": {"type": "SGD"}}
    program = compiled(plain)
    weights = {name: w.astype("float32") if w.dtype.kind == "f" else w for name, w in weights_of(program, 2).items()}
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
    "all, small blocks": tuple(BlockUpdate(block=8) if step.name == "block_update" else step for step in PIPELINE),
    "backwards": tuple(step for step in reversed(PIPELINE) if step.name != "alias_views"),
    "twice": (*PIPELINE[:-1], *(step for step in PIPELINE if step.name not in ("alias_views",))),
}
"""Passes alone and together. Views are made while every buffer is written once, so never after in-place."""
EXACT = {"dead_code", "fold_constants", "block_update", "in_place", "small blocks"}
"""What runs the same kernels on equally laid out operands, so that not a bit may differ."""


@pytest.mark.parametrize("passes", SINGLE)
@pytest.mark.parametrize("name", NETWORKS)
def test_passes_change_nothing(name: str, passes: str) -> None:
    plain = NETWORKS[name]
    before = compiled(plain, (), input_gradients=True)
    after = compiled(plain, SINGLE[passes], input_gradients=True)
    weights, batches = weights_of(before, 3), steps_of(plain)
    rtol = 0.0 if passes in EXACT else 1e-12
    require_same(
        trained(after, weights, batches, poisoned=True), trained(before, weights, batches), rtol=rtol, what=passes
    )


def test_the_update_of_a_wide_layer_runs_in_blocks() -> None:
    before, after = compiled(WIDE, ()), compiled(WIDE)
    assert {item.block for item in after.update} == {0, PIPELINE[4].block}  # type: ignore[attr-defined]
    weights, batches = weights_of(before, 3), steps_of(WIDE, (4, 2))
    require_same(trained(after, weights, batches), trained(before, weights, batches), rtol=1e-12, what="blocks")
    require_same(trained(after, weights, batches), interpreted(after, weights, batches), rtol=1e-11, what="formulas")


def alive(program: Program, routine: str) -> int:
    """Return the largest sum of bytes that live at once, counted instruction by instruction from the file.

    Where a part of the update runs in blocks, more lives longer, so these are not counted here.
    """
    lists: Plain = document_of(program)["content"]["routines"][routine]
    buffers = {buffer["name"]: buffer for buffer in lists["buffers"]}

    def root(name: str) -> str:
        view = buffers[name]["view"]
        return name if view is None else root(view[0])

    phases = [lists[phase] for phase in ("setup", "forward", "backward", "update")]
    items = [item for phase in phases for item in phase]
    uses: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        for name in (*item["reads"], *item["writes"], *item["accumulates"]):
            uses.setdefault(root(name), []).append(index)
    for name in lists["outputs"]:
        uses.setdefault(root(name), []).append(len(phases[0]) + len(phases[1]) - 1)
    for name in lists["keep"]:
        uses.setdefault(root(name), []).append(len(items) - 1)
    reused = [name for name in uses if buffers[name]["role"] in ("activation", "adjoint", "workspace")]
    sizes = {name: bytes_of(buffers[name], program.batch_size) for name in reused}
    return max(
        sum(sizes[name] for name in reused if min(uses[name]) <= index <= max(uses[name]))
        for index in range(len(items))
    )


def bytes_of(buffer: Plain, batch: int) -> int:
    """Return a buffer's bytes, rounded up to whole cache lines."""
    dtype, shape = buffer["type"]
    sizes = [dim if isinstance(dim, int) else int(dim.removesuffix("N") or 1) * batch for dim in shape]
    size = int(np.prod(sizes)) * {"float32": 4, "float64": 8, "int64": 8, "bool": 1}[dtype]
    return -(-size // 64) * 64


def chain(*sizes: int, activation: str = "Tanh") -> Plain:
    """Return a chain of linear layers with activations between them."""
    layers: Plain = {}
    for number, size in enumerate(sizes):
        layers |= {f"linear{number}": linear(size), f"active{number}": activation}
    last = f"active{len(sizes) - 1}"
    return network({"x": [sizes[0]]}, {"t": [sizes[-1]]}, layers, one("MSELoss", last, "t"))


def skips(depth: int, width: int) -> Plain:
    """Return a chain in which every other layer adds what came two layers before."""
    layers: Plain = {"sum0": linear(width)}
    for n in range(1, depth):
        layers |= {f"linear{n}": linear(width), f"norm{n}": "BatchNorm1d", f"relu{n}": "ReLU"}
        layers[f"sum{n}"] = {"type": "Add", "inputs": [f"relu{n}", f"sum{n - 1}"]}
    return network({"x": [width]}, {"t": [width]}, layers, one("MSELoss", f"sum{depth - 1}", "t"))


def growing(depth: int) -> Plain:
    """Return a network in which every layer reads all earlier ones, joined."""
    layers: Plain = {}
    for n in range(depth):
        inputs = ["x", *(f"linear{i}" for i in range(n))]
        layers |= {f"cat{n}": {"type": "Cat", "inputs": inputs}, f"linear{n}": linear(3 + n % 4)}
    last = f"linear{depth - 1}"
    return network({"x": [5]}, {"t": [3 + (depth - 1) % 4]}, layers, one("MSELoss", last, "t"))


PLANNED = {
    "mlp": MLP,
    "residual": RESIDUAL,
    "dense": DENSE,
    "table": TABLE,
    "sequence": SEQUENCE,
    "wide": WIDE,
    "deep": chain(*([16] * 40)),
    "narrowing": chain(512, 300, 170, 90, 40, 7, activation="ReLU"),
    "hourglass": chain(100, 30, 5, 30, 100, activation="Sigmoid"),
    "zigzag": chain(*(7 + 31 * (n % 5) for n in range(30))),
    "skips": skips(12, 20),
    "growing": growing(14),
}


@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.parametrize("name", PLANNED)
def test_arena_is_near_the_lower_bound(name: str, batch: int) -> None:
    program = compiled(PLANNED[name], batch_size=batch)
    for routine, made in program.routines.items():
        if not any(item.block for item in made.listing.update):
            assert made.plan.lower_bound == alive(program, routine)
        assert made.plan.lower_bound <= made.plan.arena_bytes <= 1.05 * made.plan.lower_bound


@pytest.mark.parametrize("name", PLANNED)
def test_passes_save_memory(name: str) -> None:
    assert compiled(PLANNED[name]).arena_bytes <= compiled(PLANNED[name], ()).arena_bytes
