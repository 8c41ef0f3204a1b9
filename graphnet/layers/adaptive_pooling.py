"""Adaptive pooling: windows that share an axis out evenly; and undoing a pooling by its indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Either, Flag, Integer, Listed, Optional, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.axes import PerAxis, Spatial, check_length, each_axis, fixed
from graphnet.layers.layer import LayerError
from graphnet.layers.pooling import INDICES, Span, largest_of, plain_windows
from graphnet.ops import Emitter, Value

SIZES = Either((Integer(1), Listed(Optional(Integer(1)))))
Sizes = int | tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class AdaptivePooling(Spatial):
    """Base of adaptive pooling: as many windows as asked for, evenly shared out."""

    per_axis: ClassVar[tuple[str, ...]] = ("output_size",)

    output_size: Sizes = setting(
        SIZES, doc="windows along each axis; null for as many as there are elements"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and windows without number."""
        super().check(inputs)
        for axis, _, count in self.sizes(inputs[0]):
            check_length(count, axis)

    def sizes(self, x: TensorType) -> list[tuple[int, int, int]]:
        """Return number of the axis, its size and how many windows it gets, for each axis."""
        rows = zip(fixed(x.shape[2:]), self.along("output_size"), strict=True)
        return [(axis, size, count or size) for axis, (size, count) in enumerate(rows, 2)]


@dataclass(frozen=True, kw_only=True)
class AdaptiveAvgPoolNd(AdaptivePooling):
    """Base of adaptive pooling that takes the mean."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit means where one window takes all, sums where windows are alike, else a product."""
        (y,) = inputs
        rows = [row for row in self.sizes(y.type) if row[1] != row[2]]
        whole = tuple(axis for axis, _, count in rows if count == 1)
        even = [row for row in rows if row[2] > 1 and row[1] % row[2] == 0]
        if whole:
            y = e.emit("mean", y, axes=whole, keepdims=True)
        if even:
            options = plain_windows(even)
            total = e.emit("window_sum", y, **options)
            y = e.emit("scale", total, factor=1.0 / math.prod(options["kernel"]))
        for axis, size, count in rows:
            if size % count:
                matrix = e.emit("averaging_matrix", count=count, size=size, dtype=y.dtype)
                y = e.emit("axis_product", y, matrix, axis=axis, transpose=False)
        return y


class AdaptiveAvgPool1d(AdaptiveAvgPoolNd):
    """Mean of each of `output_size` windows along a sequence, `x` (N, C, L) to `y` (N, C, output_size).

    Window i begins at floor(i L / output_size) and ends before ceil((i + 1) L / output_size).
    """

    rank = 1


class AdaptiveAvgPool2d(AdaptiveAvgPoolNd):
    """Mean of each window of images, `x` (N, C, H, W) to `y` (N, C, *output_size).

    As AdaptiveAvgPool1d along both axes; 1 gives the mean of each channel.
    """

    rank = 2


class AdaptiveAvgPool3d(AdaptiveAvgPoolNd):
    """Mean of each window of volumes, `x` (N, C, D, H, W) to `y` (N, C, *output_size).

    As AdaptiveAvgPool1d along all three axes.
    """

    rank = 3


