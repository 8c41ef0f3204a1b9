"""Pooling over sliding windows along one, two or three axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Flag, Optional, setting
from graphnet.ir import Shape, TensorType
from graphnet.layers.axes import PerAxis, Spatial, check_length, each_axis, fixed, spread
from graphnet.layers.convolution import check_windows
from graphnet.ops import Emitter, Value
from graphnet.ops.window import Windows, reach, window_count

INDICES = "whether positions are a second result, NAME.indices"
Span = tuple[tuple[int, ...], tuple[int, ...]]
"""Windows along an axis: where each begins, and the elements of all of them, equally many each."""


@dataclass(frozen=True, kw_only=True)
class WindowSettings(Spatial):
    """Base of pooling: windows along the last axes, as far apart as they are long by default."""

    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "stride")

    kernel_size: PerAxis = setting(each_axis(1), doc="elements of a window along each axis")
    stride: PerAxis | None = setting(
        Optional(each_axis(1)), None, doc="step from window to window; kernel_size where left out"
    )
    ceil_mode: bool = setting(
        Flag(),
        False,
        doc="whether windows may reach beyond the end, so that the last elements count",
    )

    def along(self, name: str) -> tuple[int, ...]:
        """Return a setting as one number for each axis; the stride is the kernel's size by default."""
        if name == "stride" and self.stride is None:
            return super().along("kernel_size")
        return super().along(name)

    def _padding(self) -> tuple[int, ...]:
        return spread(getattr(self, "padding", 0), self.rank)

    def conflict(self) -> str:
        """Refuse windows that would lie in the padding alone."""
        wrong = super().conflict()
        if wrong:
            return wrong
        for kernel, pad, d in zip(
            self.along("kernel_size"), self._padding(), self._dilation(), strict=True
        ):
            if 2 * pad > reach(kernel, d):
                return f"padding {pad} is more than half of the {reach(kernel, d)} elements of a window"
        return ""

    def _dilation(self) -> tuple[int, ...]:
        return spread(getattr(self, "dilation", 1), self.rank)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and windows larger than the padded input."""
        super().check(inputs)
        check_windows(self, fixed(inputs[0].shape[2:]), self._padding(), self._padding())

    def windows(self, x: TensorType) -> dict[str, Any]:
        """Return the attributes of the op: windows along the last axes, reaching as far as ceil_mode says."""
        sizes = fixed(x.shape[2:])
        rows = [self.along("kernel_size"), self.along("stride"), self._padding()]
        after = tuple(
            self._behind(*row) for row in zip(sizes, *rows, self._dilation(), strict=True)
        )
        kernel, stride, before = rows
        return {
            "axes": tuple(range(2, x.rank)),
            "kernel": kernel,
            "stride": stride,
            "before": before,
            "after": after,
        }

    def _behind(self, size: int, kernel: int, stride: int, pad: int, dilation: int) -> int:
        """Return how many elements are thought to stand behind the last, no more than windows reach."""
        count = window_count(size, kernel, stride, pad, pad, dilation)
        if self.ceil_mode:
            # As torch: one window more where elements are left over, but none that begins behind the last.
            count = window_count(size, kernel, stride, pad, pad + stride - 1, dilation)
            count -= (count - 1) * stride >= size + pad
        return max(0, (count - 1) * stride + reach(kernel, dilation) - size - pad)


@dataclass(frozen=True, kw_only=True)
class Pooling(WindowSettings):
    """Base of pooling with padding."""

    per_axis: ClassVar[tuple[str, ...]] = (*WindowSettings.per_axis, "padding")

    padding: PerAxis = setting(each_axis(0), 0, doc="elements thought to stand before and behind")


@dataclass(frozen=True, kw_only=True)
class MaxPoolNd(Pooling):
    """Base of pooling that takes the largest element."""

    per_axis: ClassVar[tuple[str, ...]] = (*Pooling.per_axis, "dilation")

    dilation: PerAxis = setting(each_axis(1), 1, doc="step between the elements of a window")
    return_indices: bool = setting(Flag(), False, doc=INDICES)

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the results: the largest elements and, where asked for, their positions."""
        return ("output", "indices") if self.return_indices else ("output",)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what all pooling does, and more windows than can be listed where indices are asked for."""
        super().check(inputs)
        sizes = fixed(inputs[0].shape[2:])
        for axis, size in enumerate(sizes if self.return_indices else (), 2):
            check_length(size, axis)

    def index_bound(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the position behind the last element that a window reaches."""
        sizes = fixed(inputs[0].shape[2:])
        windows = Windows.of({**self.windows(inputs[0]), "dilation": self.along("dilation")})
        place = 0
        for size, last in zip(sizes, windows.last(sizes), strict=True):
            place = place * size + last
        return place + 1

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit the op, and the positions of what it found."""
        (x,) = inputs
        options = {**self.windows(x.type), "dilation": self.along("dilation")}
        if not (training or self.return_indices):
            return e.emit("window_max", x, **options)
        y, tap = e.emit_all("max_pool", x, **options)
        if not self.return_indices:
            return y
        starts = Windows.of(options).starts(fixed(y.shape[2:]))
        return y, positions(e, tap, options, starts, x.shape[2:])


def positions(
    e: Emitter,
    tap: Value,
    options: Mapping[str, Any],
    starts: Sequence[tuple[int, ...]],
    spatial: Shape,
) -> Value:
    """Emit the positions of what max_pool found, counted over all axes of the input.

    Args:
        e: Where instructions go.
        tap: Second result of max_pool.
        options: Its attributes.
        starts: First element of each window, along each axis.
        spatial: Sizes of the axes of the input.
    """
    kept = {key: options[key] for key in ("axes", "kernel", "dilation")}
    flat = tuple(at for row in starts for at in row)
    return e.emit("tap_positions", tap, **kept, spatial=spatial, starts=flat)


def plain_windows(rows: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """Return the attributes of windows that neither overlap nor leave gaps.

    Args:
        rows: Number of the axis, its size and how many windows it gets, for each axis.
    """
    kernel = tuple(size // count for _, size, count in rows)
    nothing = (0,) * len(rows)
    axes = tuple(axis for axis, _, _ in rows)
    return {"axes": axes, "kernel": kernel, "stride": kernel, "before": nothing, "after": nothing}


def largest_of(
    e: Emitter, x: Value, spans: Sequence[Span], *, training: bool, indices: bool
) -> Value | tuple[Value, ...]:
    """Emit the largest element of windows that lie anywhere, made neighbours where they are not.

    Args:
        e: Where instructions go.
        x: What is pooled, (N, C, axes ...).
        spans: The windows along each axis.
        training: Whether a gradient will be asked for.
        indices: Whether positions are a second result.
    """
    y, rows = x, []
    for axis, (begin, places) in enumerate(spans, 2):
        if places != tuple(range(*fixed((x.shape[axis],)))):
            y = e.emit("take", y, axis=axis, places=places)
        rows.append((axis, len(places), len(begin)))
    options = {**plain_windows(rows), "dilation": (1,) * len(spans)}
    if not (training or indices):
        return e.emit("window_max", y, **options)
    y, tap = e.emit_all("max_pool", y, **options)
    if not indices:
        return y
    return y, positions(e, tap, options, [begin for begin, _ in spans], x.shape[2:])


class MaxPool1d(MaxPoolNd):
    """Largest element of each window along a sequence, `x` (N, C, L) to `y` (N, C, M).

    `M = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1`, rounded up with ceil_mode;
    padding counts as minus infinity. The first of equal elements gets the gradient. With return_indices there
    is a second result, `indices` (N, C, M), int64: positions along the sequence (over the whole plane or
    volume in 2d and 3d), as MaxUnpool takes them.
    """

    rank = 1


class MaxPool2d(MaxPoolNd):
    """Largest element of each window of images, `x` (N, C, H, W) to `y` (N, C, H', W').

    As MaxPool1d along both axes; every setting is one number or [height, width].
    """

    rank = 2


class MaxPool3d(MaxPoolNd):
    """Largest element of each window of volumes, `x` (N, C, D, H, W) to `y` (N, C, D', H', W').

    As MaxPool1d along all three axes; every setting is one number or [depth, height, width].
    """

    rank = 3
