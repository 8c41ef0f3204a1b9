"""Layers that give values another shape or order; they take numbers of any type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Integer, Listed, setting
from graphnet.ir import Dim, Shape, TensorType, shape_text
from graphnet.layers.activation import positive_dim
from graphnet.layers.function import DIMS, Dims, Function, needs_dimension, positive_dims
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value

SIZES = Listed(Integer(-1))


def sizes_of(shape: Shape) -> tuple[int, ...]:
    """Return the sizes per sample of a value."""
    return tuple(dim for dim in shape[1:] if isinstance(dim, int))


def filled(wanted: Sequence[int], count: int, what: str) -> tuple[int, ...]:
    """Return sizes with -1 replaced by what is left of `count` elements.

    Raises:
        LayerError: When they do not multiply to `count`.

    Example:
        >>> filled((2, -1), 6, "shape")
        (2, 3)
    """
    known = math.prod(size for size in wanted if size >= 0)
    holes = sum(size < 0 for size in wanted)
    if holes > 1:
        raise LayerError(f"{what} {list(wanted)} has -1 more than once")
    left = count // known if known and count % known == 0 else 0
    if holes == 0 and known != count:
        raise LayerError(f"{what} {list(wanted)} has {known} elements, the input {count}")
    if holes and not left:
        raise LayerError(
            f"{what} {list(wanted)} leaves {count} / {known} for -1, which is not whole"
        )
    return tuple(left if size < 0 else size for size in wanted)


@dataclass(frozen=True, kw_only=True)
class Reshape(Function):
    """The same elements in the same order in another shape: `x` (N, ...), `y` (N, *shape)."""

    shape: tuple[int, ...] = setting(
        SIZES, doc="shape per sample; one size may be -1, what is left"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse shapes of another number of elements."""
        self._wanted(inputs[0])

    def _wanted(self, x: TensorType) -> tuple[int, ...]:
        return filled(self.shape, math.prod(sizes_of(x.shape)), "shape")

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        return e.emit("reshape", x, shape=(x.shape[0], *self._wanted(x.type)))


@dataclass(frozen=True, kw_only=True)
class Unflatten(Function):
    """Divide a dimension: `x` (N, ..., a b, ...), `y` (N, ..., a, b, ...)."""

    dim: int = setting(Integer(), doc="dimension that is divided, the batch being 0")
    unflattened_size: tuple[int, ...] = setting(SIZES, doc="its sizes; one may be -1, what is left")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse sizes that do not multiply to the dimension's."""
        self._wanted(inputs[0])

    def _wanted(self, x: TensorType) -> Shape:
        axis = positive_dim(self.dim, x)
        size = sizes_of(x.shape)[axis - 1]
        parts = filled(self.unflattened_size, size, "unflattened_size")
        return (*x.shape[:axis], *parts, *x.shape[axis + 1 :])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        return e.emit("reshape", x, shape=self._wanted(x.type))


