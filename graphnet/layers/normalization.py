"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Flag, Integer, Listed, Optional, Real, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value

ONES = Initial("ones", {})
ZEROS = Initial("zeros", {})


@dataclass(frozen=True, kw_only=True)
class BatchNorm1d(Layer):
    """Normalise every channel over the batch (and length), then scale and shift it.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias` with `x` (N, C) or (N, C, L) and all
    others (C). While training, mean and biased variance are those of the batch, and the running ones
    move towards them by `momentum` (the variance unbiased); otherwise the running ones are used.
    A batch of one sample without length has variance 0 and trains on; torch refuses it.

    References:
        Ioffe and Szegedy, "Batch Normalization", 2015, algorithms 1 and 2.
    """

    num_features: int | None = setting(
        Optional(Integer(1)), None, doc="number of channels C; inferred"
    )
    eps: float = setting(Real(above=0.0), 1e-5, doc="added to the variance")
    momentum: float = setting(
        Real(low=0.0, high=1.0), 0.1, doc="how far the running statistics move in a step"
    )
    affine: bool = setting(Flag(), True, doc="whether weight and bias exist")
    track_running_stats: bool = setting(
        Flag(), True, doc="keep running statistics; without them the batch's own are always used"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks than 2 and 3 and other channel counts than `num_features`."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank not in (2, 3):
            raise LayerError(f"takes [N, C] or [N, C, L], the input is {shape_text(x.shape)}")
        if self.num_features not in (None, x.shape[1]):
            raise LayerError(
                f"num_features is {self.num_features}, but the input {shape_text(x.shape)} has "
                f"{x.shape[1]} channels",
                f"write num_features: {x.shape[1]}, or leave it out",
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight, bias (C) and the running statistics, by torch's names."""
        vector = inputs[0].with_shape(inputs[0].shape[1])
        found: dict[str, Parameter] = {}
        if self.affine:
            found |= {"weight": Parameter(vector, ONES), "bias": Parameter(vector, ZEROS)}
        if self.track_running_stats:
            counter = TensorType((), "int64")
            found |= {
                "running_mean": Parameter(vector, ZEROS, trained=False),
                "running_var": Parameter(vector, ONES, trained=False),
                "num_batches_tracked": Parameter(counter, ZEROS, trained=False),
            }
        return found

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit normalisation by the batch's or the running statistics, then scale and shift."""
        (x,) = inputs
        axes = (0, *range(2, x.rank))
        along: Shape = (x.shape[1],) + (1,) * (x.rank - 2)
        if self.track_running_stats and not training:
            y = self._by_running(e, x, parameters, along)
        else:
            y = self._by_batch(e, x, parameters, axes)
        for op, name in (("mul", "weight"), ("add", "bias")):
            if name in parameters:
                y = e.emit(op, y, _spread_along(e, parameters[name], along))
        return y

    def _by_batch(
        self, e: Emitter, x: Value, parameters: Mapping[str, Value], axes: tuple[int, ...]
    ) -> Value:
        y, mean, variance, _ = e.emit_all("normalize", x, axes=axes, eps=self.eps)
        if self.track_running_stats:
            e.emit("increment", accumulates=(parameters["num_batches_tracked"],))
            for value, name in ((mean, "running_mean"), (variance, "running_var")):
                e.emit(
                    "running_average",
                    value,
                    x,
                    accumulates=(parameters[name],),
                    momentum=self.momentum,
                    unbiased=name == "running_var",
                )
        return y

    def _by_running(
        self, e: Emitter, x: Value, parameters: Mapping[str, Value], along: Shape
    ) -> Value:
        mean = _spread_along(e, parameters["running_mean"], along)
        deviation = e.emit("sqrt", e.emit("shift", parameters["running_var"], amount=self.eps))
        return e.emit("div", e.emit("sub", x, mean), _spread_along(e, deviation, along))


def _spread_along(e: Emitter, vector: Value, shape: Shape) -> Value:
    """Return a per-channel vector shaped so that it broadcasts along the channels."""
    return vector if vector.shape == shape else e.emit("reshape", vector, shape=shape)


@dataclass(frozen=True, kw_only=True)
class LayerNorm(Layer):
    """Normalise every sample over its last dimensions, then scale and shift element by element.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias`, mean and biased variance over the last
    dimensions `normalized_shape`, which is also the shape of `weight` and `bias`.

    References:
        Ba, Kiros and Hinton, "Layer Normalization", 2016, equation 4.
    """

    normalized_shape: int | tuple[int, ...] | None = setting(
        Optional(Either((Integer(1), Listed(Integer(1))))),
        None,
        doc="the last dimensions of the input; the very last one where left out",
    )
    eps: float = setting(Real(above=0.0), 1e-5, doc="added to the variance")
    elementwise_affine: bool = setting(Flag(), True, doc="whether weight and bias exist")
    bias: bool = setting(Flag(), True, doc="whether bias exists beside weight")

    def _shape(self, x: TensorType) -> tuple[int, ...]:
        if self.normalized_shape is None:
            return tuple(dim for dim in x.shape[-1:] if isinstance(dim, int))
        given = self.normalized_shape
        return (given,) if isinstance(given, int) else given

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that do not end in `normalized_shape`."""
        needs_floats(inputs)
        (x,) = inputs
        shape = self._shape(x)
        if not shape or x.rank <= len(shape) or x.shape[-len(shape) :] != shape:
            raise LayerError(
                f"normalized_shape {shape_text(shape)} is not how the input {shape_text(x.shape)} ends"
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight and bias of the normalized shape."""
        if not self.elementwise_affine:
            return {}
        kind = inputs[0].with_shape(*self._shape(inputs[0]))
        found = {"weight": Parameter(kind, ONES)}
        return found | {"bias": Parameter(kind, ZEROS)} if self.bias else found

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit normalisation over the last dimensions, then scale and shift."""
        (x,) = inputs
        count = len(self._shape(x.type))
        axes = tuple(range(x.rank - count, x.rank))
        y = e.emit("normalize", x, axes=axes, eps=self.eps)
        for op, name in (("mul", "weight"), ("add", "bias")):
            if name in parameters:
                y = e.emit(op, y, parameters[name])
        return y
