"""Normalisation of each sample by itself: layer, group, root mean square and local response norm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Flag, Integer, Listed, Optional, Real, setting
from graphnet.ir import Batch, Dim, Shape, TensorType, product, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.channel_norm import ONES, ZEROS, spread_along
from graphnet.layers.layer import Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value

EPSILONS = {"float32": 2.0**-23, "float64": 2.0**-52}
"""Distance from 1 to the next number."""


@dataclass(frozen=True, kw_only=True)
class LastDimensionsNorm(Layer):
    """Base of layers that normalise over the last dimensions of their input."""

    normalized_shape: int | tuple[int, ...] | None = setting(
        Optional(Either((Integer(1), Listed(Integer(1))))),
        None,
        doc="the last dimensions of the input; the very last one where left out",
    )

    def shape_in(self, x: TensorType) -> tuple[int, ...]:
        """Return the dimensions that are normalised over."""
        if self.normalized_shape is None:
            return tuple(dim for dim in x.shape[-1:] if isinstance(dim, int))
        given = self.normalized_shape
        return (given,) if isinstance(given, int) else given

    def axes_in(self, x: TensorType) -> tuple[int, ...]:
        """Return where those dimensions are."""
        return tuple(range(x.rank - len(self.shape_in(x)), x.rank))

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that do not end in `normalized_shape`."""
        needs_floats(inputs)
        (x,) = inputs
        shape = self.shape_in(x)
        if not shape or x.rank <= len(shape) or x.shape[-len(shape) :] != shape:
            raise LayerError(
                f"normalized_shape {shape_text(shape)} is not how the input {shape_text(x.shape)} ends"
            )


