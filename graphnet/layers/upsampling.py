"""Upsampling: other sizes by repeating the nearest element or by interpolation."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Choice, Either, Flag, Integer, Listed, Optional, Real, setting
from graphnet.errors import counted
from graphnet.ir import TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.axes import check_length, fixed, spread
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, Value

RANKS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}
MODES = ("nearest", "nearest-exact", *RANKS)
SIZE = Optional(Either((Integer(1), Listed(Integer(1)))))
FACTOR = Optional(Either((Real(above=0.0), Listed(Real(above=0.0)))))


def _single(number: float) -> float:
    """Round to single precision, in which torch computes the nearest element whatever the element type."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def nearest_places(size: int, count: int, step: float, *, exact: bool) -> tuple[int, ...]:
    """Return which of `size` elements each of `count` is nearest to.

    Example:
        >>> nearest_places(3, 5, 3 / 5, exact=False), nearest_places(3, 5, 3 / 5, exact=True)
        ((0, 0, 1, 1, 2), (0, 0, 1, 2, 2))
    """
    step, shift = _single(step), 0.5 if exact else 0.0
    found = (math.floor(_single((at + shift) * step)) for at in range(count))
    return tuple(min(place, size - 1) for place in found)


@dataclass(frozen=True, kw_only=True)
class Resize(Layer):
    """Base of upsampling: to `size`, or by `scale_factor`."""

    mode: ClassVar[str]

    size: int | tuple[int, ...] | None = setting(
        SIZE, None, doc="sizes of the output, one number or one for each axis"
    )
    scale_factor: float | tuple[float, ...] | None = setting(
        FACTOR, None, doc="how many times larger, one number or one for each axis"
    )

    def conflict(self) -> str:
        """Refuse both or none of size and scale_factor."""
        if (self.size is None) == (self.scale_factor is None):
            return "give either size or scale_factor"
        return ""

    def _corners(self) -> bool:
        """Whether first and last elements stay where they are."""
        return False

    def _recomputed(self) -> bool:
        """Whether the step is that of the sizes, not of scale_factor."""
        return False

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers, ranks the mode cannot take, and results without elements."""
        needs_floats(inputs)
        (x,) = inputs
        ranks = RANKS.get(self.mode, (3, 4, 5))
        if x.rank not in ranks:
            axes = " or ".join(str(rank - 2) for rank in ranks)
            raise LayerError(
                f"mode {self.mode} takes [N, C] and {axes} more dimensions, the input is "
                f"{shape_text(x.shape)}"
            )
        for name in ("size", "scale_factor"):
            given = getattr(self, name)
            if isinstance(given, tuple) and len(given) != x.rank - 2:
                raise LayerError(
                    f"{name} has {counted(len(given), 'number')}, the input {shape_text(x.shape)} has "
                    f"{x.rank - 2} axes"
                )
        for axis, size, count, _ in self._rows(x):
            check_length(count, axis)
            if count < 1:
                raise LayerError(f"nothing is left of the {size} elements along dim {axis}")

    def _rows(self, x: TensorType) -> list[tuple[int, int, int, float]]:
        """Return the number of each axis, its size, its new size and the step between new elements."""
        sizes, rank = fixed(x.shape[2:]), x.rank - 2
        factors: Sequence[Any] = spread(self.scale_factor, rank)
        counts = spread(self.size, rank)
        rows = []
        for axis, (size, count, factor) in enumerate(zip(sizes, counts, factors, strict=True), 2):
            made = count if factor is None else math.floor(min(size * factor, 2.0**62))
            step = size / max(made, 1) if factor is None or self._recomputed() else 1.0 / factor
            if self._corners():
                step = (size - 1) / (made - 1) if made > 1 else 0.0
            rows.append((axis, size, made, step))
        return rows

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a selection or a product with a constant matrix along each axis."""
        (y,) = inputs
        for axis, size, count, step in self._rows(y.type):
            if self.mode.startswith("nearest"):
                exact = self.mode == "nearest-exact"
                places = nearest_places(size, count, step, exact=exact)
                if places != tuple(range(size)):
                    y = e.emit("take", y, axis=axis, places=places)
                continue
            if size == count and step == 1.0:
                continue
            matrix = e.emit(
                "interpolation_matrix",
                count=count,
                size=size,
                dtype=y.dtype,
                mode="cubic" if self.mode == "bicubic" else "linear",
                align_corners=self._corners(),
                step=step,
            )
            y = e.emit("axis_product", y, matrix, axis=axis, transpose=False)
        return y


@dataclass(frozen=True, kw_only=True)
class Upsample(Resize):
    """Another size, `x` (N, C, axes ...) to `y` (N, C, new axes ...).

    Element i of an axis is taken at `s = i / scale_factor` (nearest), `(i + 1/2) / scale_factor - 1/2` (all
    others) or `i (L - 1) / (M - 1)` (align_corners): the element at floor(s) in the nearest modes, else
    interpolated between two (linear, bilinear, trilinear) or four (bicubic, Keys 1981 with a = -3/4).
    With `size`, scale_factor is M / L.
    """

    mode: str = setting(Choice(MODES), "nearest", doc="how elements between are made")  # type: ignore[misc]
    align_corners: bool | None = setting(
        Optional(Flag()), None, doc="whether first and last elements stay at the ends"
    )
    recompute_scale_factor: bool | None = setting(
        Optional(Flag()), None, doc="take M / L for scale_factor once M is known"
    )

    def conflict(self) -> str:
        """Refuse align_corners where nothing is interpolated."""
        if self.align_corners is not None and self.mode not in RANKS:
            return f"align_corners says nothing in mode {self.mode}"
        if self.recompute_scale_factor and self.size is not None:
            return "recompute_scale_factor says nothing beside size"
        return super().conflict()

    def _corners(self) -> bool:
        return bool(self.align_corners)

    def _recomputed(self) -> bool:
        return bool(self.recompute_scale_factor)


class UpsamplingNearest2d(Resize):
    """Images of another size by the nearest element, `x` (N, C, H, W) to `y` (N, C, H', W')."""

    mode = "nearest"


class UpsamplingBilinear2d(Resize):
    """Images of another size by bilinear interpolation with aligned corners, `x` (N, C, H, W)."""

    mode = "bilinear"

    def _corners(self) -> bool:
        return True
