"""Layers that take values apart, put them together, and select among them; they take numbers of any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, Optional, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.activation import positive_dim
from graphnet.layers.function import Function
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value


def size_along(x: TensorType, axis: int) -> int:
    """Return the size of a dimension that is not the batch."""
    return int(str(x.shape[axis]))


@dataclass(frozen=True, kw_only=True)
class Stack(Function):
    """Put values of one shape side by side along a new dimension, as torch.stack does."""

    arity = (1, None)
    dim: int = setting(Integer(), 1, doc="where it is in the result, the batch being 0 (torch: 0)")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse different shapes and types."""
        positive_dim(self.dim, inputs[0].with_shape(*inputs[0].shape, 1))
        for other in inputs[1:]:
            if other != inputs[0]:
                raise LayerError(f"cannot stack {inputs[0]} and {other}: they differ")

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a reshape of each and their concatenation."""
        x = inputs[0]
        axis = positive_dim(self.dim, x.type.with_shape(*x.shape, 1))
        shape = (*x.shape[:axis], 1, *x.shape[axis:])
        return e.emit("concat", *(e.emit("reshape", v, shape=shape) for v in inputs), axis=axis)


def cut(e: Emitter, x: Value, axis: int, sizes: Sequence[int]) -> tuple[Value, ...]:
    """Emit the pieces of the given sizes along a dimension."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(e.emit("slice", x, axis=axis, start=start, stop=start + size))
        start += size
    return tuple(pieces)


@dataclass(frozen=True, kw_only=True)
class Split(Function):
    """Cut a dimension into pieces of the given sizes; the results are called 0, 1, ...: `split1.1`.

    `x` (N, ..., a + b, ...), results (N, ..., a, ...) and (N, ..., b, ...) for sizes [a, b]. torch's single
    size is not taken, for the number of results must be known from the settings; see Chunk.
    """

    sizes: tuple[int, ...] = setting(Listed(Integer(1)), doc="size of each piece")
    dim: int = setting(Integer(), 1, doc="dimension that is cut, the batch being 0 (torch: 0)")

    def conflict(self) -> str:
        """Refuse to make nothing."""
        return "sizes is empty" * (not self.sizes)

    @property
    def results(self) -> tuple[str, ...]:
        """`0`, `1`, ..., a result for each piece."""
        return tuple(str(number) for number in range(len(self.sizes)))

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse sizes that do not add up to the dimension's."""
        (x,) = inputs
        axis = positive_dim(self.dim, x)
        if sum(self.sizes) != x.shape[axis]:
            told = " + ".join(str(size) for size in self.sizes)
            raise LayerError(
                f"sizes {list(self.sizes)} do not fit dim {self.dim} of the input "
                f"{shape_text(x.shape)}: {told} = {sum(self.sizes)}, not {x.shape[axis]}"
            )

    def of(self, e: Emitter, inputs: Sequence[Value]) -> tuple[Value, ...]:
        """Emit a slice per piece."""
        return cut(e, inputs[0], positive_dim(self.dim, inputs[0].type), self.sizes)


@dataclass(frozen=True, kw_only=True)
class Chunk(Function):
    """Cut a dimension into equal pieces, the last one smaller; the results are called 0, 1, ...: `chunk1.1`.

    Pieces have size ceil(size / chunks), as in torch; where fewer than `chunks` would come out it is refused.
    """

    chunks: int = setting(Integer(1, 4096), doc="number of pieces")
    dim: int = setting(Integer(), 1, doc="dimension that is cut, the batch being 0 (torch: 0)")

    @property
    def results(self) -> tuple[str, ...]:
        """`0`, `1`, ..., a result for each piece."""
        return tuple(str(number) for number in range(self.chunks))

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse sizes that give fewer pieces."""
        self._sizes(inputs[0])

    def _sizes(self, x: TensorType) -> list[int]:
        size = size_along(x, positive_dim(self.dim, x))
        each = -(-size // self.chunks)
        count = -(-size // each)
        if count != self.chunks:
            raise LayerError(
                f"dim {self.dim} of the input {shape_text(x.shape)} gives {count} chunks of "
                f"ceil({size} / {self.chunks}) = {each}, not {self.chunks}",
                f"write chunks: {count}, or use Split",
            )
        return [min(each, size - start) for start in range(0, size, each)]

    def of(self, e: Emitter, inputs: Sequence[Value]) -> tuple[Value, ...]:
        """Emit a slice per piece."""
        (x,) = inputs
        return cut(e, x, positive_dim(self.dim, x.type), self._sizes(x.type))


@dataclass(frozen=True, kw_only=True)
class Slice(Function):
    """A part of a dimension, `y = x[:, start:stop:step]` for dim 1; counted from the end where negative."""

    dim: int = setting(Integer(), 1, doc="dimension, the batch being 0")
    start: int = setting(Integer(), 0, doc="first place")
    stop: int | None = setting(Optional(Integer()), None, doc="place after the last; to the end")
    step: int = setting(Integer(1), 1, doc="take every so many")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse parts that are empty."""
        self._span(inputs[0])

    def _span(self, x: TensorType) -> tuple[int, int, int]:
        axis = positive_dim(self.dim, x)
        size = size_along(x, axis)
        start, stop, _ = slice(self.start, self.stop).indices(size)
        if start >= stop:
            raise LayerError(
                f"nothing lies in {self.start}:{'' if self.stop is None else self.stop} of dim "
                f"{self.dim} of the input {shape_text(x.shape)}, which are places {start} to {stop} "
                f"of {size}"
            )
        return axis, start, stop

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a slice; with steps, the first of each group of places and perhaps the last one's."""
        (x,) = inputs
        axis, start, stop = self._span(x.type)
        if self.step == 1:
            return e.emit("slice", x, axis=axis, start=start, stop=stop)
        whole = (stop - start) // self.step
        end = start + whole * self.step
        parts = [self._firsts(e, x, axis, start, end)] if whole else []
        if end < stop:
            parts.append(e.emit("slice", x, axis=axis, start=end, stop=end + 1))
        return parts[0] if len(parts) == 1 else e.emit("concat", *parts, axis=axis)

    def _firsts(self, e: Emitter, x: Value, axis: int, start: int, end: int) -> Value:
        count = (end - start) // self.step
        before, after = x.shape[:axis], x.shape[axis + 1 :]
        taken = e.emit("slice", x, axis=axis, start=start, stop=end)
        groups = e.emit("reshape", taken, shape=(*before, count, self.step, *after))
        firsts = e.emit("slice", groups, axis=axis + 1, start=0, stop=1)
        return e.emit("reshape", firsts, shape=(*before, count, *after))


