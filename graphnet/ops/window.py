"""Sliding windows: how many fit along an axis, and where each reaches. Pure whole-number arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from graphnet.ir import Dim, TensorType
from graphnet.ops.op import OpError, Options


def reach(kernel: int, dilation: int) -> int:
    """Return how many elements a window spans, the gaps between its taps included."""
    return dilation * (kernel - 1) + 1


def window_count(
    size: int, kernel: int, stride: int, before: int, after: int, dilation: int
) -> int:
    """Return how many windows fit along an axis; 0 or less where none does.

    Example:
        >>> window_count(28, 5, 1, 2, 2, 1), window_count(7, 3, 2, 0, 0, 1)
        (28, 3)
    """
    return (size + before + after - reach(kernel, dilation)) // stride + 1


@dataclass(frozen=True)
class Windows:
    """Windows along several axes, as the attributes of an op give them: a number per axis each.

    Attributes:
        kernel: Taps of a window.
        stride: Elements between the first taps of neighbours.
        before: Elements that are thought to stand before the first.
        after: Elements that are thought to stand behind the last.
        dilation: Elements between the taps of a window.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    dilation: tuple[int, ...]

    @classmethod
    def of(cls, options: Options, kernel: Sequence[Dim] = ()) -> Windows:
        """Read the attributes of an op.

        Raises:
            OpError: When there are not equally many of each, or one is too small.
        """
        rows: dict[str, Any] = {
            key: tuple(options[key])
            for key in ("kernel", "stride", "before", "after", "dilation")
            if key in options
        }
        if kernel:
            rows["kernel"] = tuple(kernel)
        rank = len(rows["kernel"])
        rows.setdefault("dilation", (1,) * rank)
        for name, row in rows.items():
            least = 0 if name in ("before", "after") else 1
            if len(row) != rank or any(not isinstance(n, int) or n < least for n in row):
                raise OpError(f"{name} {row} does not fit {rank} axes")
        return cls(**rows)

    @property
    def plain(self) -> bool:
        """Whether windows are single elements, one after the other, so that nothing is gathered."""
        ones = (1,) * len(self.kernel)
        return self.kernel == self.stride == ones and not self.padded

    @property
    def padded(self) -> bool:
        """Whether windows reach beyond the elements."""
        return any(self.before) or any(self.after)

    def counts(self, sizes: Sequence[Dim]) -> tuple[int, ...]:
        """Return how many windows fit along each axis.

        Raises:
            OpError: When a size is symbolic or none fits.
        """
        found = []
        rows = (self.kernel, self.stride, self.before, self.after, self.dilation)
        if len(sizes) != len(self.kernel):
            raise OpError(f"{len(sizes)} axes, but windows along {len(self.kernel)}")
        for size, *row in zip(sizes, *rows, strict=True):
            count = window_count(size, *row) if isinstance(size, int) else 0
            if count < 1:
                raise OpError(f"a window of {row[0]} taps does not fit into {size}")
            found.append(count)
        return tuple(found)

    def padded_sizes(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Return the sizes with what is thought to stand before and behind."""
        return tuple(b + s + a for b, s, a in zip(self.before, sizes, self.after, strict=True))

    def taps(self) -> Iterator[tuple[int, ...]]:
        """Give the taps of a window in order, the last axis running fastest."""
        return product(*(range(k) for k in self.kernel))

    def starts(self, counts: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Return where each window's first tap lies along each axis; negative where before the first."""
        return tuple(
            tuple(at * step - gap for at in range(count))
            for count, step, gap in zip(counts, self.stride, self.before, strict=True)
        )

    def last(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Return the last element that a window may reach along each axis."""
        starts = self.starts(self.counts(sizes))
        rows = zip(starts, self.kernel, self.dilation, sizes, strict=True)
        return tuple(min(row[-1] + reach(k, d), size) - 1 for row, k, d, size in rows)


def sizes_along(kind: TensorType, axes: Sequence[int]) -> tuple[Dim, ...]:
    """Return the sizes of some axes.

    Raises:
        OpError: When they are not ascending, different and inside the shape.
    """
    if list(axes) != sorted(set(axes)) or any(not 0 <= axis < kind.rank for axis in axes):
        raise OpError(f"axes {tuple(axes)} do not fit {kind}")
    return tuple(kind.shape[axis] for axis in axes)


def resized(kind: TensorType, axes: Sequence[int], sizes: Sequence[Dim]) -> TensorType:
    """Return the type with other sizes along some axes."""
    changed = dict(zip(axes, sizes, strict=True))
    return kind.with_shape(*(changed.get(axis, dim) for axis, dim in enumerate(kind.shape)))
