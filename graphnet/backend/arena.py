"""The arena: the only place where memory is allocated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.errors import ResourceError
from graphnet.ir import ALIGNMENT, REUSED, Buffer, TensorType
from graphnet.program import Program, aligned

Array = NDArray[Any]


def allocate(size: int) -> NDArray[np.uint8]:
    """Return zeroed bytes that start at a multiple of the alignment.

    Raises:
        ResourceError: When the machine has not that much memory.
    """
    try:
        raw = np.zeros(size + ALIGNMENT, np.uint8)
    except MemoryError as error:
        raise ResourceError(
            "GN530",
            f"not enough memory for {size:,} bytes",
            help="compile for a smaller batch with --batch-size",
        ) from error
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]


class Memory:
    """All memory of one Program: what lasts, each routine's constants, and the arena they share."""

    def __init__(self, program: Program) -> None:
        """Allocate everything the Program needs, once.

        Args:
            program: Its memory plans say how much and where.
        """
        self._batch = program.batch_size
        self._lasting = {
            name: allocate(aligned(kind.bytes_at(program.batch_size)))
            for name, kind in program.lasting.items()
        }
        self._arena = allocate(program.arena_bytes)
        self._constants: dict[tuple[str, str], NDArray[np.uint8]] = {}
        self._routines = program.routines
        for name, routine in program.routines.items():
            for buffer in routine.listing.buffers.values():
                if buffer.role == "constant" and buffer.view is None:
                    size = aligned(buffer.type.bytes_at(program.batch_size))
                    self._constants[name, buffer.name] = allocate(size)

    @property
    def nbytes(self) -> int:
        """Bytes allocated, alignment slack of each allocation apart."""
        pieces = [*self._lasting.values(), *self._constants.values(), self._arena]
        return sum(piece.nbytes for piece in pieces)

    def lasting(self, name: str, kind: TensorType) -> Array:
        """Return a lasting buffer that has no batch dimension."""
        return _shaped(self._lasting[name], kind, 1)

    def poison(self) -> None:
        """Fill the arena with NaN, so that a read of what is not there shows."""
        self._arena[...] = 0xFF

    def view(self, routine: str, name: str, batch: int) -> Array:
        """Return a buffer of a routine as an array for a batch size."""
        buffers = self._routines[routine].listing.buffers
        chain = [buffers[name]]
        while (view := chain[-1].view) is not None:
            chain.append(buffers[view.base])
        array = _shaped(self._bytes(routine, chain[-1]), chain[-1].type, batch)
        for buffer in reversed(chain[:-1]):
            array = _looked_into(array, buffer, batch)
        return array

    def _bytes(self, routine: str, buffer: Buffer) -> NDArray[np.uint8]:
        if buffer.role in REUSED:
            return self._arena[self._routines[routine].plan.offsets[buffer.name] :]
        if buffer.role == "constant":
            return self._constants[routine, buffer.name]
        return self._lasting[buffer.name]


def _shaped(raw: NDArray[np.uint8], kind: TensorType, batch: int) -> Array:
    shaped: Array = raw[: kind.bytes_at(batch)].view(kind.dtype).reshape(kind.at(batch))
    return shaped


def _looked_into(base: Array, buffer: Buffer, batch: int) -> Array:
    """Return the view of `base` that a buffer describes; never a copy."""
    view, shape = buffer.view, buffer.type.at(batch)
    if view is None:
        return base
    if view.kind == "permute":
        turned: Array = base.transpose(view.arguments)
        return turned
    if view.kind == "slice":
        axis, start, stop, step = view.arguments
        sliced: Array = base[(slice(None),) * axis + (slice(start, stop, step),)]
        return sliced
    if view.kind == "span":
        first = view.arguments[0]
        part: Array = base[first : first + buffer.type.size_at(batch)]
        return part.reshape(shape)
    return base.reshape(shape)