def shares(size: int, count: int) -> Span:
    """Return for windows that share an axis out where each begins, and what to take for all of them.

    Shorter windows end in copies of their last element, so that all are equally long.

    Example:
        >>> shares(5, 3)
        ((0, 1, 3), (0, 1, 1, 1, 2, 3, 3, 4, 4))
    """
    starts = tuple(i * size // count for i in range(count))
    ends = [-(-(i + 1) * size // count) for i in range(count)]
    longest = max(end - start for start, end in zip(starts, ends, strict=True))
    rows = zip(starts, ends, strict=True)
    return starts, tuple(min(start + t, end - 1) for start, end in rows for t in range(longest))


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPoolNd(AdaptivePooling):
    """Base of adaptive pooling that takes the largest element."""

    return_indices: bool = setting(Flag(), False, doc=INDICES)

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the results: the largest elements and, where asked for, their positions."""
        return ("output", "indices") if self.return_indices else ("output",)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what all adaptive pooling does, and more elements than can be listed."""
        super().check(inputs)
        for axis, size, _ in self.sizes(inputs[0]):
            check_length(size, axis)

    def index_bound(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number of elements of a plane, all of which windows reach."""
        return math.prod(fixed(inputs[0].shape[2:]))

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit a plain pooling, of windows made equally long where they are not."""
        spans = [shares(size, count) for _, size, count in self.sizes(inputs[0].type)]
        return largest_of(e, inputs[0], spans, training=training, indices=self.return_indices)


class AdaptiveMaxPool1d(AdaptiveMaxPoolNd):
    """Largest element of each window along a sequence, `x` (N, C, L) to `y` (N, C, output_size).

    Windows as in AdaptiveAvgPool1d, indices as in MaxPool1d.
    """

    rank = 1


class AdaptiveMaxPool2d(AdaptiveMaxPoolNd):
    """Largest element of each window of images, `x` (N, C, H, W) to `y` (N, C, *output_size).

    As AdaptiveMaxPool1d along both axes.
    """

    rank = 2


class AdaptiveMaxPool3d(AdaptiveMaxPoolNd):
    """Largest element of each window of volumes, `x` (N, C, D, H, W) to `y` (N, C, *output_size).

    As AdaptiveMaxPool1d along all three axes.
    """

    rank = 3


@dataclass(frozen=True, kw_only=True)
class MaxUnpoolNd(Spatial):
    """Base of layers that put elements back where a pooling found them."""

    arity = (2, 2)
    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "output_size")

    kernel_size: PerAxis = setting(each_axis(1), doc="elements of a window of the pooling")
    stride: PerAxis | None = setting(
        Optional(each_axis(1)),
        None,
        doc="its step from window to window; kernel_size where left out",
    )
    padding: PerAxis = setting(each_axis(0), 0, doc="its padding")
    output_size: PerAxis | None = setting(
        Optional(each_axis(1)),
        None,
        doc="sizes of the result where (L - 1) stride - 2 padding + kernel_size "
        "is not meant (torch: an argument of the call)",
    )

    def sizes(self, x: TensorType) -> tuple[int, ...]:
        """Return the sizes of the result along each axis."""
        if self.output_size is not None:
            return self.along("output_size")
        kernel, padding = self.along("kernel_size"), self.along("padding")
        stride = kernel if self.stride is None else self.along("stride")
        rows = zip(fixed(x.shape[2:]), kernel, stride, padding, strict=True)
        return tuple((size - 1) * s - 2 * p + k for size, k, s, p in rows)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse indices that are none or of another shape, and results without elements."""
        x, index = inputs
        super().check(inputs[:1])
        if index.dtype != "int64" or index.shape != x.shape:
            raise LayerError(
                f"needs a whole number for each element of {shape_text(x.shape)}, the second input is "
                f"{index}",
                "read NAME.indices of a pooling with return_indices: true",
            )
        sizes = self.sizes(x)
        if min(sizes) < 1:
            raise LayerError(f"the result would have the sizes {shape_text(sizes)}")
        if math.prod(sizes) < math.prod(fixed(x.shape[2:])):
            raise LayerError(
                f"{shape_text(x.shape)} has more elements than a result of {shape_text(sizes)}"
            )

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number of elements of a plane of the result."""
        return math.prod(self.sizes(inputs[0]))

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the op along axes that are joined for it."""
        x, index = inputs
        sizes = self.sizes(x.type)
        flat = (*x.shape[:2], math.prod(fixed(x.shape[2:])))
        rows = [e.emit("reshape", value, shape=flat) for value in (x, index)]
        y = e.emit("unpool", *rows, size=math.prod(sizes))
        return e.emit("reshape", y, shape=(*x.shape[:2], *sizes))


class MaxUnpool1d(MaxUnpoolNd):
    """Zeros but for the elements of `x` at the positions `indices`, both (N, C, L), `y` (N, C, M).

    `M = (L - 1) stride - 2 padding + kernel_size`. Of elements with one position the last counts.
    """

    rank = 1


class MaxUnpool2d(MaxUnpoolNd):
    """Zeros but for the elements of `x` at the positions `indices`, both (N, C, H, W), `y` (N, C, H', W').

    As MaxUnpool1d along both axes; positions count over the plane.
    """

    rank = 2


class MaxUnpool3d(MaxUnpoolNd):
    """Zeros but for the elements of `x` at the positions `indices`, both (N, C, D, H, W), `y` likewise.

    As MaxUnpool1d along all three axes; positions count over the volume.
    """

    rank = 3
