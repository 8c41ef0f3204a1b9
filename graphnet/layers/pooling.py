"""Pooling over sliding windows along one, two or three axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Flag, Optional, setting
from graphnet.ir import TensorType
from graphnet.layers.axes import PerAxis, Spatial, each_axis, fixed, spread
from graphnet.layers.convolution import check_windows
from graphnet.ops import Emitter, Value
from graphnet.ops.window import Windows, reach, window_count


@dataclass(frozen=True, kw_only=True)
class Pooling(Spatial):
    """Base of pooling: windows along the last axes, as far apart as they are long by default."""

    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding")

    kernel_size: PerAxis = setting(each_axis(1), doc="elements of a window along each axis")
    stride: PerAxis | None = setting(
        Optional(each_axis(1)), None, doc="step from window to window; kernel_size where left out"
    )
    padding: PerAxis = setting(each_axis(0), 0, doc="elements thought to stand before and behind")
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

    def conflict(self) -> str:
        """Refuse windows that would lie in the padding alone."""
        wrong = super().conflict()
        if wrong:
            return wrong
        for kernel, pad, d in zip(
            self.along("kernel_size"), self.along("padding"), self._dilation(), strict=True
        ):
            if 2 * pad > reach(kernel, d):
                return f"padding {pad} is more than half of the {reach(kernel, d)} elements of a window"
        return ""

    def _dilation(self) -> tuple[int, ...]:
        return spread(getattr(self, "dilation", 1), self.rank)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and windows larger than the padded input."""
        super().check(inputs)
        padding = self.along("padding")
        check_windows(self, fixed(inputs[0].shape[2:]), padding, padding)

    def windows(self, x: TensorType) -> dict[str, Any]:
        """Return the attributes of the op: windows along the last axes, reaching as far as ceil_mode says."""
        sizes = fixed(x.shape[2:])
        rows = [self.along(name) for name in ("kernel_size", "stride", "padding")]
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
class MaxPoolNd(Pooling):
    """Base of pooling that takes the largest element; a second result says where each was found."""

    per_axis = (*Pooling.per_axis, "dilation")
    results = ("output", "indices")

    dilation: PerAxis = setting(each_axis(1), 1, doc="step between the elements of a window")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> tuple[Value, ...]:
        """Emit the op, and the positions of what it found (dropped where nothing reads them)."""
        (x,) = inputs
        options = {**self.windows(x.type), "dilation": self.along("dilation")}
        y, tap = e.emit_all("max_pool", x, **options)
        starts = Windows.of(options).starts(fixed(y.shape[2:]))
        kept = {key: options[key] for key in ("axes", "kernel", "dilation")}
        places = tuple(at for row in starts for at in row)
        indices = e.emit("tap_positions", tap, **kept, spatial=x.shape[2:], starts=places)
        return y, indices


class MaxPool1d(MaxPoolNd):
    """Largest element of each window along a sequence, `x` (N, C, L) to `y` (N, C, M).

    `M = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1`, rounded up with ceil_mode;
    padding counts as minus infinity. The first of equal elements gets the gradient. `indices`, the second
    result, are the positions found, counted along the sequence (over the whole plane or volume in 2d and 3d);
    torch gives them with return_indices.
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
