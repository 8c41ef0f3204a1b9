"""Layers that move elements between channels and axes: shuffles, patches laid out and put back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Integer, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.axes import PerAxis, Spatial, each_axis, fixed
from graphnet.layers.convolution import check_windows
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, Value
from graphnet.ops.window import Windows


def _images(x: TensorType) -> tuple[int, int, int]:
    """Return channels, height and width.

    Raises:
        LayerError: When the input has not that many dimensions.
    """
    if x.rank < 4:
        raise LayerError(f"takes [N, C, H, W], the input is {shape_text(x.shape)}")
    channels, height, width = fixed(x.shape[-3:])
    return channels, height, width


@dataclass(frozen=True, kw_only=True)
class PixelShuffle(Layer):
    """Channels made pixels, `x` (N, C r^2, H, W) to `y` (N, C, H r, W r), r the upscale_factor.

    `y[n, c, h r + i, w r + j] = x[n, c r^2 + i r + j, h, w]`.

    References:
        Shi et al., "Real-time single image and video super-resolution", 2016, equation 4.
    """

    upscale_factor: int = setting(Integer(1), doc="r, how many times larger images get")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that are no images, and channels that r^2 does not divide."""
        needs_floats(inputs)
        channels, _, _ = _images(inputs[0])
        if channels % self.upscale_factor**2:
            raise LayerError(
                f"upscale_factor {self.upscale_factor} makes a pixel of {self.upscale_factor**2} channels, "
                f"which does not divide the {channels} of {shape_text(inputs[0].shape)}"
            )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a permutation between two reshapes."""
        (x,) = inputs
        channels, height, width = _images(x.type)
        r, lead = self.upscale_factor, x.shape[:-3]
        inner: Shape = (*lead, channels // r**2, r, r, height, width)
        k = len(lead)
        order = (*range(k), k, k + 3, k + 1, k + 4, k + 2)
        y = e.emit("permute", e.emit("reshape", x, shape=inner), axes=order)
        return e.emit("reshape", y, shape=(*lead, channels // r**2, height * r, width * r))


@dataclass(frozen=True, kw_only=True)
class PixelUnshuffle(Layer):
    """Pixels made channels, `x` (N, C, H r, W r) to `y` (N, C r^2, H, W), r the downscale_factor."""

    downscale_factor: int = setting(Integer(1), doc="r, how many times smaller images get")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that are no images, and sizes that r does not divide."""
        needs_floats(inputs)
        _, height, width = _images(inputs[0])
        if height % self.downscale_factor or width % self.downscale_factor:
            raise LayerError(
                f"downscale_factor {self.downscale_factor} does not divide height and width of "
                f"{shape_text(inputs[0].shape)}"
            )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a permutation between two reshapes."""
        (x,) = inputs
        channels, height, width = _images(x.type)
        r, lead = self.downscale_factor, x.shape[:-3]
        inner: Shape = (*lead, channels, height // r, r, width // r, r)
        k = len(lead)
        order = (*range(k), k, k + 2, k + 4, k + 1, k + 3)
        y = e.emit("permute", e.emit("reshape", x, shape=inner), axes=order)
        return e.emit("reshape", y, shape=(*lead, channels * r**2, height // r, width // r))


@dataclass(frozen=True, kw_only=True)
class ChannelShuffle(Layer):
    """Channels dealt out anew, `x` (N, C, axes ...): `y[:, i groups + j] = x[:, j C / groups + i]`.

    References:
        Zhang et al., "ShuffleNet", 2017, figure 1.
    """

    groups: int = setting(Integer(1), doc="parts that channels are dealt out from in turn")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs without axes, and groups that do not divide the channels."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank < 3:
            raise LayerError(f"takes [N, C, axes ...], the input is {shape_text(x.shape)}")
        if fixed(x.shape[1:2])[0] % self.groups:
            raise LayerError(f"groups {self.groups} does not divide the {x.shape[1]} channels")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a permutation between two reshapes."""
        (x,) = inputs
        (channels,) = fixed(x.shape[1:2])
        inner: Shape = (x.shape[0], self.groups, channels // self.groups, *x.shape[2:])
        order = (0, 2, 1, *range(3, len(inner)))
        y = e.emit("permute", e.emit("reshape", x, shape=inner), axes=order)
        return e.emit("reshape", y, shape=x.shape)


@dataclass(frozen=True, kw_only=True)
class Patches(Spatial):
    """Base of Unfold and Fold: windows over images."""

    rank = 2
    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "dilation", "padding", "stride")

    kernel_size: PerAxis = setting(each_axis(1), doc="taps along each axis")
    dilation: PerAxis = setting(each_axis(1), 1, doc="step from tap to tap")
    padding: PerAxis = setting(each_axis(0), 0, doc="zeros put before and behind")
    stride: PerAxis = setting(each_axis(1), 1, doc="step from window to window")

    def windows(self) -> dict[str, Any]:
        """Return the attributes of the ops."""
        names = {"kernel": "kernel_size", "stride": "stride", "dilation": "dilation"}
        padding = {key: self.along("padding") for key in ("before", "after")}
        return {key: self.along(name) for key, name in names.items()} | padding


class Unfold(Patches):
    """Patches of images laid out in columns, `x` (N, C, H, W) to `y` (N, C taps, windows).

    Row `c taps + t` of column p is the element of channel c under tap t of window p; both are counted row by
    row.
    """

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and kernels larger than the padded input."""
        super().check(inputs)
        padding = self.along("padding")
        check_windows(self, fixed(inputs[0].shape[2:]), padding, padding)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the op, and join its axes."""
        y = e.emit("unfold", inputs[0], **self.windows())
        rows, columns = math.prod(fixed(y.shape[1:4])), math.prod(fixed(y.shape[4:]))
        return e.emit("reshape", y, shape=(y.shape[0], rows, columns))


@dataclass(frozen=True, kw_only=True)
class Fold(Patches):
    """Sums of patches put back as Unfold takes them, `x` (N, C taps, windows) to `y` (N, C, H, W)."""

    per_axis: ClassVar[tuple[str, ...]] = (*Patches.per_axis, "output_size")

    output_size: PerAxis = setting(each_axis(1), doc="height and width of the result")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that are not as many patches of such a size."""
        needs_floats(inputs)
        (x,) = inputs
        if x.rank != 3:
            raise LayerError(f"takes [N, C taps, windows], the input is {shape_text(x.shape)}")
        rows, columns = fixed(x.shape[1:])
        padding, sizes = self.along("padding"), self.along("output_size")
        check_windows(self, sizes, padding, padding)
        taps = math.prod(self.along("kernel_size"))
        counts = Windows.of(self.windows()).counts(sizes)
        if rows % taps:
            raise LayerError(
                f"the {taps} taps of a window do not divide the {rows} rows of {shape_text(x.shape)}"
            )
        if columns != math.prod(counts):
            raise LayerError(
                f"{shape_text(sizes)} has {counts[0]} * {counts[1]} = {math.prod(counts)} windows, the input "
                f"{shape_text(x.shape)} has {columns}"
            )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the op, once axes are apart."""
        (x,) = inputs
        kernel, sizes = self.along("kernel_size"), self.along("output_size")
        counts = Windows.of(self.windows()).counts(sizes)
        channels = fixed(x.shape[1:2])[0] // math.prod(kernel)
        apart: Shape = (x.shape[0], channels, *kernel, *counts)
        return e.emit("fold", e.emit("reshape", x, shape=apart), **self.windows(), spatial=sizes)