@dataclass(frozen=True, kw_only=True)
class Squeeze(Function):
    """Drop dimensions of size 1: those named, or all but the batch that have this size."""

    dim: Dims = setting(DIMS, None, doc="dimensions that go, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse dimensions that are not there, the batch, or of another size."""
        self._axes(inputs[0])

    def _axes(self, x: TensorType) -> tuple[int, ...]:
        if self.dim is None:
            return tuple(axis for axis in range(1, x.rank) if x.shape[axis] == 1)
        axes = positive_dims(self.dim, x)
        for axis in axes:
            if x.shape[axis] != 1:
                raise LayerError(
                    f"dim {axis} of the input {shape_text(x.shape)} has size {x.shape[axis]}, not 1"
                )
        return axes

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        axes = self._axes(x.type)
        shape = tuple(dim for axis, dim in enumerate(x.shape) if axis not in axes)
        return e.emit("reshape", x, shape=shape)


@dataclass(frozen=True, kw_only=True)
class Unsqueeze(Function):
    """Add a dimension of size 1 at `dim`."""

    dim: int = setting(Integer(), doc="where it is in the result, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse places outside, and before the batch."""
        self._axis(inputs[0])

    def _axis(self, x: TensorType) -> int:
        return positive_dim(self.dim, x.with_shape(*x.shape, 1))

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        axis = self._axis(x.type)
        return e.emit("reshape", x, shape=(*x.shape[:axis], 1, *x.shape[axis:]))


@dataclass(frozen=True, kw_only=True)
class Permute(Function):
    """Put the dimensions in another order, the batch staying first: `y[i, j, k] = x` with dims[k] as k."""

    dims: tuple[int, ...] = setting(
        Listed(Integer()), doc="all dimensions in their new order, 0 first"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no order of all dimensions, or moves the batch."""
        self._order(inputs[0])

    def _order(self, x: TensorType) -> tuple[int, ...]:
        order = tuple(dim + x.rank if dim < 0 else dim for dim in self.dims)
        if sorted(order) != list(range(x.rank)):
            raise LayerError(
                f"dims {list(self.dims)} is not an order of the {x.rank} dimensions of the input "
                f"{shape_text(x.shape)}",
                "name every dimension once, the batch (0) first",
            )
        if order[0] != 0:
            raise LayerError(f"dims {list(self.dims)} moves the batch", "let dims begin with 0")
        return order

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        return e.emit("permute", x, axes=self._order(x.type))


@dataclass(frozen=True, kw_only=True)
class Transpose(Function):
    """Exchange two dimensions."""

    dim0: int = setting(Integer(), doc="one of them, the batch being 0")
    dim1: int = setting(Integer(), doc="the other")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse dimensions that are not there or the batch."""
        for dim in (self.dim0, self.dim1):
            positive_dim(dim, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        one, other = positive_dim(self.dim0, x.type), positive_dim(self.dim1, x.type)
        axes = list(range(x.rank))
        axes[one], axes[other] = other, one
        return e.emit("permute", x, axes=tuple(axes))


@dataclass(frozen=True, kw_only=True)
class Expand(Function):
    """Repeat dimensions of size 1: `x` (N, 1, ...), `y` (N, *shape); new dimensions may come first."""

    shape: tuple[int, ...] = setting(SIZES, doc="shape per sample; -1 leaves a size as it is")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse shapes that would repeat anything but size 1."""
        self._wanted(inputs[0])

    def _wanted(self, x: TensorType) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape per sample and that of x with as many dimensions."""
        sizes = sizes_of(x.shape)
        extra = len(self.shape) - len(sizes)
        told = f"cannot expand {shape_text(x.shape)} to [N, {', '.join(map(str, self.shape))}]"
        if extra < 0:
            raise LayerError(f"{told}: it has more dimensions")
        narrow = (1,) * extra + sizes
        wanted = tuple(
            own if size < 0 else size for size, own in zip(self.shape, narrow, strict=True)
        )
        for size, own in zip(wanted, narrow, strict=True):
            if own not in (1, size) or size == 0:
                raise LayerError(f"{told}: {own} is neither 1 nor {size}")
        return wanted, narrow

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a reshape where dimensions are new, and the repetition."""
        (x,) = inputs
        wanted, narrow = self._wanted(x.type)
        return repeated(e, x, narrow, wanted)


def repeated(e: Emitter, x: Value, narrow: Sequence[int], wanted: Sequence[int]) -> Value:
    """Emit the repetition of a value of sizes `narrow` per sample to those wanted."""
    batch: Dim = x.shape[0]
    axes = tuple(
        axis
        for axis, (own, size) in enumerate(zip(narrow, wanted, strict=True), start=1)
        if own != size
    )
    if (batch, *narrow) != x.shape:
        x = e.emit("reshape", x, shape=(batch, *narrow))
    return e.emit("expand", x, shape=(batch, *wanted), axes=axes, mean=False) if axes else x


@dataclass(frozen=True, kw_only=True)
class Tile(Function):
    """Repeat a value along its dimensions: `x` (N, a, b), `y` (N, r a, s b) for repeats [r, s]."""

    repeats: tuple[int, ...] = setting(
        Listed(Integer(1)), doc="how often, per dimension of a sample; the last ones if fewer"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse more repeats than dimensions."""
        (x,) = inputs
        if len(self.repeats) > x.rank - 1:
            raise LayerError(
                f"repeats {list(self.repeats)} has {len(self.repeats)} numbers, the input "
                f"{shape_text(x.shape)} {x.rank - 1} dimensions beside the batch"
            )

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a repetition along new dimensions, which are then joined with the old ones."""
        (x,) = inputs
        sizes = sizes_of(x.shape)
        counts = (1,) * (len(sizes) - len(self.repeats)) + self.repeats
        narrow = [size for own in sizes for size in (1, own)]
        wanted = [size for pair in zip(counts, sizes, strict=True) for size in pair]
        wide = repeated(e, x, narrow, wanted)
        joined = (count * own for count, own in zip(counts, sizes, strict=True))
        return e.emit("reshape", wide, shape=(x.shape[0], *joined))


@dataclass(frozen=True, kw_only=True)
class Flip(Function):
    """Reverse the order along dimensions."""

    dims: Dims = setting(
        DIMS, None, doc="dimensions, the batch being 0; all but the batch by default"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse dimensions that are not there or the batch."""
        needs_dimension(inputs[0])
        positive_dims(self.dims, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op per dimension."""
        (x,) = inputs
        for axis in positive_dims(self.dims, x.type):
            x = e.emit("flip", x, axis=axis)
        return x


@dataclass(frozen=True, kw_only=True)
class Roll(Function):
    """Move values along dimensions; what leaves at one end comes in at the other."""

    shifts: int | tuple[int, ...] = setting(
        Either((Integer(), Listed(Integer()))), doc="by how much, along each of dims"
    )
    dims: int | tuple[int, ...] = setting(
        Either((Integer(), Listed(Integer()))), -1, doc="dimensions, the batch being 0"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse dimensions that are not there or the batch, and another number of shifts."""
        self._moves(inputs[0])

    def _moves(self, x: TensorType) -> list[tuple[int, int]]:
        shifts = (self.shifts,) if isinstance(self.shifts, int) else self.shifts
        dims = (self.dims,) if isinstance(self.dims, int) else self.dims
        if len(shifts) != len(dims):
            raise LayerError(f"there are {len(shifts)} shifts for {len(dims)} dims")
        return [(positive_dim(dim, x), by) for dim, by in zip(dims, shifts, strict=True)]

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit the two parts of each dimension in the other order."""
        (x,) = inputs
        for axis, by in self._moves(x.type):
            size = sizes_of(x.shape)[axis - 1]
            cut = -by % size
            if cut:
                last = e.emit("slice", x, axis=axis, start=cut, stop=size)
                first = e.emit("slice", x, axis=axis, start=0, stop=cut)
                x = e.emit("concat", last, first, axis=axis)
        return x
