"""Products of matrices that are both inputs, and the bilinear map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Integer, Optional, setting
from graphnet.ir import TensorType, product, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.function import Function, joint_shape
from graphnet.layers.layer import Layer, LayerError, Parameter
from graphnet.layers.linear import feature_count, rows_of, uniform_within
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class MatMul(Function):
    """Products of matrices, `y = a b`, one for each sample (torch.matmul).

    `a` (N, ..., n, k), `b` (N, ..., k, m), `y` (N, ..., n, m). Dimensions between the batch and the matrices
    are equal, or 1 and repeated. Both inputs have a batch, for neither is a parameter.
    """

    arity = (2, 2)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no matrix per sample, inner sizes that differ, and shapes that do not broadcast."""
        needs_floats(inputs)
        a, b = inputs
        both = f"{shape_text(a.shape)} and {shape_text(b.shape)}"
        if a.rank < 3 or b.rank < 3:
            raise LayerError(
                f"needs a matrix for each sample, [N, ..., n, k], the inputs are {both}"
            )
        if a.shape[-1] != b.shape[-2]:
            raise LayerError(
                f"cannot multiply {both}: the last size {a.shape[-1]} of the first is not the size "
                f"{b.shape[-2]} before the last of the second"
            )
        if a.rank != b.rank:
            raise LayerError(
                f"cannot multiply {both}: they have {a.rank} and {b.rank} dimensions",
                "add dimensions of size 1 with Unsqueeze",
            )
        joint_shape([t.with_shape(*t.shape[:-2]) for t in inputs], stretch=True)

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit repetitions where sizes are 1, and a product."""
        leading = [value.type.with_shape(*value.shape[:-2]) for value in inputs]
        shape = joint_shape(leading, stretch=True)
        wide = []
        for value in inputs:
            axes = tuple(at for at, dim in enumerate(shape) if value.shape[at] != dim)
            full = (*shape, *value.shape[-2:])
            wide.append(
                e.emit("expand", value, shape=full, axes=axes, mean=False) if axes else value
            )
        return e.emit("matmul", *wide, transpose_a=False, transpose_b=False)


class Bmm(MatMul):
    """Products of matrices, `y = a b`, one for each sample: `a` (N, n, k), `b` (N, k, m), `y` (N, n, m)."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what MatMul refuses, and further dimensions."""
        super().check(inputs)
        if inputs[0].rank != 3:
            raise LayerError(
                f"needs [N, n, k] and [N, k, m], the inputs are {shape_text(inputs[0].shape)} and "
                f"{shape_text(inputs[1].shape)}",
                "use MatMul",
            )


@dataclass(frozen=True, kw_only=True)
class Bilinear(Layer):
    """Bilinear map of the last dimensions of two inputs, `y_k = a^T W_k b + bias_k`.

    `a` (N, ..., in1_features), `b` (N, ..., in2_features), `weight` W (out_features, in1_features,
    in2_features), `bias` (out_features), `y` (N, ..., out_features). Both start uniform within
    1 / sqrt(in1_features).
    """

    arity = (2, 2)
    out_features: int = setting(Integer(1), doc="size of the last dimension of the output")
    in1_features: int | None = setting(
        Optional(Integer(1)), None, doc="size of the last dimension of the first input; inferred"
    )
    in2_features: int | None = setting(
        Optional(Integer(1)), None, doc="size of the last dimension of the second input; inferred"
    )
    bias: bool = setting(Flag(), True, doc="whether the bias is added")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs of other sizes than are given, and that differ in more than the last dimension."""
        a, b = inputs
        for name, given, x in (
            ("in1_features", self.in1_features, a),
            ("in2_features", self.in2_features, b),
        ):
            features = feature_count(x)
            if given not in (None, features):
                raise LayerError(
                    f"{name} is {given}, but the input {shape_text(x.shape)} has {features} features",
                    f"write {name}: {features}, or leave it out",
                )
        if a.shape[:-1] != b.shape[:-1]:
            raise LayerError(
                f"the inputs {shape_text(a.shape)} and {shape_text(b.shape)} differ in more than the "
                "last dimension"
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (out_features, in1_features, in2_features) and `bias` (out_features)."""
        one, other = (feature_count(x) for x in inputs)
        initial = uniform_within(1.0 / math.sqrt(one))
        weight = Parameter(TensorType((self.out_features, one, other), dtype), initial, one)
        bias = Parameter(TensorType((self.out_features,), dtype), initial, one)
        return {"weight": weight, "bias": bias} if self.bias else {"weight": weight}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit all `a^T W` at once, and a product with `b` for each row."""
        a, b = (rows_of(e, x) for x in inputs)
        rows, one, other = a.shape[0], a.shape[1], b.shape[1]
        turned = e.emit("permute", parameters["weight"], axes=(1, 0, 2))
        joined = product((self.out_features, other))
        flat = e.emit("reshape", turned, shape=(one, joined))
        left = e.emit("matmul", a, flat, transpose_a=False, transpose_b=False)
        left = e.emit("reshape", left, shape=(rows, self.out_features, other))
        column = e.emit("reshape", b, shape=(rows, other, 1))
        y = e.emit("matmul", left, column, transpose_a=False, transpose_b=False)
        y = e.emit("reshape", y, shape=(rows, self.out_features))
        if self.bias:
            y = e.emit("add", y, parameters["bias"])
        shape = (*inputs[0].shape[:-1], self.out_features)
        return y if y.shape == shape else e.emit("reshape", y, shape=shape)
