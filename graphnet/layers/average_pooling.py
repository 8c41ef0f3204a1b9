"""Pooling by sums: means and p-norms of sliding windows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.declare import Choice, Either, Flag, Integer, Optional, Real, setting
from graphnet.ir import Shape
from graphnet.layers.axes import fixed
from graphnet.layers.pooling import Pooling, WindowSettings
from graphnet.ops import Emitter, Value, root


def mean_of_windows(
    e: Emitter, x: Value, options: Mapping[str, Any], padding: Sequence[int], *, padded: bool
) -> Value:
    """Emit sums of windows divided by how many elements each has.

    Args:
        e: Where instructions go.
        x: Input (N, C, axes ...).
        options: Attributes of the windows.
        padding: Elements before and behind that count where `padded` says so.
        padded: Whether these zeros count.
    """
    total = e.emit("window_sum", x, **options)
    sizes = fixed(x.shape[2:])
    beyond = [a - p for a, p in zip(options["after"], padding, strict=True)]
    if (not any(padding) and max(beyond) <= 0) or (padded and max(beyond) <= 0):
        return e.emit("scale", total, factor=1.0 / math.prod(options["kernel"]))
    counted, before, after = sizes, options["before"], options["after"]
    if padded:
        counted = tuple(size + 2 * pad for size, pad in zip(sizes, padding, strict=True))
        before, after = (0,) * len(sizes), tuple(max(0, extra) for extra in beyond)
    shape: Shape = (1, 1, *counted)
    ones = e.constant(1.0, x.dtype, shape)
    counts = e.emit("window_sum", ones, **{**options, "before": before, "after": after})
    return e.emit("div", total, counts)


@dataclass(frozen=True, kw_only=True)
class AvgPoolNd(Pooling):
    """Base of pooling that takes the mean."""

    count_include_pad: bool = setting(
        Flag(), True, doc="whether the zeros of the padding count as elements"
    )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit sums of windows, divided."""
        (x,) = inputs
        divisor = getattr(self, "divisor_override", None)
        options = self.windows(x.type)
        if divisor is not None:
            return e.emit("scale", e.emit("window_sum", x, **options), factor=1.0 / divisor)
        padding = self.along("padding")
        return mean_of_windows(e, x, options, padding, padded=self.count_include_pad)


class AvgPool1d(AvgPoolNd):
    """Mean of each window along a sequence, `x` (N, C, L) to `y` (N, C, M).

    `M = floor((L + 2 padding - kernel_size) / stride) + 1`, rounded up with ceil_mode; padding counts as
    zeros unless count_include_pad is false. What a window has beyond the padding never counts.
    """

    rank = 1


@dataclass(frozen=True, kw_only=True)
class AvgPool2d(AvgPoolNd):
    """Mean of each window of images, `x` (N, C, H, W) to `y` (N, C, H', W').

    As AvgPool1d along both axes; every size is one number or [height, width].
    """

    rank = 2
    divisor_override: int | None = setting(
        Optional(Integer(1)), None, doc="what sums are divided by, whatever the window's size"
    )


@dataclass(frozen=True, kw_only=True)
class AvgPool3d(AvgPoolNd):
    """Mean of each window of volumes, `x` (N, C, D, H, W) to `y` (N, C, D', H', W').

    As AvgPool1d along all three axes; every size is one number or [depth, height, width].
    """

    rank = 3
    divisor_override: int | None = setting(
        Optional(Integer(1)), None, doc="what sums are divided by, whatever the window's size"
    )


@dataclass(frozen=True, kw_only=True)
class LPPoolNd(WindowSettings):
    """Base of pooling that takes a p-norm."""

    norm_type: float | str = setting(
        Either((Real(above=0.0), Choice(("inf",)))), doc="p; 1 gives sums, inf the largest size"
    )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit powers, their means over windows times the window's size, and the root."""
        (x,) = inputs
        p, options = self.norm_type, self.windows(x.type)
        if isinstance(p, str):
            taps = {**options, "dilation": (1,) * self.rank}
            return e.emit("max_pool" if training else "window_max", e.emit("abs", x), **taps)
        powers = x if p == 1.0 else e.emit("square", x) if p == 2.0 else _power(e, x, p)
        mean = mean_of_windows(e, powers, options, (0,) * self.rank, padded=True)
        total = e.emit("scale", mean, factor=float(math.prod(options["kernel"])))
        return _sum(e, total) if p == 1.0 else root(e, total, 1.0 / p)


def _sum(e: Emitter, total: Value) -> Value:
    """Emit what gives a sum of 0 no gradient, as torch has it for every norm."""
    there = e.emit(
        "compare", total, e.constant(0.0, total.dtype), dtype=total.dtype, relation="not_equal"
    )
    return e.emit("mul", total, there)


def _power(e: Emitter, x: Value, exponent: float) -> Value:
    return e.emit("power", x, exponent=exponent)


class LPPool1d(LPPoolNd):
    """Norm of each window along a sequence, `y = (sum x^p)^(1/p)`, `x` (N, C, L) to `y` (N, C, M).

    `M = floor((L - kernel_size) / stride) + 1`, rounded up with ceil_mode, the sum of a window that reaches
    beyond the end then enlarged by as much as it is short of elements, as torch does. There are no absolute
    values: an odd p takes negative elements as they are, a broken one gives NaN for them. Where the sum of a
    window is 0, as behind a rectifier, its gradient is 0.
    """

    rank = 1


class LPPool2d(LPPoolNd):
    """Norm of each window of images, `x` (N, C, H, W) to `y` (N, C, H', W').

    As LPPool1d along both axes; every size is one number or [height, width].
    """

    rank = 2


class LPPool3d(LPPoolNd):
    """Norm of each window of volumes, `x` (N, C, D, H, W) to `y` (N, C, D', H', W').

    As LPPool1d along all three axes; every size is one number or [depth, height, width].
    """

    rank = 3
