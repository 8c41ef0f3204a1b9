"""Sum rows: a sum over the first or the last axes becomes a product with a vector of ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphnet.ir import (
    REUSED,
    Buffer,
    Dim,
    Instruction,
    InstructionList,
    TensorType,
    View,
    layout_of,
    product,
    root_of,
)
from graphnet.passes.base import Pass


@dataclass(frozen=True)
class SumRows(Pass):
    """Turn `sum` to a vector, over the first or the last axes, into `vecmat`: the form of bias gradients.

    A product runs through the linear algebra library; 1.7 to 5 times faster than a reduction
    (docs/architecture.md, figures).
    """

    name = "sum_rows"

    def apply(self, listing: InstructionList) -> InstructionList:
        """Return the list with products in place of such sums."""
        buffers = dict(listing.buffers)

        def turned(instruction: Instruction) -> Instruction:
            rows = _rows(buffers, instruction) if instruction.op == "sum" else None
            if rows is None:
                return instruction
            ones = _ones(buffers, buffers[rows].type)
            return replace(instruction, op="vecmat", reads=(ones, rows), attributes=())

        changed = {
            phase: tuple(map(turned, listing.phase(phase))) for phase in ("forward", "backward")
        }
        return listing.replace(buffers=buffers, **changed)


def _rows(buffers: dict[str, Buffer], instruction: Instruction) -> str | None:
    """Return a matrix, perhaps a new view, whose rows a sum adds up, or None where there is none."""
    source, axes = buffers[instruction.reads[0]], instruction.options["axes"]
    kind, rank = source.type, source.type.rank
    if instruction.options["keepdims"] or len(axes) != rank - 1:  # type: ignore[arg-type]
        return None
    if rank == 2 and axes == (0,):
        return source.name
    if not layout_of(buffers, source.name).contiguous:
        return None
    if buffers[root_of(buffers, source.name)].role not in REUSED:
        return None
    if axes == tuple(range(rank - 1)):
        return _view(buffers, source, (product(kind.shape[:-1]), kind.shape[-1]))
    if axes == tuple(range(1, rank)):
        matrix = _view(buffers, source, (kind.shape[0], product(kind.shape[1:])))
        return _turned(buffers, buffers[matrix])
    return None


def _view(buffers: dict[str, Buffer], source: Buffer, shape: tuple[Dim, Dim]) -> str:
    """Return a matrix of the same elements."""
    if source.type.shape == shape:
        return source.name
    name = f"{source.name}:matrix"
    if name in buffers and buffers[name].type.shape != shape:
        name = f"{name}.2"
    view = View(source.name, "reshape")
    buffers[name] = Buffer(name, source.type.with_shape(*shape), source.role, view=view)
    return name


def _turned(buffers: dict[str, Buffer], matrix: Buffer) -> str:
    """Return a matrix with rows and columns exchanged."""
    name = f"{matrix.name}:columns"
    rows, columns = matrix.type.shape
    view = View(matrix.name, "permute", (1, 0))
    buffers[name] = Buffer(name, matrix.type.with_shape(columns, rows), matrix.role, view=view)
    return name


def _ones(buffers: dict[str, Buffer], matrix: TensorType) -> str:
    """Return a constant vector of ones, one per row."""
    rows = matrix.shape[0]
    name = f"const:1:{matrix.dtype}:{rows}"
    if name not in buffers:
        buffers[name] = Buffer(name, matrix.with_shape(rows), "constant", fill=1.0)
    return name
