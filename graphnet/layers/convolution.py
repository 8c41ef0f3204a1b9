"""Convolution along one, two or three axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Choice, Either, Flag, Integer, Listed, Optional, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.axes import PerAxis, Spatial, each_axis, fixed
from graphnet.layers.layer import Initial, LayerError, Parameter
from graphnet.layers.linear import uniform_within
from graphnet.layers.padding import MODES, check_around, pad_around
from graphnet.ops import Emitter, Value
from graphnet.ops.window import reach, window_count

PADDING = Either((Choice(("valid", "same")), Integer(0), Listed(Integer(0))))


@dataclass(frozen=True, kw_only=True)
class Convolution(Spatial):
    """Base of convolutions: channels, kernel and groups, weight and bias."""

    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "dilation")

    out_channels: int = setting(Integer(1), doc="channels of the output")
    kernel_size: PerAxis = setting(each_axis(1), doc="taps along each axis")
    in_channels: int | None = setting(
        Optional(Integer(1)), None, doc="channels of the input; inferred"
    )
    stride: PerAxis = setting(each_axis(1), 1, doc="step from window to window")
    dilation: PerAxis = setting(each_axis(1), 1, doc="step from tap to tap")
    groups: int = setting(
        Integer(1), 1, doc="parts into which channels are divided, each convolved alone"
    )
    bias: bool = setting(Flag(), True, doc="whether b is added")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks and channels, and groups that do not divide the channels."""
        super().check(inputs)
        (x,) = inputs
        channels = self.channels_of(x)
        if self.in_channels not in (None, channels):
            raise LayerError(
                f"in_channels is {self.in_channels}, but the input {shape_text(x.shape)} has "
                f"{channels} channels",
                f"write in_channels: {channels}, or leave it out",
            )
        for what, count in (("input", channels), ("output", self.out_channels)):
            if count % self.groups:
                raise LayerError(
                    f"groups {self.groups} does not divide the {count} channels of the {what}"
                )

    def channels_of(self, x: TensorType) -> int:
        """Return the channels of the input."""
        return fixed(x.shape[1:2])[0]

    def weight_and_bias(self, first: int, second: int, x: TensorType) -> dict[str, Parameter]:
        """Return the parameters; the weight is (first, second, taps ...)."""
        kernel = self.along("kernel_size")
        fan_in = second * math.prod(kernel)
        initial: Initial = uniform_within(1.0 / math.sqrt(fan_in))
        weight = Parameter(x.with_shape(first, second, *kernel), initial, fan_in)
        bias = Parameter(x.with_shape(self.out_channels), initial, fan_in)
        return {"weight": weight, "bias": bias} if self.bias else {"weight": weight}

    def turned(self, e: Emitter, x: Value) -> Value:
        """Return `x` with its samples last, as ops of convolution take it."""
        return e.emit("permute", x, axes=(*range(1, x.rank), 0))

    def finished(self, e: Emitter, y: Value, parameters: Mapping[str, Value]) -> Value:
        """Return `y` with the bias added and its samples first again."""
        if self.bias:
            shape = (self.out_channels,) + (1,) * (self.rank + 1)
            y = e.emit("add", y, e.emit("reshape", parameters["bias"], shape=shape))
        return e.emit("permute", y, axes=(y.rank - 1, *range(y.rank - 1)))


@dataclass(frozen=True, kw_only=True)
class ConvNd(Convolution):
    """Base of convolutions along some axes."""

    padding: str | PerAxis = setting(
        PADDING,
        0,
        doc="elements put before and behind; same: as many as keep the size (at stride 1)",
    )

    padding_mode: str = setting(
        Choice(("zeros", *MODES)), "zeros", doc="what the padding is made of"
    )

    def _padding(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return how many elements stand before and behind, along each axis."""
        rank = self.rank
        if self.padding == "same":
            around = [
                reach(k, d) - 1
                for k, d in zip(self.along("kernel_size"), self.along("dilation"), strict=True)
            ]
            before = tuple(total // 2 for total in around)
            return before, tuple(t - b for t, b in zip(around, before, strict=True))
        if self.padding == "valid":
            return (0,) * rank, (0,) * rank
        return self.along("padding"), self.along("padding")

    def conflict(self) -> str:
        """Refuse padding same with a stride."""
        if self.padding == "same" and set(self.along("stride")) != {1}:
            return f"padding same keeps the size, which stride {self.stride} does not"
        return super().conflict()

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what all convolutions refuse, and kernels larger than the padded input."""
        super().check(inputs)
        sizes, (before, after) = fixed(inputs[0].shape[2:]), self._padding()
        check_around(self.padding_mode, sizes, list(zip(before, after, strict=True)))
        check_windows(self, sizes, before, after)

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (out_channels, in_channels / groups, kernel ...) and `bias` (out_channels)."""
        (x,) = inputs
        return self.weight_and_bias(self.out_channels, self.channels_of(x) // self.groups, x)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a convolution of the input with its samples last, and a sum."""
        x, (before, after) = self.turned(e, inputs[0]), self._padding()
        if self.padding_mode != "zeros":
            pairs = list(zip(before, after, strict=True))
            x = pad_around(e, x, self.padding_mode, range(1, x.rank - 1), pairs)
            before = after = (0,) * self.rank
        options: dict[str, Any] = {"before": before, "after": after, "groups": self.groups}
        options |= {name: self.along(name) for name in ("stride", "dilation")}
        y = e.emit("conv", x, parameters["weight"], **options)
        return self.finished(e, y, parameters)


def check_windows(
    layer: Spatial, sizes: Sequence[int], before: Sequence[int], after: Sequence[int]
) -> None:
    """Refuse windows that do not fit into the padded input.

    Raises:
        LayerError: With the values of the formula.
    """
    rows = (layer.along("kernel_size"), layer.along("stride"), before, after)
    dilation = layer.along("dilation") if hasattr(layer, "dilation") else (1,) * layer.rank
    for axis, (size, *row, d) in enumerate(zip(sizes, *rows, dilation, strict=True), 2):
        kernel, stride, left, right = row
        if window_count(size, kernel, stride, left, right, d) >= 1:
            continue
        told = f"{reach(kernel, d)} = {d} * ({kernel} - 1) + 1" if d > 1 else str(kernel)
        raise LayerError(
            f"the kernel reaches over {told} elements along dim {axis}, but the padded input has "
            f"{size} + {left} + {right} = {size + left + right}",
            "make kernel_size smaller or padding larger",
        )


class Conv1d(ConvNd):
    """Convolution along a sequence, `x` (N, C, L) to `y` (N, O, M).

    `y[n, o, p] = b[o] + sum over c, t of weight[o, c, t] x[n, c, p stride - padding + t dilation]`, zero
    outside `x`; `M = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1`. `weight` is
    (O, C / groups, kernel_size), `bias` (O), both uniform within 1 / sqrt(C / groups kernel_size) at first.
    """

    rank = 1


class Conv2d(ConvNd):
    """Convolution of images, `x` (N, C, H, W) to `y` (N, O, H', W').

    As Conv1d along both axes; `weight` is (O, C / groups, kernel height, kernel width). Every setting but
    channels and groups is one number or [height, width].

    References:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
    """

    rank = 2


class Conv3d(ConvNd):
    """Convolution of volumes, `x` (N, C, D, H, W) to `y` (N, O, D', H', W').

    As Conv1d along all three axes; `weight` is (O, C / groups, kernel depth, height, width). Every setting
    but channels and groups is one number or [depth, height, width].
    """

    rank = 3
