"""Embedding: a table looked up by whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Optional, setting
from graphnet.ir import TensorType
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Embedding(Layer):
    """Look up rows of a table: `y[..., :] = weight[x[...], :]`.

    `x` (N, ...) whole numbers in [0, num_embeddings), `weight` (num_embeddings, embedding_dim), `y`
    (N, ..., embedding_dim). The table starts standard normal. The row `padding_idx` starts at zero
    and gets no gradient, as in torch.
    """

    num_embeddings: int = setting(Integer(1), doc="rows of the table")
    embedding_dim: int = setting(Integer(1), doc="size of each row")
    padding_idx: int | None = setting(
        Optional(Integer()), None, doc="row that starts at zero and is never trained"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that are not whole numbers, and a padding row that does not exist."""
        if inputs[0].dtype != "int64":
            raise LayerError(
                f"needs whole numbers, the input holds {inputs[0].dtype}",
                "declare the input as {shape: [...], dtype: int64}",
            )
        if self.padding_idx is not None and not -self.num_embeddings <= self.padding_idx < (
            self.num_embeddings
        ):
            raise LayerError(
                f"padding_idx {self.padding_idx} is outside the {self.num_embeddings} rows"
            )

    @property
    def padding_row(self) -> int:
        """The padding row counted from the front, or -1 where there is none."""
        return -1 if self.padding_idx is None else self.padding_idx % self.num_embeddings

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return the number of rows."""
        return self.num_embeddings

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (num_embeddings, embedding_dim)."""
        kind = TensorType((self.num_embeddings, self.embedding_dim), dtype)
        initial = Initial("normal", {"mean": 0.0, "std": 1.0})
        return {"weight": Parameter(kind, initial, zero_row=self.padding_row)}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a lookup."""
        weight, index = parameters["weight"], inputs[0]
        return e.emit("gather_rows", weight, index, padding_index=self.padding_row)
