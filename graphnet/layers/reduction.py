"""Sums, means and other summaries over dimensions; the batch is never one of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Either, Flag, Integer, Real, setting
from graphnet.ir import TensorType, product, shape_text
from graphnet.layers.activation import needs_floats, positive_dim
from graphnet.layers.function import DIMS, Dims, Function, needs_dimension, positive_dims
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value, root
from graphnet.ops.reduction import reduced_shape


@dataclass(frozen=True, kw_only=True)
class Reduction(Function):
    """Base of summaries over dimensions: `x` (N, ...), `y` without them, or with size 1 if `keepdim`."""

    dim: Dims = setting(
        DIMS, None, doc="dimensions that go, the batch being 0; all but the batch by default"
    )
    keepdim: bool = setting(Flag(), False, doc="keep them with size 1")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and dimensions that are not there or the batch."""
        needs_floats(inputs)
        needs_dimension(inputs[0])
        positive_dims(self.dim, inputs[0])

    @abstractmethod
    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit the summary, the axes kept with size 1."""

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit the summary, and drop the axes where that is asked for."""
        (x,) = inputs
        axes = positive_dims(self.dim, x.type)
        found = self.over(e, x, axes)
        shape = reduced_shape(x.shape, axes, self.keepdim)
        return found if found.shape == shape else e.emit("reshape", found, shape=shape)


def count_over(x: TensorType, axes: tuple[int, ...]) -> int:
    """Return how many elements each result summarises."""
    return int(str(product(tuple(x.shape[axis] for axis in axes))))


class Sum(Reduction):
    """Sum over dimensions, `y = sum x`."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit one op."""
        return e.emit("sum", x, axes=axes, keepdims=True)


class Mean(Reduction):
    """Mean over dimensions, `y = sum x / n`."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit one op."""
        return e.emit("mean", x, axes=axes, keepdims=True)


class Max(Reduction):
    """Greatest value over dimensions; where several are as great they share the gradient (torch.amax)."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit one op."""
        return e.emit("max", x, axes=axes, keepdims=True)


class Min(Reduction):
    """Least value over dimensions; where several are as small they share the gradient (torch.amin)."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit the greatest of the negative."""
        turned = e.emit("scale", x, factor=-1.0)
        return e.emit("scale", e.emit("max", turned, axes=axes, keepdims=True), factor=-1.0)


class Prod(Reduction):
    """Product over dimensions, `y = x1 x2 ...`; its gradient is exact where factors are 0."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit one op per dimension."""
        for axis in axes:
            x = e.emit("prod", x, axis=axis)
        return x


def variance(e: Emitter, x: Value, axes: tuple[int, ...], correction: int) -> Value:
    """Emit `sum (x - mean)^2 / (n - correction)`, the axes kept with size 1."""
    centred = e.emit("sub", x, e.emit("mean", x, axes=axes, keepdims=True))
    total = e.emit("sum", e.emit("square", centred), axes=axes, keepdims=True)
    return e.emit("scale", total, factor=1.0 / (count_over(x.type, axes) - correction))


@dataclass(frozen=True, kw_only=True)
class Var(Reduction):
    """Variance over dimensions, `y = sum (x - mean)^2 / (n - correction)`."""

    correction: int = setting(Integer(0), 1, doc="0 for the biased, 1 for the unbiased variance")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse too few elements beside what Reduction refuses."""
        super().check(inputs)
        (x,) = inputs
        count = count_over(x, positive_dims(self.dim, x))
        if count <= self.correction:
            raise LayerError(
                f"the variance of {count} values of the input {shape_text(x.shape)} divides by "
                f"{count} - correction = {count - self.correction}",
                "write correction: 0, or name more dimensions",
            )

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit the mean square of what differs from the mean."""
        return variance(e, x, axes, self.correction)


class Std(Var):
    """Standard deviation over dimensions, `y = sqrt(sum (x - mean)^2 / (n - correction))`.

    Where all values are equal its gradient is 0, as in torch.
    """

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit the root of the variance."""
        return root(e, variance(e, x, axes, self.correction))


class LogSumExp(Reduction):
    """`y = log sum exp(x)` over dimensions, without overflow."""

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit it with the greatest value taken out."""
        top = e.emit("max", e.emit("detach", x), axes=axes, keepdims=True)
        total = e.emit("sum", e.emit("exp", e.emit("sub", x, top)), axes=axes, keepdims=True)
        return e.emit("add", e.emit("log", total), top)


def norm(e: Emitter, x: Value, axes: tuple[int, ...], p: float | str) -> Value:
    """Emit `(sum |x|^p)^(1 / p)`, or the greatest |x| for `inf`, the axes kept with size 1."""
    if p == "inf":
        return e.emit("max", e.emit("abs", x), axes=axes, keepdims=True)
    if p == 1.0:
        return e.emit("sum", e.emit("abs", x), axes=axes, keepdims=True)
    power = (
        e.emit("square", x) if p == 2.0 else e.emit("power", e.emit("abs", x), exponent=float(p))
    )
    return root(e, e.emit("sum", power, axes=axes, keepdims=True), 1.0 / float(p))


P = Either((Real(low=1.0), Choice(("inf",))))
"""Which norm: a power of at least 1, or `inf`."""


@dataclass(frozen=True, kw_only=True)
class Norm(Reduction):
    """Length over dimensions, `y = (sum |x|^p)^(1 / p)`; the greatest |x| for `p: inf`.

    Where all values are 0 the gradient is 0, as in torch (torch.linalg.vector_norm).
    """

    p: float | str = setting(P, 2.0, doc="power, or inf")

    def over(self, e: Emitter, x: Value, axes: tuple[int, ...]) -> Value:
        """Emit the norm."""
        return norm(e, x, axes, self.p)


@dataclass(frozen=True, kw_only=True)
class ArgMax(Function):
    """Place of the greatest value along `dim`, the first where several are: `y` whole numbers, without it."""

    sign: ClassVar[float] = 1.0
    dim: int = setting(Integer(), -1, doc="dimension searched, the batch being 0")
    keepdim: bool = setting(Flag(), False, doc="keep it with size 1")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and a dimension that is not there or the batch."""
        needs_floats(inputs)
        positive_dim(self.dim, inputs[0])

    def index_bound(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the size of the dimension."""
        size = inputs[0].shape[positive_dim(self.dim, inputs[0])]
        return size if isinstance(size, int) else None

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op, of the negative for the least value."""
        (x,) = inputs
        axis = positive_dim(self.dim, x.type)
        if self.sign < 0:
            x = e.emit("scale", x, factor=-1.0)
        found = e.emit("argmax", x, axis=axis)
        shape = reduced_shape(x.shape, (axis,), self.keepdim)
        return e.emit("reshape", found, shape=shape) if self.keepdim else found


class ArgMin(ArgMax):
    """Place of the least value along `dim`, the first where several are: `y` whole numbers, without it."""

    sign = -1.0


@dataclass(frozen=True, kw_only=True)
class CumSum(Function):
    """Running sums along `dim`, `y[i] = x[0] + ... + x[i]`; `y` has the shape of `x`."""

    dim: int = setting(Integer(), -1, doc="dimension along which is summed, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and a dimension that is not there or the batch."""
        needs_floats(inputs)
        positive_dim(self.dim, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        (x,) = inputs
        return e.emit("cumsum", x, axis=positive_dim(self.dim, x.type), reverse=False)
