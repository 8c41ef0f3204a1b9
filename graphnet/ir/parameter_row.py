"""ParameterRow: where a parameter lies and how it starts; the rows make a Program's parameter table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from graphnet.ir.tensor_type import TensorType

DrawKind = Literal[
    "constant",
    "uniform",
    "normal",
    "truncated",
    "orthogonal",
    "sparse",
    "eye",
    "dirac",
    "bilinear",
    "file",
    "norm",
    "singular",
]
DRAW_KINDS: tuple[DrawKind, ...] = get_args(DrawKind)


@dataclass(frozen=True)
class Draw:
    """A distribution with its numbers worked out.

    Attributes:
        kind: `constant` (every element a), `uniform` (on [a, b)), `normal` (mean a, deviation b), `truncated`
            (the same, between c and d), `orthogonal` (times a), `sparse` (share a of each column 0, else
            deviation b), `eye`, `dirac` (in a groups), `bilinear`, `file` (source, and entry in it), `norm`
            (norms of parameter source, one for each place along dimension a; a single one where a is -1), or
            `singular` (standard normal, then b steps of the power method make this one and parameter entry
            singular vectors of parameter source as a matrix with dimension a in front, norms at least c).
        a: First number, as said above.
        b: Second number.
        c: Third number.
        d: Fourth number.
        source: Path of a file, relative to the spec's folder; or another parameter.
        entry: Name of an array in the file; empty where it holds one only. Or another parameter.
    """

    kind: DrawKind
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    source: str = ""
    entry: str = ""

    def misfit(self, shape: tuple[int, ...]) -> str:
        """Return why a parameter of a shape cannot start so, or an empty string.

        Example:
            >>> Draw("eye").misfit((2, 3)), Draw("eye").misfit((3,))
            ('', 'eye needs 2 dimensions, not 1')
        """
        least, most = _RANKS.get(self.kind, (0, 99))
        if not least <= len(shape) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            wanted = f"at least {least}" if most == 99 else wanted
            return f"{self.kind} needs {wanted} dimensions, not {len(shape)}"
        if self.kind == "dirac" and (self.a < 1 or shape[0] % int(self.a)):
            return f"dirac cannot divide {shape[0]} outputs into {self.a:g} groups"
        if self.kind == "truncated" and not (self.b > 0 and self.c < self.d):
            return f"there is nothing between {self.c:g} and {self.d:g} with deviation {self.b:g}"
        if self.kind == "truncated" and self._deviations() > FARTHEST:
            return (
                f"all between {self.c:g} and {self.d:g} is more than {FARTHEST} deviations of {self.b:g} "
                f"from the mean {self.a:g}"
            )
        if self.kind == "uniform" and self.a > self.b:
            return f"there is nothing from {self.a:g} to below {self.b:g}"
        return ""

    def _deviations(self) -> float:
        """Return how many deviations lie between the mean of a truncated distribution and its bounds."""
        return max(self.c - self.a, self.a - self.d, 0.0) / self.b

    @property
    def greatest(self) -> float:
        """No first value is larger in size, nor what it is worked out from."""
        if self.kind == "uniform":
            return max(abs(self.a), abs(self.b), abs(self.b - self.a))
        if self.kind == "truncated":
            return max(abs(self.a), abs(self.c), abs(self.d))
        if self.kind in ("normal", "sparse"):
            return (abs(self.a) if self.kind == "normal" else 0.0) + LARGEST_NORMAL * self.b
        return abs(self.a) if self.kind in ("constant", "orthogonal") else 1.0


FARTHEST = 1000
"""Deviations from the mean within which some of a truncated distribution must lie."""
LARGEST_NORMAL = 16.0
"""Deviations from the mean that no normal number is drawn beyond."""
_RANKS = {
    "eye": (2, 2),
    "sparse": (2, 2),
    "orthogonal": (2, 99),
    "dirac": (3, 5),
    "bilinear": (3, 99),
}
"""Least and most dimensions of what starts in a pattern."""


@dataclass(frozen=True)
class ParameterRow:
    """A parameter or a running statistic.

    Attributes:
        name: `layer.parameter`, as in state_dict.
        type: Shape and element type; never symbolic.
        draw: Distribution of its first values.
        trained: Whether it is a parameter; False for running statistics.
        trainable: Whether the optimizer changes it; False for frozen parameters and statistics.
        offset: First element in the flat vector it lies in; -1 for statistics, which lie apart.
        sequence: Place in the order in which compatibility streams draw.
        zero_row: Row that starts at zero; -1 for none.
        group: Which of the update's groups it is in; -1 where no update changes it, because it is frozen or
            the loss does not depend on it. A group is one span of the flat vectors.
        layer: What the name begins with; both parts of it may hold dots.
    """

    name: str
    type: TensorType
    draw: Draw
    trained: bool
    trainable: bool
    offset: int
    sequence: int
    zero_row: int = -1
    group: int = -1
    layer: str = ""

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.type.size_at(1)


ALIGNMENT = 64
"""Bytes at whose multiples every buffer starts: one cache line, and the widest vector there is."""


def padded(size: int, item_bytes: int) -> int:
    """Return a number of elements rounded up so that the next one is aligned.

    Example:
        >>> padded(10, 4), padded(16, 4), padded(10, 8)
        (16, 16, 16)
    """
    step = ALIGNMENT // item_bytes
    return -(-size // step) * step


def span_of(rows: Sequence[ParameterRow]) -> tuple[int, int]:
    """Return the first element of some rows in their flat vector, and the one after the last."""
    start = min((row.offset for row in rows), default=0)
    return start, max((row.offset + row.size for row in rows), default=start)
