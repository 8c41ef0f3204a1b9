"""Padding: elements put around sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Either, Integer, Listed, Real, setting
from graphnet.errors import counted
from graphnet.ir import TensorType, shape_text
from graphnet.layers.axes import PerAxis, Spatial, check_length, fixed
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value

MODES = ("reflect", "replicate", "circular")


def places_around(mode: str, size: int, before: int, after: int) -> tuple[int, ...]:
    """Return which elements of an axis stand where after padding.

    Example:
        >>> places_around("reflect", 4, 2, 1), places_around("circular", 4, 2, 1)
        ((2, 1, 0, 1, 2, 3, 2), (2, 3, 0, 1, 2, 3, 0))
    """
    around = range(-before, size + after)
    if mode == "circular":
        return tuple(at % size for at in around)
    if mode == "replicate":
        return tuple(min(max(at, 0), size - 1) for at in around)
    return tuple(size - 1 - abs(size - 1 - abs(at)) for at in around)


def check_around(mode: str, sizes: Sequence[int], pairs: Sequence[tuple[int, int]]) -> None:
    """Refuse padding that would take more elements than there are.

    Raises:
        LayerError: With sizes and padding.
    """
    for axis, (size, pair) in enumerate(zip(sizes, pairs, strict=True), 2):
        check_length(size + sum(pair), axis)
        if (mode == "reflect" and max(pair) >= size) or (mode == "circular" and max(pair) > size):
            relation = "below" if mode == "reflect" else "at most"
            raise LayerError(
                f"{mode} padding must be {relation} the size, but dim {axis} of size {size} gets {pair[0]} "
                f"before and {pair[1]} behind",
                "make padding smaller",
            )


def pad_around(
    e: Emitter, x: Value, mode: str, axes: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> Value:
    """Emit padding with elements of the input itself.

    Args:
        e: Where instructions go.
        x: Input.
        mode: reflect, replicate or circular.
        axes: Which axes grow.
        pairs: Elements before and behind, for each of them.
    """
    for axis, (before, after) in zip(axes, pairs, strict=True):
        (size,) = fixed(x.shape[axis : axis + 1])
        if before or after:
            x = e.emit("take", x, axis=axis, places=places_around(mode, size, before, after))
    return x


@dataclass(frozen=True, kw_only=True)
class Padding(Spatial):
    """Base of padding: `padding` is one number, or two for each axis, the last axis first as in torch."""

    padding: PerAxis = setting(
        Either((Integer(0), Listed(Integer(0)))),
        doc="elements on every side, or [left, right, top, bottom, front, back]",
    )

    def conflict(self) -> str:
        """Refuse lists that do not have two numbers for each axis."""
        if isinstance(self.padding, tuple) and len(self.padding) != 2 * self.rank:
            return f"padding has {counted(len(self.padding), 'number')}, {self.name()} needs {2 * self.rank}"
        return ""

    def pairs(self) -> list[tuple[int, int]]:
        """Return elements before and behind, for each axis from the first."""
        rows = self.padding if isinstance(self.padding, tuple) else (self.padding,) * 2 * self.rank
        return [(rows[i], rows[i + 1]) for i in range(2 * self.rank - 2, -1, -2)]


@dataclass(frozen=True, kw_only=True)
class ConstantPadNd(Padding):
    """Base of padding with a number; negative sizes cut off."""

    fill: ClassVar[float] = 0.0
    padding: PerAxis = setting(
        Either((Integer(), Listed(Integer()))),
        doc="elements on every side, or [left, right, top, bottom, front, back]; negative ones cut off",
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and padding that leaves nothing."""
        super().check(inputs)
        (x,) = inputs
        sizes = zip(fixed(x.shape[2:]), self.pairs(), strict=True)
        for axis, (size, (before, after)) in enumerate(sizes, 2):
            if size + before + after < 1 or size + min(before, 0) + min(after, 0) < 1:
                raise LayerError(
                    f"padding leaves {size} + {before} + {after} = {size + before + after} elements along "
                    f"dim {axis} of {shape_text(x.shape)}"
                )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit slices for what is cut off, and the op for what is added."""
        (x,) = inputs
        for axis, (size, (before, after)) in enumerate(
            zip(fixed(x.shape[2:]), self.pairs(), strict=True), 2
        ):
            start, stop = max(0, -before), size + min(0, after)
            if stop - start < size:
                x = e.emit("slice", x, axis=axis, start=start, stop=stop)
        added: dict[str, Any] = {
            name: (0, 0, *(max(0, pair[at]) for pair in self.pairs()))
            for at, name in enumerate(("before", "after"))
        }
        if not any(map(any, added.values())):
            return x
        return e.emit("pad", x, **added, value=float(getattr(self, "value", self.fill)))


class ZeroPad1d(ConstantPadNd):
    """Zeros around sequences, `x` (N, C, L) to `y` (N, C, L + left + right)."""

    rank = 1


class ZeroPad2d(ConstantPadNd):
    """Zeros around images, `x` (N, C, H, W) to `y` (N, C, H + top + bottom, W + left + right)."""

    rank = 2


class ZeroPad3d(ConstantPadNd):
    """Zeros around volumes, `x` (N, C, D, H, W), front and back along D, the rest as in ZeroPad2d."""

    rank = 3


@dataclass(frozen=True, kw_only=True)
class ConstantPad1d(ConstantPadNd):
    """A number around sequences, `x` (N, C, L) to `y` (N, C, L + left + right)."""

    rank = 1
    value: float = setting(Real(), doc="the number")


@dataclass(frozen=True, kw_only=True)
class ConstantPad2d(ConstantPadNd):
    """A number around images, `x` (N, C, H, W) to `y` (N, C, H + top + bottom, W + left + right)."""

    rank = 2
    value: float = setting(Real(), doc="the number")


@dataclass(frozen=True, kw_only=True)
class ConstantPad3d(ConstantPadNd):
    """A number around volumes, `x` (N, C, D, H, W), front and back along D, the rest as in ConstantPad2d."""

    rank = 3
    value: float = setting(Real(), doc="the number")


@dataclass(frozen=True, kw_only=True)
class OwnPadNd(Padding):
    """Base of padding with elements of the input itself."""

    mode: ClassVar[str]

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse other ranks, and padding that takes more elements than there are."""
        super().check(inputs)
        check_around(self.mode, fixed(inputs[0].shape[2:]), self.pairs())

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a selection along each axis."""
        (x,) = inputs
        return pad_around(e, x, self.mode, range(2, x.rank), self.pairs())


class ReflectionPad1d(OwnPadNd):
    """Mirror images around sequences, the last element not repeated, `x` (N, C, L); padding below L."""

    rank, mode = 1, "reflect"


class ReflectionPad2d(OwnPadNd):
    """Mirror images around images, the edge not repeated, `x` (N, C, H, W); padding below H and W."""

    rank, mode = 2, "reflect"


class ReflectionPad3d(OwnPadNd):
    """Mirror images around volumes, the faces not repeated, `x` (N, C, D, H, W); padding below the sizes."""

    rank, mode = 3, "reflect"


class ReplicationPad1d(OwnPadNd):
    """Copies of the first and last element around sequences, `x` (N, C, L)."""

    rank, mode = 1, "replicate"


class ReplicationPad2d(OwnPadNd):
    """Copies of the edge around images, `x` (N, C, H, W)."""

    rank, mode = 2, "replicate"


class ReplicationPad3d(OwnPadNd):
    """Copies of the faces around volumes, `x` (N, C, D, H, W)."""

    rank, mode = 3, "replicate"


class CircularPad1d(OwnPadNd):
    """What a sequence repeated without end has around it, `x` (N, C, L); padding at most L."""

    rank, mode = 1, "circular"


class CircularPad2d(OwnPadNd):
    """What an image repeated without end has around it, `x` (N, C, H, W); padding at most H and W."""

    rank, mode = 2, "circular"


class CircularPad3d(OwnPadNd):
    """What a volume repeated without end has around it, `x` (N, C, D, H, W); padding at most the sizes."""

    rank, mode = 3, "circular"
