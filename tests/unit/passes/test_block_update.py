"""Block update: long vectors are updated in blocks."""

from __future__ import annotations

from handmade import after, item, listing, of, table

from graphnet.ir import InstructionList
from graphnet.passes import BlockUpdate


def update(length: int) -> InstructionList:
    buffers = table(
        p=(of(length), "parameter"),
        g=(of(length), "gradient"),
        m=(of(length), "state"),
        step=(of(dtype="float64"), "state"),
        lr=(of(dtype="float64"), "scalar"),
        a=(of(length), "workspace"),
        rate=(of(), "workspace"),
        total=(of(dtype="float64"), "workspace"),
        b=(of(length), "workspace"),
    )
    return listing(
        buffers,
        update=(
            item("scale", "m", "m", factor=0.9),
            item("scale", "g", "a", factor=0.1),
            item("add", "m a", "m"),
            item("increment", "", "", "step"),
            item("bias_correction", "step", "total", beta=0.9, delay=0, power=1.0, dtype="float64"),
            item("quotient", "lr total", "rate", dtype="float32"),
            item("mul", "m rate", "b"),
            item("sub", "p b", "p"),
        ),
    )


def test_long_vectors_are_updated_in_blocks() -> None:
    made = after(BlockUpdate(block=16), update(40))
    assert [(i.op, i.block) for i in made.update] == [
        ("increment", 0),
        ("bias_correction", 0),
        ("quotient", 0),
        ("scale", 16),
        ("scale", 16),
        ("add", 16),
        ("mul", 16),
        ("sub", 16),
    ]
    shapes = {name: made.buffers[name].type.shape for name in ("p", "g", "m", "a", "b", "rate")}
    assert shapes == {"p": (40,), "g": (40,), "m": (40,), "a": (16,), "b": (16,), "rate": ()}


def test_short_vectors_stay_as_they_are() -> None:
    made = after(BlockUpdate(block=16), update(31))
    assert {i.block for i in made.update} == {0}
    assert made.buffers == update(31).buffers
    assert {i.block for i in after(BlockUpdate(block=16), update(32)).update} == {0, 16}


def split() -> InstructionList:
    """A list whose second run needs a single number that depends on the first, and its workspace."""
    buffers = table(
        p=(of(40), "parameter"),
        g=(of(40), "gradient"),
        w=(of(40), "workspace"),
        own=(of(40), "workspace"),
        norm=(of(), "workspace"),
        v=(of(40), "workspace"),
    )
    return listing(
        buffers,
        update=(
            item("scale", "g", "own", factor=2.0),
            item("square", "own", "w"),
            item("sum", "w", "norm", axes=(0,), keepdims=False),
            item("mul", "w norm", "v"),
            item("sub", "p v", "p"),
        ),
    )


def test_a_workspace_that_crosses_runs_keeps_its_length() -> None:
    made = after(BlockUpdate(block=16), split())
    assert [i.block for i in made.update] == [16, 16, 0, 16, 16]
    shapes = {name: made.buffers[name].type.shape for name in ("own", "w", "v")}
    assert shapes == {"own": (16,), "w": (40,), "v": (16,)}
