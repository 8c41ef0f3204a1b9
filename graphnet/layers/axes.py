"""Settings of layers that slide along axes: one number for all axes, or one for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Either, Integer, Kind, Listed
from graphnet.errors import counted
from graphnet.ir import TensorType, shape_text
from graphnet.layers.activation import needs_floats
from graphnet.layers.layer import Layer, LayerError

PerAxis = int | tuple[int, ...]

LONGEST = 2**21
"""Most places of an axis that are listed one by one, as compilation takes 5 us for each."""


def each_axis(low: int) -> Kind:
    """Return the kind of a number for all axes, or a list of one for each."""
    return Either((Integer(low), Listed(Integer(low))))


@dataclass(frozen=True, kw_only=True)
class Spatial(Layer):
    """Base of layers whose input is (N, C, axes ...), with as many axes as `rank` says."""

    rank: ClassVar[int]
    per_axis: ClassVar[tuple[str, ...]] = ()
    """Settings that are one number or one for each axis."""

    def conflict(self) -> str:
        """Refuse lists that are not as long as there are axes."""
        for name in self.per_axis:
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != self.rank:
                return (
                    f"{name} has {counted(len(value), 'number')}, {self.name()} slides along {self.rank} "
                    f"{'axis' if self.rank == 1 else 'axes'}"
                )
        return ""

    def along(self, name: str) -> tuple[int, ...]:
        """Return a setting as one number for each axis."""
        return spread(getattr(self, name), self.rank)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and inputs of another rank."""
        needs_floats(inputs)
        self.check_rank(inputs[0])

    def check_rank(self, x: TensorType) -> None:
        """Refuse inputs of another rank."""
        if x.rank != self.rank + 2:
            axes = ("D, H, W", "H, W", "L")[3 - self.rank]
            raise LayerError(
                f"takes [N, C, {axes}], the input is {shape_text(x.shape)}",
                "leave the batch out of the input's shape: N counts it" * (x.rank == self.rank + 3),
            )


def check_length(count: int, axis: int) -> None:
    """Refuse an axis whose places would be too many to list.

    Raises:
        LayerError: With the number of places.
    """
    if count > LONGEST:
        raise LayerError(
            f"needs a list of {count} places along dim {axis}, at most {LONGEST} are supported"
        )


def spread(value: Any, rank: int) -> tuple[int, ...]:
    """Return one number for each axis."""
    return tuple(value) if isinstance(value, tuple) else (value,) * rank


def fixed(sizes: Sequence[Any]) -> tuple[int, ...]:
    """Return dimensions that are none of them the batch.

    Raises:
        LayerError: When one is symbolic.
    """
    found = tuple(dim for dim in sizes if isinstance(dim, int))
    if len(found) != len(sizes):
        raise LayerError(f"needs fixed sizes, found {shape_text(tuple(sizes))}")
    return found
