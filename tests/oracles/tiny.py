"""Programs of one op: emitted, sealed, and run by the backend or by the interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from building import document_of
from interpreter import Interpreter
from numpy.typing import NDArray

from graphnet.backend import NumpyExecutable
from graphnet.ir import InstructionList, TensorType, View, verify
from graphnet.ops import OPS, Emitter, Value
from graphnet.program import Program, Routine, plan_memory

Array = NDArray[Any]
LAYOUTS = ("plain", "permuted", "sliced")


def type_of(array: Array) -> TensorType:
    """Return the type of an array, no dimension of it symbolic."""
    return TensorType(array.shape, str(array.dtype))


def sealed(listing: InstructionList, dtype: str) -> Program:
    """Return a verified program whose only routine, `train`, has these lists."""
    verify(listing, OPS)
    return Program(
        name="tiny",
        batch_size=1,
        dtype=dtype,
        seed=0,
        inputs=(),
        targets=(),
        outputs=listing.outputs,
        parameters=(),
        routines={"train": Routine(listing, plan_memory(listing, 1))},
        judgement=None,
        spec={},
        spec_sha256="",
    )


def operand(e: Emitter, name: str, kind: TensorType, layout: str) -> Value:
    """Declare an operand: an input of its own, or a view of one that does not lie in one piece."""
    if layout == "plain" or kind.rank == 0:
        return e.declare(name, kind, "input")
    if layout == "permuted" and kind.rank > 1:
        around = tuple(reversed(range(kind.rank)))
        inner = e.declare(f"{name}:base", kind.with_shape(*reversed(kind.shape)), "input")
        return e.declare(name, kind, "input", view=View(inner.name, "permute", around))
    last = kind.rank - 1
    size = int(str(kind.shape[last]))
    inner = e.declare(f"{name}:base", kind.with_shape(*kind.shape[:last], 2 * size), "input")
    return e.declare(name, kind, "input", view=View(inner.name, "slice", (last, 0, 2 * size, 2)))


def one_op(
    op: str,
    operands: Sequence[Array],
    accumulated: Sequence[Array],
    options: Mapping[str, Any],
    *,
    layouts: Sequence[str] = (),
    in_place: int | None = None,
) -> InstructionList:
    """Return a list that runs one op on operands `x0`, `x1`, ... changing `s0`, ...; its results are outputs.

    Args:
        op: Its name.
        operands: Arrays like those it will read.
        accumulated: Arrays like those it will change.
        options: Its attributes.
        layouts: How each operand lies in memory; in one piece where left out.
        in_place: Operand whose memory the first result takes over.
    """
    e = Emitter(OPS)
    layouts = layouts or ["plain"] * len(operands)
    reads = [
        operand(e, f"x{i}", type_of(array), layout)
        for i, (array, layout) in enumerate(zip(operands, layouts, strict=True))
    ]
    changed = [e.declare(f"s{i}", type_of(a), "statistic") for i, a in enumerate(accumulated)]
    with e.within("it"):
        if in_place is not None:
            reads[in_place] = e.emit("copy", reads[in_place])
        results = e.emit_all(op, *reads, accumulates=changed, **options)
    if in_place is not None:
        view = View(reads[in_place].name, "reshape")
        e.buffers[results[0].name] = replace(e.buffers[results[0].name], view=view)
    names = tuple(value.name for value in results)
    return InstructionList(e.buffers, (), tuple(e.instructions), (), (), names, names)


def run_backend(program: Program, data: Mapping[str, Array]) -> dict[str, Array]:
    """Return every buffer's content after the forward list, the arena being full of NaN before it."""
    executable = NumpyExecutable(program)
    routine = executable.routine("train", 1)
    executable.memory.poison()
    for name, array in data.items():
        routine.array(name)[...] = array
    with np.errstate(all="ignore"):
        routine.forward()
        routine.backward()
    return {name: routine.array(name).copy() for name in routine.listing.buffers}


def run_interpreter(
    program: Program, data: Mapping[str, Array], numbers: str | None = None
) -> dict[str, Array]:
    """Return every buffer's content after the forward list, as the formulas have it."""
    it = Interpreter(document_of(program), numbers)
    for name in it.names:
        if name in data:
            it[name][...] = data[name]
    with np.errstate(all="ignore"):
        it.forward("train", 1, data)
    return {name: it[name].copy() for name in it.names}
