"""Layers that repeat values along dimensions; they take numbers of any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, setting
from graphnet.ir import Dim, TensorType, shape_text
from graphnet.layers.function import Function
from graphnet.layers.layer import LayerError
from graphnet.layers.shaping import SIZES, sizes_of
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Expand(Function):
    """Repeat dimensions of size 1: `x` (N, 1, ...), `y` (N, *shape); new dimensions may come first."""

    shape: tuple[int, ...] = setting(SIZES, doc="shape per sample; -1 leaves a size as it is")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse shapes that would repeat anything but size 1."""
        self._wanted(inputs[0])

    def _wanted(self, x: TensorType) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the shape per sample and that of x with as many dimensions."""
        sizes = sizes_of(x.shape)
        extra = len(self.shape) - len(sizes)
        told = f"cannot expand {shape_text(x.shape)} to [N, {', '.join(map(str, self.shape))}]"
        if extra < 0:
            raise LayerError(f"{told}: it has more dimensions")
        narrow = (1,) * extra + sizes
        wanted = tuple(
            own if size < 0 else size for size, own in zip(self.shape, narrow, strict=True)
        )
        for size, own in zip(wanted, narrow, strict=True):
            if own not in (1, size) or size == 0:
                raise LayerError(f"{told}: {own} is neither 1 nor {size}")
        return wanted, narrow

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a reshape where dimensions are new, and the repetition."""
        (x,) = inputs
        wanted, narrow = self._wanted(x.type)
        return repeated(e, x, narrow, wanted)


def repeated(e: Emitter, x: Value, narrow: Sequence[int], wanted: Sequence[int]) -> Value:
    """Emit the repetition of a value of sizes `narrow` per sample to those wanted."""
    batch: Dim = x.shape[0]
    axes = tuple(
        axis
        for axis, (own, size) in enumerate(zip(narrow, wanted, strict=True), start=1)
        if own != size
    )
    if (batch, *narrow) != x.shape:
        x = e.emit("reshape", x, shape=(batch, *narrow))
    return e.emit("expand", x, shape=(batch, *wanted), axes=axes, mean=False) if axes else x


@dataclass(frozen=True, kw_only=True)
class Tile(Function):
    """Repeat a value along its dimensions: `x` (N, a, b), `y` (N, r a, s b) for repeats [r, s]."""

    repeats: tuple[int, ...] = setting(
        Listed(Integer(1)), doc="how often, per dimension of a sample; the last ones if fewer"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse more repeats than dimensions."""
        (x,) = inputs
        if len(self.repeats) > x.rank - 1:
            raise LayerError(
                f"repeats {list(self.repeats)} has {len(self.repeats)} numbers, the input "
                f"{shape_text(x.shape)} {x.rank - 1} dimensions beside the batch"
            )

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit a repetition along new dimensions, which are then joined with the old ones."""
        (x,) = inputs
        sizes = sizes_of(x.shape)
        counts = (1,) * (len(sizes) - len(self.repeats)) + self.repeats
        narrow = [size for own in sizes for size in (1, own)]
        wanted = [size for pair in zip(counts, sizes, strict=True) for size in pair]
        wide = repeated(e, x, narrow, wanted)
        joined = (count * own for count, own in zip(counts, sizes, strict=True))
        return e.emit("reshape", wide, shape=(x.shape[0], *joined))
