"""Layers that give values another shape or order; they take numbers of any type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Integer, Listed, setting
from graphnet.errors import counted
from graphnet.ir import Shape, TensorType, shape_text
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
        one, other = (
            positive_dim(self.dim0, x.type, "dim0"),
            positive_dim(self.dim1, x.type, "dim1"),
        )
        axes = list(range(x.rank))
        axes[one], axes[other] = other, one
        return e.emit("permute", x, axes=tuple(axes))


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
            raise LayerError(f"shifts has {counted(len(shifts), 'number')}, dims {len(dims)}")
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