@dataclass(frozen=True, kw_only=True)
class LayerNorm(LastDimensionsNorm):
    """Normalise every sample over its last dimensions, then scale and shift element by element.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias`, mean and biased variance over the last
    dimensions `normalized_shape`, which is also the shape of `weight` and `bias`.

    References:
        Ba, Kiros and Hinton, "Layer Normalization", 2016, equation 4.
    """

    eps: float = setting(Real(above=0.0), 1e-5, doc="added to the variance")
    elementwise_affine: bool = setting(Flag(), True, doc="whether weight and bias exist")
    bias: bool = setting(Flag(), True, doc="whether bias exists beside weight")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight and bias of the normalized shape."""
        if not self.elementwise_affine:
            return {}
        kind = inputs[0].with_shape(*self.shape_in(inputs[0]))
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
        y = e.emit("normalize", x, axes=self.axes_in(x.type), eps=self.eps)
        for op, name in (("mul", "weight"), ("add", "bias")):
            if name in parameters:
                y = e.emit(op, y, parameters[name])
        return y


@dataclass(frozen=True, kw_only=True)
class RMSNorm(LastDimensionsNorm):
    """Divide every sample by its root mean square over its last dimensions, then scale it.

    `y = x / sqrt(mean(x^2) + eps) * weight`, the mean over the last dimensions `normalized_shape`, which is
    also the shape of `weight`.

    References:
        Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, equation 4.
    """

    eps: float | None = setting(
        Optional(Real(low=0.0)),
        None,
        doc="added to the mean square; null is the distance from 1 to the next number",
    )
    elementwise_affine: bool = setting(Flag(), True, doc="whether weight exists")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight of the normalized shape."""
        if not self.elementwise_affine:
            return {}
        kind = inputs[0].with_shape(*self.shape_in(inputs[0]))
        return {"weight": Parameter(kind, ONES)}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the division, then the product with weight."""
        (x,) = inputs
        eps = EPSILONS[x.dtype] if self.eps is None else self.eps
        y = e.emit("rms_normalize", x, axes=self.axes_in(x.type), eps=eps)
        return e.emit("mul", y, parameters["weight"]) if self.elementwise_affine else y


@dataclass(frozen=True, kw_only=True)
class GroupNorm(Layer):
    """Normalise groups of channels of every sample, then scale and shift each channel.

    `y = (x - mean) / sqrt(variance + eps) * weight + bias` with `x` (N, C, ...), mean and biased variance
    over each of `num_groups` runs of C / num_groups channels and all further dimensions, `weight` and `bias`
    (C).

    References:
        Wu and He, "Group Normalization", 2018, equations 1 to 7.
    """

    num_groups: int = setting(Integer(1), doc="number of groups; divides C")
    num_channels: int | None = setting(
        Optional(Integer(1)), None, doc="number of channels C; inferred"
    )
    eps: float = setting(Real(above=0.0), 1e-5, doc="added to the variance")
    affine: bool = setting(Flag(), True, doc="whether weight and bias exist")
    bias: bool = setting(Flag(), True, doc="whether bias exists beside weight")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs without channels, of another count, or that the groups do not divide."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank < 2:
            raise LayerError(f"takes [N, C, ...], the input is {shape_text(x.shape)}")
        if self.num_channels not in (None, x.shape[1]):
            raise LayerError(
                f"num_channels is {self.num_channels}, but the input {shape_text(x.shape)} has "
                f"{x.shape[1]} channels",
                f"write num_channels: {x.shape[1]}, or leave it out",
            )
        channels = _whole(x.shape[1])
        if channels % self.num_groups:
            raise LayerError(
                f"num_groups {self.num_groups} does not divide the {channels} channels of the input "
                f"{shape_text(x.shape)}"
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight and bias (C)."""
        vector = inputs[0].with_shape(inputs[0].shape[1])
        found = {"weight": Parameter(vector, ONES)} if self.affine else {}
        return found | {"bias": Parameter(vector, ZEROS)} if self.affine and self.bias else found

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit normalisation of the groups as rows, then scale and shift."""
        (x,) = inputs
        size = _whole(product(x.shape[1:])) // self.num_groups
        rows = e.emit("reshape", x, shape=(x.shape[0], self.num_groups, size))
        y = e.emit("reshape", e.emit("normalize", rows, axes=(2,), eps=self.eps), shape=x.shape)
        along: Shape = (x.shape[1],) + (1,) * (x.rank - 2)
        for op, name in (("mul", "weight"), ("add", "bias")):
            if name in parameters:
                y = e.emit(op, y, spread_along(e, parameters[name], along))
        return y


@dataclass(frozen=True, kw_only=True)
class LocalResponseNorm(Layer):
    """Divide every channel by what its neighbours hold.

    `y[c] = x[c] / (k + alpha / size * sum of x[j]^2)^beta`, the sum over the `size` channels j from
    c - size // 2 on that exist, with `x` and `y` (N, C, ...).

    References:
        Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
        2012, section 3.3; alpha divided by size, as in torch.
    """

    size: int = setting(Integer(1), doc="number of channels that are summed over")
    alpha: float = setting(Real(low=0.0), 1e-4, doc="factor on the mean of squares")
    beta: float = setting(Real(low=0.0), 0.75, doc="exponent")
    k: float = setting(Real(low=0.0), 1.0, doc="added to the mean of squares")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs without channels."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank < 3:
            raise LayerError(
                f"takes [N, C, ...] of at least 3 dimensions, not {shape_text(x.shape)}"
            )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the sum of shifted squares, and the product with its power."""
        (x,) = inputs
        padded = self._padded(e, e.emit("square", x))
        parts = [
            e.emit("slice", padded, axis=1, start=start, stop=start + _whole(x.shape[1]))
            for start in range(1 + sum(self._reach(x)))
        ]
        total = parts[0]
        for part in parts[1:]:
            total = e.emit("add", total, part)
        mean = e.emit("scale", total, factor=self.alpha / self.size)
        return e.emit(
            "mul", x, e.emit("power", e.emit("shift", mean, amount=self.k), exponent=-self.beta)
        )

    def _reach(self, x: Value) -> tuple[int, int]:
        """Return how many channels before and behind are summed over, of those that there can be."""
        others = _whole(x.shape[1]) - 1
        return min(self.size // 2, others), min((self.size - 1) // 2, others)

    def _padded(self, e: Emitter, x: Value) -> Value:
        """Return `x` with channels of zeros around those that exist."""
        zero, axes = e.constant(0.0, x.dtype), tuple(range(x.rank))
        around = [
            e.emit("expand", zero, shape=(x.shape[0], count, *x.shape[2:]), axes=axes, mean=False)
            for count in self._reach(x)
            if count
        ]
        before, after = around[:1], around[1:]
        return e.emit("concat", *before, x, *after, axis=1) if around else x


def _whole(dim: Dim) -> int:
    """Return a dimension that is not the batch."""
    return dim.multiple if isinstance(dim, Batch) else dim
