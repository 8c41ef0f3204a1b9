"""Layers that select by whole numbers which are inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.layers.activation import needs_floats, positive_dim
from graphnet.layers.function import Function
from graphnet.layers.layer import LayerError
from graphnet.layers.parts import size_along
from graphnet.ops import Emitter, Value


def needs_whole(x: TensorType, what: str) -> None:
    """Refuse what does not hold whole numbers.

    Raises:
        LayerError: Naming the element type.
    """
    if x.dtype != "int64":
        raise LayerError(
            f"needs whole numbers for {what}, it holds {x.dtype}",
            "declare the input as {shape: [...], dtype: int64}",
        )


@dataclass(frozen=True, kw_only=True)
class Gather(Function):
    """Select along a dimension by whole numbers, `y[n, i, j] = x[n, i, index[n, i, j]]` for dim 2.

    Reads `x` (N, ..., C, ...) and `index` (N, ..., K, ...), whole numbers in [0, C); `y` has the shape of the
    index. Both have equal dimensions but for `dim` (torch.gather lets the index be smaller).
    """

    arity = (2, 2)
    dim: int = setting(Integer(), -1, doc="dimension that is selected along, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse indices that are not whole numbers or of another shape."""
        x, index = inputs
        needs_floats([x])
        needs_whole(index, "the index")
        axis = positive_dim(self.dim, x)
        rest = [(*t.shape[:axis], *t.shape[axis + 1 :]) for t in inputs]
        if x.rank != index.rank or rest[0] != rest[1]:
            raise LayerError(
                f"the input {shape_text(x.shape)} and the index {shape_text(index.shape)} differ in "
                f"more than dim {self.dim}"
            )

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the size of the dimension."""
        return size_along(inputs[0], positive_dim(self.dim, inputs[0]))

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a copy of x for each place of the index, and pick one element of each."""
        x, index = inputs
        axis = positive_dim(self.dim, x.type)
        count = size_along(index.type, axis)
        before, after = x.shape[:axis], x.shape[axis + 1 :]
        narrow: Shape = (*before, 1, x.shape[axis], *after)
        wide: Shape = (*before, count, x.shape[axis], *after)
        copies = e.emit("reshape", x, shape=narrow)
        copies = e.emit("expand", copies, shape=wide, axes=(axis,), mean=False)
        base = e.emit("base_positions", axis=axis + 1, shape=wide)
        return e.emit("pick", copies, index, base, axis=axis + 1)


@dataclass(frozen=True, kw_only=True)
class OneHot(Function):
    """`y[..., c] = 1` where c = x[...], else 0, numbers of the network's type.

    `x` (N, ...) whole numbers in [0, num_classes), `y` (N, ..., num_classes).
    """

    num_classes: int = setting(Integer(1), doc="size of the new last dimension")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that are not whole numbers."""
        needs_whole(inputs[0], "the input")

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number of classes."""
        return self.num_classes

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit ones that are put in their places."""
        (x,) = inputs
        one = e.constant(1.0, e.floats)
        axes = tuple(range(x.rank))
        ones = e.emit("expand", one, shape=x.shape, axes=axes, mean=False)
        base = e.emit("base_positions", axis=x.rank, shape=(*x.shape, self.num_classes))
        return e.emit("unpick", ones, x, base, axis=x.rank, size=self.num_classes)
