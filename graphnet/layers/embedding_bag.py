"""EmbeddingBag: rows of a table that are summed, averaged, or of which the greatest values are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Choice, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.embedding import Embedding
from graphnet.layers.layer import LayerError
from graphnet.layers.rectifier import LARGEST
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class EmbeddingBag(Embedding):
    """Look up rows of a table and put those of each sample together, `y = sum_l weight[x[l], :]`.

    `x` (N, L) whole numbers in [0, num_embeddings), `weight` (num_embeddings, embedding_dim), `y` (N,
    embedding_dim): the sum, the mean or the greatest of L rows. Places that hold `padding_idx` do not count;
    where none counts y is 0. A second input (N, L) weighs the rows of a sum (torch's per_sample_weights).
    Bags all have L places; torch's offsets are not taken.
    """

    arity = (1, 2)
    mode: str = setting(Choice(("mean", "sum", "max")), "mean", doc="how rows are put together")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what Embedding refuses, other shapes, and weights of what is no sum."""
        super().check(inputs[:1])
        x = inputs[0]
        if x.rank != 2:
            raise LayerError(f"needs [N, L], the input is {shape_text(x.shape)}")
        if len(inputs) == 1:
            return
        weights = inputs[1]
        if self.mode != "sum":
            raise LayerError(
                f"a second input weighs rows of a sum, the mode is {self.mode}", "mode: sum"
            )
        if not weights.is_float or weights.shape != x.shape:
            raise LayerError(f"weights {weights} do not fit the input {shape_text(x.shape)}")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a lookup and what is done over the places."""
        index, weight = inputs[0], parameters["weight"]
        rows = self.rows(e, weight, index)
        counts = self._counts(e, index, weight.dtype)
        if self.mode == "max":
            return self._greatest(e, rows, counts)
        factors = [self._wide(e, inputs[1])] if len(inputs) == 2 else []
        factors += [counts] if counts is not None else []
        for factor in factors:
            rows = e.emit("mul", rows, factor)
        if self.mode == "mean" and counts is None:
            return e.emit("mean", rows, axes=(1,), keepdims=False)
        total = e.emit("sum", rows, axes=(1,), keepdims=False)
        if self.mode == "sum" or counts is None:
            return total
        count = e.emit("sum", counts, axes=(1,), keepdims=False)
        return e.emit("div", total, e.emit("maximum", count, e.constant(1.0, count.dtype)))

    def _counts(self, e: Emitter, index: Value, dtype: str) -> Value | None:
        """Emit 1 where a place counts, else 0; nothing where all do."""
        if self.padding_idx is None:
            return None
        padding = e.constant(float(self.padding_row), "int64")
        counts = e.emit("compare", index, padding, dtype=dtype, relation="not_equal")
        return self._wide(e, counts)

    def _wide(self, e: Emitter, x: Value) -> Value:
        return e.emit("reshape", x, shape=(*x.shape, 1))

    def _greatest(self, e: Emitter, rows: Value, counts: Value | None) -> Value:
        if counts is None:
            return e.emit("max", rows, axes=(1,), keepdims=False)
        least = e.constant(
            -LARGEST if rows.dtype == "float64" else -3.4028234663852886e38, rows.dtype
        )
        found = e.emit("max", e.emit("where", counts, rows, least), axes=(1,), keepdims=False)
        some = e.emit("max", counts, axes=(1,), keepdims=False)
        return e.emit("where", some, found, e.constant(0.0, rows.dtype))
