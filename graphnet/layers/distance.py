"""Lengths, angles and distances along a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Integer, Real, setting
from graphnet.ir import TensorType
from graphnet.layers.activation import needs_floats, positive_dim
from graphnet.layers.function import Function, joint_shape
from graphnet.layers.rectifier import LARGEST
from graphnet.layers.reduction import P, norm
from graphnet.ops import Emitter, Value
from graphnet.ops.reduction import reduced_shape


def at_least(e: Emitter, x: Value, low: float) -> Value:
    """Emit `max(x, low)`, whose gradient at the bound is 1."""
    return e.emit("clamp", x, low=low, high=LARGEST, inclusive=True)


@dataclass(frozen=True, kw_only=True)
class Normalize(Function):
    """Divide by the length along `dim`, `y = x / max((sum |x|^p)^(1 / p), eps)` (F.normalize)."""

    p: float | str = setting(P, 2.0, doc="which norm: a power, or inf")
    dim: int = setting(
        Integer(), 1, doc="dimension along which lengths are taken, the batch being 0"
    )
    eps: float = setting(Real(above=0.0), 1e-12, doc="least length that is divided by")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, and a dimension that is not there or the batch."""
        needs_floats(inputs)
        positive_dim(self.dim, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit the length and a quotient."""
        (x,) = inputs
        axis = positive_dim(self.dim, x.type)
        return e.emit("div", x, at_least(e, norm(e, x, (axis,), self.p), self.eps))


@dataclass(frozen=True, kw_only=True)
class CosineSimilarity(Function):
    """Cosine of the angle along `dim`, `y = a . b / (max(|a|, eps) max(|b|, eps))`; `y` is without it.

    Both inputs have one shape.
    """

    arity = (2, 2)
    dim: int = setting(
        Integer(), 1, doc="dimension along which they are vectors, the batch being 0"
    )
    eps: float = setting(Real(above=0.0), 1e-8, doc="least length that is divided by")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, different shapes, and a dimension that is not there or the batch."""
        needs_floats(inputs)
        joint_shape(inputs, stretch=False, offer=False)
        positive_dim(self.dim, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit both vectors divided by their lengths, and the sum of their products."""
        axis = positive_dim(self.dim, inputs[0].type)
        one, other = (
            e.emit("div", x, at_least(e, norm(e, x, (axis,), 2.0), self.eps)) for x in inputs
        )
        return e.emit("sum", e.emit("mul", one, other), axes=(axis,), keepdims=False)


@dataclass(frozen=True, kw_only=True)
class PairwiseDistance(Function):
    """Distance along the last dimension, `y = (sum |a - b + eps|^p)^(1 / p)`.

    Both inputs (N, ..., D), `y` (N, ...), or (N, ..., 1) with `keepdim`.
    """

    arity = (2, 2)
    p: float | str = setting(P, 2.0, doc="which norm: a power, or inf")
    eps: float = setting(Real(), 1e-6, doc="added to every difference, as in torch")
    keepdim: bool = setting(Flag(), False, doc="keep the last dimension with size 1")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, different shapes and single numbers."""
        needs_floats(inputs)
        joint_shape(inputs, stretch=False, offer=False)
        positive_dim(-1, inputs[0])

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit the difference and its length."""
        a, b = inputs
        axis = a.rank - 1
        apart = e.emit("shift", e.emit("sub", a, b), amount=self.eps)
        found = norm(e, apart, (axis,), self.p)
        shape = reduced_shape(a.shape, (axis,), self.keepdim)
        return found if self.keepdim else e.emit("reshape", found, shape=shape)
