"""Attention itself: what a layer with queries, keys and values emits, and which keys it leaves out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.ir import Dim
from graphnet.layers.dropout import keep_mask
from graphnet.ops import Emitter, Value

FAR_BELOW = -1e30
"""Score of a key that takes no part: finite, so that a row without any key is no 0 / 0."""


@dataclass(frozen=True)
class Visible:
    """Which keys each query sees.

    Attributes:
        seen: 1 where a key takes part, else 0, broadcast against the scores (..., L, S).
        some: Whether every query sees a key for certain.
    """

    seen: Value
    some: bool


def visible(
    e: Emitter, masks: Sequence[Value], *, causal: tuple[int, int] | None, dtype: str, hidden: int
) -> Visible | None:
    """Return what masks leave, or None where there are none.

    Args:
        e: Where they go.
        masks: Whole numbers, shaped so that they broadcast against the scores.
        causal: Numbers of queries and keys, where a query may see no later key.
        dtype: Element type of the scores.
        hidden: The number that hides a key where a mask has it, 0 or 1.
    """
    relation = "not_equal" if hidden == 0 else "equal"
    zero = e.constant(0, "int64")
    parts = [e.emit("compare", mask, zero, dtype=dtype, relation=relation) for mask in masks]
    if causal is not None:
        rows, size = causal
        parts.append(e.emit("causal_mask", dtype=dtype, rows=rows, size=size))
    if not parts:
        return None
    seen = parts[0]
    for other in parts[1:]:
        seen = e.emit("mul", seen, other)
    return Visible(seen, some=not masks)


def attend(
    e: Emitter,
    q: Value,
    k: Value,
    v: Value,
    keys: Visible | None,
    *,
    scale: float | None,
    dropout: float,
    purpose: str,
    bias: Value | None = None,
) -> tuple[Value, Value]:
    """Emit `softmax(scale q k^T + bias) v` over the last two dimensions.

    Args:
        e: Where it goes.
        q: Queries (..., L, E).
        k: Keys (..., S, E).
        v: Values (..., S, F).
        keys: Which keys take part; all where None.
        scale: Factor on the scores; 1 / sqrt(E) where None.
        dropout: Probability that a weight becomes zero; 0 when not training.
        purpose: What the dropout's numbers are for.
        bias: What is added to the scores, shaped so that it broadcasts against them.

    Returns:
        The result (..., L, F) and the weights (..., L, S). A query that sees no key gets zeros.
    """
    factor = 1.0 / math.sqrt(whole(q.shape[-1])) if scale is None else scale
    scaled = e.emit("scale", q, factor=factor)
    scores = e.emit("matmul", scaled, k, transpose_a=False, transpose_b=True)
    if bias is not None:
        scores = e.emit("add", scores, bias)
    if keys is not None:
        nothing, far = (e.constant(number, q.dtype) for number in (0.0, FAR_BELOW))
        scores = e.emit("add", scores, e.emit("where", keys.seen, nothing, far))
    weights = e.emit("softmax", scores, axis=scores.rank - 1)
    if keys is not None and not keys.some:
        weights = e.emit("mul", weights, keys.seen)
    if dropout:
        weights = e.emit("mul", weights, keep_mask(e, weights.type, dropout, purpose))
    return e.emit("matmul", weights, v, transpose_a=False, transpose_b=False), weights


def over_heads(e: Emitter, mask: Value, rank: int) -> Value:
    """Return a mask (N, S) or (N, L, S) shaped so that it broadcasts over heads."""
    if mask.rank >= rank:
        return mask
    keys = mask.shape[1:] if mask.rank == 3 else (1, *mask.shape[1:])
    between = (1,) * (rank - 1 - len(keys))
    return e.emit("reshape", mask, shape=(mask.shape[0], *between, *keys))


def whole(dim: Dim) -> int:
    """Return a dimension that is not the batch."""
    return dim if isinstance(dim, int) else dim.multiple
