"""Every arena is as small as the largest sum of bytes that live at once, or within 5 % of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from building import compiled, document_of
from networks import DENSE, MLP, RESIDUAL, SEQUENCE, TABLE, WIDE, linear, network, one

from graphnet.program import Program

Plain = dict[str, Any]


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
    reused = [
        name for name in uses if buffers[name]["role"] in ("activation", "adjoint", "workspace")
    ]
    sizes = {name: bytes_of(buffers[name], program.batch_size) for name in reused}
    return max(
        sum(sizes[name] for name in reused if min(uses[name]) <= index <= max(uses[name]))
        for index in range(len(items))
    )


def bytes_of(buffer: Plain, batch: int) -> int:
    """Return a buffer's bytes, rounded up to whole cache lines."""
    dtype, shape = buffer["type"]
    sizes = [
        dim if isinstance(dim, int) else int(dim.removesuffix("N") or 1) * batch for dim in shape
    ]
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
