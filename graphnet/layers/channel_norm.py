"""Normalisation by channel: batch and instance norm, which differ in what they average over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Flag, Integer, Optional, Real, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value

ONES = Initial("ones", {})
ZEROS = Initial("zeros", {})


def spread_along(e: Emitter, vector: Value, shape: Shape) -> Value:
    """Return a per-channel vector shaped so that it broadcasts along the channels."""
    return vector if vector.shape == shape else e.emit("reshape", vector, shape=shape)


@dataclass(frozen=True, kw_only=True)
class ChannelNorm(Layer):
    """Base of layers that normalise each channel (dimension 1), then scale and shift it.

    Subclasses say which ranks they take and from which dimension on they average; batch norm also
    averages over the batch.
    """

    taken: ClassVar[tuple[str, ...]]
    """The shapes that inputs may have, as they are written."""
    over_batch: ClassVar[bool] = True
    """Whether averages go over the batch too."""

    num_features: int | None = setting(
        Optional(Integer(1)), None, doc="number of channels C; inferred"
    )
    eps: float = setting(Real(above=0.0), 1e-5, doc="added to the variance")
    momentum: float | None = setting(
        Optional(Real(low=0.0, high=1.0)),
        0.1,
        doc="how far the running statistics move in a step; null keeps the average of all steps",
    )
    affine: bool = setting(Flag(), True, doc="whether weight and bias exist")
    track_running_stats: bool = setting(
        Flag(), True, doc="keep running statistics; without them the batch's own are always used"
    )
    bias: bool = setting(Flag(), True, doc="whether bias exists beside weight")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks and other channel counts than `num_features`."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank not in [len(shape.split(",")) for shape in self.taken]:
            taken = " or ".join(self.taken)
            raise LayerError(f"takes {taken}, the input is {shape_text(x.shape)}")
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
            found["weight"] = Parameter(vector, ONES)
        if self.affine and self.bias:
            found["bias"] = Parameter(vector, ZEROS)
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
        """Emit normalisation by the input's own or the running statistics, then scale and shift."""
        (x,) = inputs
        along: Shape = (x.shape[1],) + (1,) * (x.rank - 2)
        if self.track_running_stats and not training:
            y = self._by_running(e, x, parameters, along)
        else:
            y = self._by_own(e, x, parameters)
        for op, name in (("mul", "weight"), ("add", "bias")):
            if name in parameters:
                y = e.emit(op, y, spread_along(e, parameters[name], along))
        return y

    def _by_own(self, e: Emitter, x: Value, parameters: Mapping[str, Value]) -> Value:
        axes = ((0,) if self.over_batch else ()) + tuple(range(2, x.rank))
        y, mean, variance, _ = e.emit_all("normalize", x, axes=axes, eps=self.eps)
        if self.track_running_stats:
            self._follow(e, x, mean, variance, parameters)
        return y

    def _follow(
        self,
        e: Emitter,
        x: Value,
        mean: Value,
        variance: Value,
        parameters: Mapping[str, Value],
    ) -> None:
        """Count the step, and move the running statistics towards its own."""
        count = parameters["num_batches_tracked"]
        e.emit("increment", accumulates=(count,))
        for value, name in ((mean, "running_mean"), (variance, "running_var")):
            running, unbiased = (parameters[name],), name == "running_var"
            if self.momentum is None:
                e.emit(
                    "cumulative_average", value, x, count, accumulates=running, unbiased=unbiased
                )
            else:
                e.emit(
                    "running_average",
                    value,
                    x,
                    accumulates=running,
                    momentum=self.momentum,
                    unbiased=unbiased,
                )

    def _by_running(
        self, e: Emitter, x: Value, parameters: Mapping[str, Value], along: Shape
    ) -> Value:
        mean = spread_along(e, parameters["running_mean"], along)
        deviation = e.emit("sqrt", e.emit("shift", parameters["running_var"], amount=self.eps))
        return e.emit("div", e.emit("sub", x, mean), spread_along(e, deviation, along))


