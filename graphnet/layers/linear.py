"""Linear: the affine map of the last dimension."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Integer, Optional, setting
from graphnet.ir import Shape, TensorType, product, shape_text
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value


def uniform_within(bound: float) -> Initial:
    """Return the initializer that draws uniformly between -bound and bound."""
    return Initial("uniform", {"a": -bound, "b": bound})


@dataclass(frozen=True, kw_only=True)
class Linear(Layer):
    """Affine map of the last dimension.

    `y = x W^T + b` with `x` (N, ..., in_features), `weight` W (out_features, in_features), `bias` b
    (out_features), `y` (N, ..., out_features). Both start uniform within 1 / sqrt(in_features), which is
    what torch.nn.Linear's kaiming_uniform with a = sqrt(5) comes to.
    """

    out_features: int = setting(Integer(1), doc="size of the last dimension of the output")
    in_features: int | None = setting(
        Optional(Integer(1)), None, doc="size of the last dimension of the input; inferred"
    )
    bias: bool = setting(Flag(), True, doc="whether b is added")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs without a feature dimension or of another size than `in_features`."""
        (x,) = inputs
        features = feature_count(x)
        if self.in_features not in (None, features):
            raise LayerError(
                f"in_features is {self.in_features}, but the input {shape_text(x.shape)} has "
                f"{features} features",
                f"write in_features: {features}, or leave it out",
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (out_features, in_features) and `bias` (out_features)."""
        (x,) = inputs
        features = feature_count(x)
        initial = uniform_within(1.0 / math.sqrt(features))
        weight = Parameter(x.with_shape(self.out_features, features), initial, features)
        bias = Parameter(x.with_shape(self.out_features), initial, features)
        return {"weight": weight, "bias": bias} if self.bias else {"weight": weight}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a product with the turned weight and a sum; leading dimensions are joined for it."""
        (x,) = inputs
        rows = rows_of(e, x)
        y = e.emit("matmul", rows, parameters["weight"], transpose_a=False, transpose_b=True)
        if self.bias:
            y = e.emit("add", y, parameters["bias"])
        if x.rank == 2:
            return y
        return e.emit("reshape", y, shape=(*x.shape[:-1], self.out_features))


def feature_count(x: TensorType) -> int:
    """Return the size of the last dimension.

    Raises:
        LayerError: When `x` has no dimension but the batch, or is not of floating point numbers.
    """
    if not x.is_float:
        raise LayerError(f"needs floating point numbers, the input holds {x.dtype}")
    last = x.shape[-1]
    if x.rank < 2 or not isinstance(last, int):
        raise LayerError(
            f"needs at least one dimension beside the batch, the input is {shape_text(x.shape)}"
        )
    return last


def rows_of(e: Emitter, x: Value) -> Value:
    """Return `x` as a matrix whose rows are its last dimension."""
    if x.rank == 2:
        return x
    shape: Shape = (product(x.shape[:-1]), x.shape[-1])
    return e.emit("reshape", x, shape=shape)