@dataclass(frozen=True, kw_only=True)
class Narrow(Function):
    """A part of a dimension, `length` places from `start` on, as torch.narrow takes it."""

    dim: int = setting(Integer(), doc="dimension, the batch being 0")
    start: int = setting(Integer(), doc="first place, counted from the end where negative")
    length: int = setting(Integer(1), doc="number of places")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse parts that reach outside."""
        self._span(inputs[0])

    def _span(self, x: TensorType) -> tuple[int, int]:
        axis = positive_dim(self.dim, x)
        size = size_along(x, axis)
        start = self.start + size if self.start < 0 else self.start
        if start < 0 or start + self.length > size:
            raise LayerError(
                f"{self.length} places from {self.start} on do not fit dim {self.dim} of the input "
                f"{shape_text(x.shape)}: {start} + {self.length} is not within 0 to {size}"
            )
        return axis, start

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        axis, start = self._span(x.type)
        return e.emit("slice", x, axis=axis, start=start, stop=start + self.length)


@dataclass(frozen=True, kw_only=True)
class Select(Function):
    """A single place of a dimension, which goes: `y = x[:, index]` for dim 1."""

    dim: int = setting(Integer(), doc="dimension, the batch being 0")
    index: int = setting(Integer(), doc="the place, counted from the end where negative")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse places outside."""
        self._place(inputs[0])

    def _place(self, x: TensorType) -> tuple[int, int]:
        axis = positive_dim(self.dim, x)
        size = size_along(x, axis)
        if not -size <= self.index < size:
            raise LayerError(
                f"index {self.index} is outside dim {self.dim} of the input {shape_text(x.shape)}, "
                f"which has the places {-size} to {size - 1}"
            )
        return axis, self.index % size

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a slice and a reshape."""
        (x,) = inputs
        axis, place = self._place(x.type)
        taken = e.emit("slice", x, axis=axis, start=place, stop=place + 1)
        return e.emit("reshape", taken, shape=(*x.shape[:axis], *x.shape[axis + 1 :]))


@dataclass(frozen=True, kw_only=True)
class Index(Function):
    """Places of a dimension that the spec lists, in this order, perhaps repeatedly (torch.index_select)."""

    dim: int = setting(Integer(), doc="dimension, the batch being 0")
    index: tuple[int, ...] = setting(
        Listed(Integer()), doc="the places, counted from the end where negative"
    )

    def conflict(self) -> str:
        """Refuse to take nothing."""
        return "index is empty" * (not self.index)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse places outside."""
        for place in self.index:
            Select(dim=self.dim, index=place).check(inputs)

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a slice per run of neighbours and their concatenation."""
        (x,) = inputs
        axis = positive_dim(self.dim, x.type)
        size = size_along(x.type, axis)
        runs: list[list[int]] = []
        for place in (given % size for given in self.index):
            if runs and runs[-1][1] == place:
                runs[-1][1] = place + 1
            else:
                runs.append([place, place + 1])
        parts = [e.emit("slice", x, axis=axis, start=a, stop=b) for a, b in runs]
        return parts[0] if len(parts) == 1 else e.emit("concat", *parts, axis=axis)
