"""TensorType: the shape of a value, with the batch dimension kept as a symbol."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass

ITEM_BYTES = {"float32": 4, "float64": 8, "int64": 8, "int32": 4, "bool": 1, "uint8": 1}
FLOATS = ("float32", "float64")
GREATEST = {"float32": (2.0 - 2.0**-23) * 2.0**127, "float64": sys.float_info.max}
"""Largest number of each floating point type."""


@dataclass(frozen=True)
class Batch:
    """A dimension that is a multiple of the batch size N: `Batch()` is N, `Batch(4)` is 4N."""

    multiple: int = 1

    def __str__(self) -> str:
        return "N" if self.multiple == 1 else f"{self.multiple}N"


Dim = int | Batch
Shape = tuple[Dim, ...]


def dim_at(dim: Dim, batch: int) -> int:
    """Return the dimension for a concrete batch size."""
    return dim.multiple * batch if isinstance(dim, Batch) else dim


def parse_dim(text: object) -> Dim:
    """Read a dimension as it is printed.

    Raises:
        ValueError: When the text is neither a size nor a multiple of N.

    Example:
        >>> parse_dim("4N"), parse_dim("N"), parse_dim(7)
        (Batch(multiple=4), Batch(multiple=1), 7)
    """
    if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
        return text
    match = re.fullmatch(r"(\d*)N", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"not a dimension: {text!r}")
    return Batch(int(match[1] or 1))


def product(shape: Shape) -> Dim:
    """Return the number of elements as one dimension; at most one factor may be symbolic.

    Raises:
        ValueError: When two factors are multiples of the batch.

    Example:
        >>> str(product((Batch(), 4, 5)))
        '20N'
    """
    fixed = math.prod(dim for dim in shape if isinstance(dim, int))
    symbolic = [dim.multiple for dim in shape if isinstance(dim, Batch)]
    if len(symbolic) > 1:
        raise ValueError("a product of two batch dimensions is not a dimension")
    return Batch(fixed * symbolic[0]) if symbolic and fixed else (0 if symbolic else fixed)


def same_count(one: Shape, other: Shape) -> bool:
    """Tell whether two shapes have equally many elements, whatever the batch.

    Example:
        >>> same_count((Batch(2), 3), (6, Batch())), same_count((Batch(), Batch()), (Batch(),))
        (True, False)
    """
    return _count(one) == _count(other)


def _count(shape: Shape) -> tuple[int, int]:
    """Return the number of elements as a multiple of a power of the batch."""
    multiples = [dim.multiple for dim in shape if isinstance(dim, Batch)]
    fixed = math.prod(dim for dim in shape if isinstance(dim, int)) * math.prod(multiples)
    return fixed, len(multiples) if fixed else 0


@dataclass(frozen=True)
class TensorType:
    """Shape and element type of a value.

    Attributes:
        shape: Dimensions; each an int or a multiple of the batch size.
        dtype: One of `ITEM_BYTES`.

    Example:
        >>> t = TensorType((Batch(), 5), "float32")
        >>> str(t), t.at(50), t.bytes_at(50)
        ('float32[N, 5]', (50, 5), 1000)
    """

    shape: Shape
    dtype: str

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def is_float(self) -> bool:
        """Whether elements are floating point numbers, so that a gradient can exist."""
        return self.dtype in FLOATS

    def at(self, batch: int) -> tuple[int, ...]:
        """Return the concrete shape for a batch size."""
        return tuple(dim_at(dim, batch) for dim in self.shape)

    def size_at(self, batch: int) -> int:
        """Return the number of elements for a batch size."""
        return math.prod(self.at(batch))

    def bytes_at(self, batch: int) -> int:
        """Return the number of bytes for a batch size."""
        return self.size_at(batch) * ITEM_BYTES[self.dtype]

    def with_shape(self, *shape: Dim) -> TensorType:
        """Return the same element type with another shape."""
        return TensorType(tuple(shape), self.dtype)

    def with_dtype(self, dtype: str) -> TensorType:
        """Return the same shape with another element type."""
        return TensorType(self.shape, dtype)

    def __str__(self) -> str:
        return f"{self.dtype}{shape_text(self.shape)}"


def shape_text(shape: Shape) -> str:
    """Return a shape as users read it.

    Example:
        >>> shape_text((Batch(), 5))
        '[N, 5]'
    """
    return "[" + ", ".join(str(dim) for dim in shape) + "]"
