"""Instruction lists written by hand, and passes applied to them."""

from __future__ import annotations

from typing import Any

from graphnet.ir import (
    Batch,
    Buffer,
    Dim,
    Instruction,
    InstructionList,
    Role,
    TensorType,
    freeze,
    verify,
)
from graphnet.ops import OPS
from graphnet.passes import Pass

N = Batch()


def of(*shape: Dim, dtype: str = "float32") -> TensorType:
    return TensorType(shape, dtype)


def item(
    op: str, reads: str = "", writes: str = "", accumulates: str = "", **options: Any
) -> Instruction:
    """Return an instruction; buffer names are separated by spaces, `block` is no attribute."""
    block = options.pop("block", 0)
    return Instruction(
        op,
        tuple(reads.split()),
        tuple(writes.split()),
        tuple(accumulates.split()),
        freeze(options),
        "layer",
        block,
    )


def table(**kinds: tuple[TensorType, Role] | Buffer) -> dict[str, Buffer]:
    return {n: k if isinstance(k, Buffer) else Buffer(n, *k) for n, k in kinds.items()}


def listing(buffers: dict[str, Buffer], **rest: Any) -> InstructionList:
    empty: dict[str, Any] = dict.fromkeys(("setup", "forward", "backward", "update"), ())
    return InstructionList(buffers=buffers, **{**empty, "outputs": (), "keep": (), **rest})


def after(step: Pass, before: InstructionList) -> InstructionList:
    """Apply a pass; the result verifies, and the list it was given is as it was."""
    copy = before.replace(buffers=dict(before.buffers))
    made = step.apply(before)
    verify(made, OPS)
    assert before == copy
    return made
