"""Value: a handle on a buffer while instructions are being emitted."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.ir import Shape, TensorType


@dataclass(frozen=True)
class Value:
    """The name and type of a buffer that an emitted instruction wrote, or that was declared."""

    name: str
    type: TensorType

    @property
    def shape(self) -> Shape:
        """Shape with the symbolic batch."""
        return self.type.shape

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return self.type.rank

    @property
    def dtype(self) -> str:
        """Element type."""
        return self.type.dtype