@dataclass(frozen=True, kw_only=True)
class BatchNorm1d(ChannelNorm):
    """Normalise every channel over the batch (and length), then scale and shift it.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias` with `x` (N, C) or (N, C, L) and all
    others (C). While training, mean and biased variance are those of the batch, and the running ones
    move towards them by `momentum` (the variance unbiased); otherwise the running ones are used.
    Where a channel has a single value its variance is 0 and training goes on; torch refuses that.

    References:
        Ioffe and Szegedy, "Batch Normalization", 2015, algorithms 1 and 2.
    """

    taken = (
        "[N, C]",
        "[N, C, L]",
    )


@dataclass(frozen=True, kw_only=True)
class BatchNorm2d(ChannelNorm):
    """Normalise every channel over the batch, height and width, then scale and shift it.

    As BatchNorm1d, with `x` (N, C, H, W) and all others (C).

    References:
        Ioffe and Szegedy, "Batch Normalization", 2015, section 3.2.
    """

    taken = ("[N, C, H, W]",)


@dataclass(frozen=True, kw_only=True)
class BatchNorm3d(ChannelNorm):
    """Normalise every channel over the batch, depth, height and width, then scale and shift it.

    As BatchNorm1d, with `x` (N, C, D, H, W) and all others (C).

    References:
        Ioffe and Szegedy, "Batch Normalization", 2015, section 3.2.
    """

    taken = ("[N, C, D, H, W]",)


@dataclass(frozen=True, kw_only=True)
class InstanceNorm(ChannelNorm):
    """Base of instance norm: every channel of every sample by itself.

    `num_batches_tracked` exists as in torch, which never counts it up; so `momentum` may not be null.
    """

    over_batch = False
    momentum: float = setting(
        Real(low=0.0, high=1.0), 0.1, doc="how far the running statistics move in a step"
    )
    affine: bool = setting(Flag(), False, doc="whether weight and bias exist")
    track_running_stats: bool = setting(
        Flag(),
        False,
        doc="keep running statistics and use them when not training, as batch norm does",
    )

    def _follow(
        self,
        e: Emitter,
        x: Value,
        mean: Value,
        variance: Value,
        parameters: Mapping[str, Value],
    ) -> None:
        """Move the running statistics towards the averages over the batch; torch counts no steps here."""
        size = math.prod(dim for dim in x.shape[2:] if isinstance(dim, int))
        unbiased = e.emit("scale", variance, factor=size / max(1, size - 1))
        for value, name in ((mean, "running_mean"), (unbiased, "running_var")):
            average = e.emit("mean", value, axes=(0,), keepdims=True)
            e.emit(
                "running_average",
                average,
                x,
                accumulates=(parameters[name],),
                momentum=self.momentum,
                unbiased=False,
            )


@dataclass(frozen=True, kw_only=True)
class InstanceNorm1d(InstanceNorm):
    """Normalise every channel of every sample over its length.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias` with `x` (N, C, L), mean and biased variance
    (N, C), weight and bias (C) where `affine`. With `track_running_stats` the running statistics (C) move
    towards the averages over the batch, and are used when not training. A single value has variance 0;
    torch refuses it.

    References:
        Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, equation 2.
    """

    taken = ("[N, C, L]",)


@dataclass(frozen=True, kw_only=True)
class InstanceNorm2d(InstanceNorm):
    """Normalise every channel of every sample over its height and width.

    As InstanceNorm1d, with `x` (N, C, H, W).

    References:
        Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, equation 2.
    """

    taken = ("[N, C, H, W]",)


@dataclass(frozen=True, kw_only=True)
class InstanceNorm3d(InstanceNorm):
    """Normalise every channel of every sample over its depth, height and width.

    As InstanceNorm1d, with `x` (N, C, D, H, W).

    References:
        Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, equation 2.
    """

    taken = ("[N, C, D, H, W]",)
