"""Fractional pooling: windows of one size whose places are drawn at random, for each sample and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Either, Flag, Listed, Optional, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.axes import PerAxis, Spatial, each_axis, fixed
from graphnet.layers.layer import LayerError
from graphnet.layers.pooling import INDICES, Span, largest_of
from graphnet.ops import Emitter, Value

RATIO = Real(above=0.0, below=1.0)
MIDDLE = 0.5
"""The random number that stands for all others where nothing is drawn."""


def middle_span(size: int, kernel: int, count: int) -> Span:
    """Return the windows along an axis for a random number of 1/2, and the elements of all of them.

    Example:
        >>> middle_span(7, 2, 4)
        ((0, 2, 4, 5), (0, 1, 2, 3, 4, 5, 5, 6))
    """
    last = size - kernel
    step = last / (count - 1) if count > 1 else 0.0
    drawn = (int((i + MIDDLE) * step) - int(MIDDLE * step) for i in range(count - 1))
    starts = (*drawn, last)
    return starts, tuple(start + t for start in starts for t in range(kernel))


@dataclass(frozen=True, kw_only=True)
class FractionalMaxPoolNd(Spatial):
    """Base of max pooling over windows at random places."""

    arity = (1, 2)
    per_axis: ClassVar[tuple[str, ...]] = ("kernel_size", "output_size", "output_ratio")
    columns: ClassVar[tuple[int, ...]]
    """Which of a plane's random numbers belongs to each axis."""

    kernel_size: PerAxis = setting(each_axis(1), doc="elements of a window along each axis")
    output_size: PerAxis | None = setting(
        Optional(each_axis(1)), None, doc="windows along each axis; this or output_ratio"
    )
    output_ratio: float | tuple[float, ...] | None = setting(
        Optional(Either((RATIO, Listed(RATIO)))),
        None,
        doc="windows along each axis for each element, rounded down; this or output_size",
    )
    return_indices: bool = setting(Flag(), False, doc=INDICES)

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the results: the largest elements and, where asked for, their positions."""
        return ("output", "indices") if self.return_indices else ("output",)

    def conflict(self) -> str:
        """Refuse both or neither of output_size and output_ratio."""
        wrong = super().conflict()
        if wrong:
            return wrong
        if (self.output_size is None) == (self.output_ratio is None):
            found = "neither is" if self.output_size is None else "both are"
            return f"takes one of output_size and output_ratio, {found} given"
        return ""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, windows that do not fit, and random numbers of another shape."""
        x, *samples = inputs
        super().check([x])
        for row in zip(
            range(2, x.rank),
            fixed(x.shape[2:]),
            self.along("kernel_size"),
            self.counts(x),
            strict=True,
        ):
            self._check_axis(*row)
        for u in samples:
            needs_floats([u])
            if u.shape != (*x.shape[:2], self.rank):
                wanted = shape_text((*x.shape[:2], self.rank))
                raise LayerError(
                    f"takes random numbers {wanted} for an input {shape_text(x.shape)}, the second "
                    f"input is {shape_text(u.shape)}",
                    "leave the second input out, and they are drawn",
                )

    def _check_axis(self, axis: int, size: int, kernel: int, count: int) -> None:
        if count < 1:
            ratio = self.along("output_ratio")[axis - 2]
            raise LayerError(
                f"output_ratio {ratio} leaves nothing of the {size} elements along dim {axis}: "
                f"{ratio} * {size} is below 1",
                f"write a ratio of at least 1 / {size}",
                "output_ratio",
            )
        said = "output_ratio" if self.output_size is None else "output_size"
        if count + kernel - 1 > size:
            raise LayerError(
                f"{count} windows of {kernel} elements need {count} + {kernel} - 1 = "
                f"{count + kernel - 1} elements along dim {axis}, there are {size}",
                f"make kernel_size or {said} smaller",
                said,
            )

    def counts(self, x: TensorType) -> tuple[int, ...]:
        """Return how many windows there are along each axis."""
        if self.output_size is not None:
            return self.along("output_size")
        rows = zip(fixed(x.shape[2:]), self.along("output_ratio"), strict=True)
        return tuple(int(size * ratio) for size, ratio in rows)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit windows where random numbers say, those given or, while training, drawn."""
        x, *samples = inputs
        kernel, counts = self.along("kernel_size"), self.counts(x.type)
        rows = list(zip(fixed(x.shape[2:]), kernel, counts, strict=True))
        if not (samples or training):
            spans = [middle_span(*row) for row in rows]
            return largest_of(e, x, spans, training=False, indices=self.return_indices)
        u = samples[0] if samples else self._drawn(e, x)
        starts = [
            e.emit("region_starts", u, column=column, count=count, stop=size - taps)
            for column, (size, taps, count) in zip(self.columns, rows, strict=True)
        ]
        y, index = e.emit_all("region_max", x, *starts, kernel=kernel)
        return (y, index) if self.return_indices else y

    def _drawn(self, e: Emitter, x: Value) -> Value:
        shape = (*x.shape[:2], self.rank)
        return e.emit("uniform", dtype=x.dtype, shape=shape, stream=f"regions:{e.layer}")


class FractionalMaxPool2d(FractionalMaxPoolNd):
    """Largest element of windows at random places of images, `x` (N, C, H, W) to `y` (N, C, H', W').

    Along an axis of S elements K windows of k elements begin at `floor((i + u) a) - floor(u a)`,
    `a = (S - k) / (K - 1)`, the last one at `S - k`; u is uniform on [0, 1) for each sample, channel and
    axis. K is output_size, or `floor(output_ratio * S)`, and `K + k - 1 <= S`. Every setting is one number
    or [height, width].

    While training u comes from a stream named after the layer; else it is 1/2, so that evaluation repeats
    (torch draws in both). A second input `samples` (N, C, 2) takes its place in both: u of the width first,
    then of the height, as torch's `_random_samples`; what is outside [0, 1] counts as the nearest bound.
    The first of equal elements gets the gradient; indices as in MaxPool2d. Windows overlap, so that
    MaxUnpool2d, told the output_size, may find one position twice.

    References:
        Graham, "Fractional max-pooling", arXiv 1412.6071 (2014), section 2, overlapping pseudorandom regions.
    """

    rank = 2
    columns = (1, 0)


class FractionalMaxPool3d(FractionalMaxPoolNd):
    """Largest element of windows at random places of volumes, `x` (N, C, D, H, W) to `y` (N, C, D', H', W').

    As FractionalMaxPool2d along all three axes; `samples` (N, C, 3) are those of depth, height and width, in
    this order. torch refuses windows that fit exactly, `K + k - 1 = S`, here they are taken.
    """

    rank = 3
    columns = (0, 1, 2)
