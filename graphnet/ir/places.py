"""Places: where each buffer's memory is, and which buffer's writer defines its content."""

from __future__ import annotations

from collections.abc import Mapping

from graphnet.ir.buffer import REUSED, Buffer
from graphnet.ir.instruction_list import InstructionList
from graphnet.ir.layout import Layout, layout_of
from graphnet.ir.names import is_internal
from graphnet.ir.tensor_type import Batch, TensorType, same_count


class VerificationError(ValueError):
    """An instruction list breaks a rule."""


def _writers_of(listing: InstructionList, written: set[str]) -> dict[str, str]:
    """Return which buffer is written for another that nothing writes: the only one that regroups it."""
    writers: dict[str, str] = {}
    several: set[str] = set()
    for name in written:
        buffer = listing.buffers.get(name)
        view = buffer.view if buffer is not None else None
        if view is None or view.kind != "reshape" or view.base in written:
            continue
        if view.base in writers:
            several.add(view.base)
        writers[view.base] = name
    return {base: name for base, name in writers.items() if base not in several}


class Places:
    """Where each buffer's memory is, and which buffer's writer defines its content."""

    def __init__(self, listing: InstructionList) -> None:
        """Resolve all views of a list.

        Raises:
            VerificationError: When a view looks at nothing, in a circle, beyond its base, or would need a
                copy.
        """
        self.buffers = listing.buffers
        self._written = {name for i in listing.instructions for name in i.changed}
        self._writers = _writers_of(listing, self._written)
        self._layouts: dict[str, Layout] = {}
        for name, buffer in listing.buffers.items():
            try:
                self._layouts[name] = layout_of(listing.buffers, name)
            except ValueError as error:
                raise VerificationError(str(error)) from error
            if buffer.view is not None:
                check_view(buffer, listing.buffers[buffer.view.base])

    def root(self, name: str) -> str:
        """Return the buffer whose memory it is."""
        return self._layouts[name].root

    def key(self, name: str) -> tuple[str, int]:
        """Return root and first element: equal for buffers that share memory."""
        layout = self._layouts[name]
        return layout.root, layout.start

    def same_order(self, name: str, other: str) -> bool:
        """Whether two buffers of one root have their elements at the same places in the same order."""
        return self._layouts[name].look == self._layouts[other].look

    def definer(self, name: str) -> str:
        """Return the buffer that instructions write when they define this one's content."""
        buffer = self.buffers[name]
        while buffer.name not in self._written and buffer.view is not None:
            if buffer.name in self._writers:
                return self._writers[buffer.name]
            buffer = self.buffers[buffer.view.base]
        return buffer.name

    def tracked(self, name: str) -> bool:
        """Whether its content must be written before it is read."""
        role = self.buffers[self.root(name)].role
        is_part = name != self.root(name) and not is_internal(name)
        return role in REUSED or (role == "gradient" and is_part)

    def written(self, name: str, current: Mapping[tuple[str, int], str]) -> bool:
        """Whether the content of a buffer is there: its definer was the last to write at its place."""
        definer = self.definer(name)
        return current.get(self.key(definer)) == definer


def check_view(buffer: Buffer, base: Buffer) -> None:
    """Refuse a view that does not fit into its base.

    Raises:
        VerificationError: Naming the buffer.
    """
    view = buffer.view
    if view is None or view_type(buffer, base):
        return
    raise VerificationError(f"buffer {buffer.name!r} does not fit into {base.name!r}")


def view_type(buffer: Buffer, base: Buffer) -> bool:
    """Tell whether the type of a view follows from its base."""
    view, shape = buffer.view, base.type.shape
    if view is None or buffer.type.dtype != base.type.dtype:
        return False
    if view.kind == "reshape":
        return not view.arguments and same_count(buffer.type.shape, shape)
    if view.kind == "permute":
        fits = sorted(view.arguments) == list(range(len(shape)))
        return fits and buffer.type.shape == tuple(shape[axis] for axis in view.arguments)
    if view.kind == "slice":
        return _slice_fits(view.arguments, buffer.type, base.type)
    return _span_fits(view.arguments, buffer.type, base.type)


def _slice_fits(arguments: tuple[int, ...], inner: TensorType, outer: TensorType) -> bool:
    if len(arguments) != 4 or inner.rank != outer.rank:
        return False
    axis, start, stop, step = arguments
    size = outer.shape[axis] if 0 <= axis < outer.rank else None
    if not isinstance(size, int) or not 0 <= start < stop <= size or step < 1:
        return False
    wanted = list(outer.shape)
    wanted[axis] = len(range(start, stop, step))
    return inner.shape == tuple(wanted)


def _span_fits(arguments: tuple[int, ...], inner: TensorType, outer: TensorType) -> bool:
    symbolic = any(isinstance(dim, Batch) for dim in (*inner.shape, *outer.shape))
    if len(arguments) != 1 or outer.rank != 1 or symbolic:
        return False
    return arguments[0] >= 0 and arguments[0] + inner.size_at(1) <= outer.size_at(1)
