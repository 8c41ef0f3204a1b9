"""Attention of queries to keys by their scaled dot products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphnet.declare import Flag, Optional, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.attend import attend, over_heads, visible, whole
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class ScaledDotProductAttention(Layer):
    """Attention of queries to keys.

    `y = softmax(scale q k^T + m) v` with `q` (N, ..., L, E), `k` (N, ..., S, E), `v` (N, ..., S, F), `y`
    (N, ..., L, F), the softmax over S. A fourth input, (N, L, S) or of the shape of the scores
    (N, ..., L, S), is a mask, as in torch: of whole numbers, keys where it is 0 take no part, and a query
    that is left without any key gets zeros; other numbers m are added to the scores, 0 without them. These
    may be learned, or fall with the distance of query and key.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, equation 1.
    """

    arity = (3, 4)
    dropout_p: float = setting(
        Real(low=0.0, below=1.0), 0.0, doc="probability that a weight becomes zero while training"
    )
    is_causal: bool = setting(Flag(), False, doc="let a query see no later key")
    scale: float | None = setting(
        Optional(Real()), None, doc="factor on the scores; null is 1 / sqrt(E)"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse queries, keys, values and masks that do not fit together."""
        q, k, v = inputs[:3]
        told = ", ".join(f"{kind.dtype} {shape_text(kind.shape)}" for kind in (q, k, v))
        if any(not x.is_float or x.rank < 3 for x in (q, k, v)):
            raise LayerError(f"takes numbers [N, ..., L, E] three times, the inputs are {told}")
        lead = {x.shape[:-2] for x in (q, k, v)}
        if len(lead) != 1 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
            raise LayerError(
                f"queries [N, ..., L, E], keys [N, ..., S, E] and values [N, ..., S, F] do not fit "
                f"together: {told}"
            )
        scores = (*q.shape[:-1], k.shape[-2])
        narrow = (q.shape[0], q.shape[-2], k.shape[-2])
        for mask in inputs[3:]:
            if mask.dtype not in ("int64", q.dtype) or mask.shape not in (scores, narrow):
                raise LayerError(
                    f"the mask is {mask.dtype} {shape_text(mask.shape)}, not int64 or {q.dtype} "
                    f"{shape_text(narrow)} or {shape_text(scores)}"
                )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the products and the softmax between them."""
        q, k, v = inputs[:3]
        given = [over_heads(e, mask, q.rank) for mask in inputs[3:]]
        bias = next((mask for mask in given if mask.type.is_float), None)
        masks = [mask for mask in given if mask is not bias]
        causal = (whole(q.shape[-2]), whole(k.shape[-2])) if self.is_causal else None
        keys = visible(e, masks, causal=causal, dtype=q.dtype, hidden=0)
        dropout = self.dropout_p if training else 0.0
        options: Any = {"scale": self.scale, "dropout": dropout, "bias": bias}
        return attend(e, q, k, v, keys, purpose="dropout", **options)[0]
