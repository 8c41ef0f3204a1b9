"""Embedding: a table looked up by whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Optional, Real, setting
from graphnet.ir import TensorType
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.layers.reduction import P, norm
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Embedding(Layer):
    """Look up rows of a table: `y[..., :] = weight[x[...], :]`.

    `x` (N, ...) whole numbers in [0, num_embeddings), `weight` (num_embeddings, embedding_dim), `y`
    (N, ..., embedding_dim). The table starts standard normal. The row `padding_idx` starts at zero
    and gets no gradient, as in torch.

    With `max_norm`, rows that are longer are shortened to it as they are looked up, while gradients go to the
    table as if they had not been; the table keeps its rows (torch overwrites them in the forward pass).
    """

    num_embeddings: int = setting(Integer(1), doc="rows of the table")
    embedding_dim: int = setting(Integer(1), doc="size of each row")
    padding_idx: int | None = setting(
        Optional(Integer()), None, doc="row that starts at zero and is never trained"
    )
    max_norm: float | None = setting(
        Optional(Real(above=0.0)), None, doc="length that rows are shortened to"
    )
    norm_type: float | str = setting(P, 2.0, doc="which length: a power, or inf")

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
        return self.rows(e, parameters["weight"], inputs[0])

    def rows(self, e: Emitter, weight: Value, index: Value) -> Value:
        """Emit the rows that are looked up, shortened where that is asked for."""
        found = e.emit("gather_rows", weight, index, padding_index=self.padding_row)
        if self.max_norm is None:
            return found
        held = e.emit("detach", found)
        length = norm(e, held, (found.rank - 1,), self.norm_type)
        limit = e.constant(self.max_norm, found.dtype)
        share = e.emit("div", limit, e.emit("shift", length, amount=1e-7))
        long = e.emit("compare", length, limit, dtype=found.dtype, relation="greater")
        share = e.emit("where", long, share, e.constant(1.0, found.dtype))
        excess = e.emit("sub", e.emit("mul", held, share), held)
        return e.emit("add", found, excess)
