"""Attention in several heads between projections, and what masks of attention may be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Integer, Optional, Real, setting
from graphnet.ir import Dim, TensorType, product, shape_text
from graphnet.layers.attend import Visible, attend, over_heads, visible, whole
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.layers.linear import rows_of, uniform_within
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class MultiheadAttention(Layer):
    """Attention in several heads, each in a part of the features, between projections.

    `y = W_o [head_1, ..., head_h] + b_o`, `head = softmax(q k^T / sqrt(E / h)) v` with q, k and v the
    parts of `W_q query + b_q`, `W_k key + b_k`, `W_v value + b_v`; W_q, W_k, W_v are the thirds of
    `in_proj_weight` (3E, E), or `q_proj_weight` (E, E), `k_proj_weight` (E, kdim), `v_proj_weight` (E, vdim)
    where sizes differ; b the thirds of `in_proj_bias` (3E); W_o is `out_proj.weight` (E, E), b_o
    `out_proj.bias` (E).

    Inputs: `query` (N, L, E); or it and `key_value` (N, S, E), read as both; or `query`, `key` (N, S, kdim)
    and `value` (N, S, vdim); a single one attends to itself. Further inputs of whole numbers are masks, in
    which 1 hides a key, as in torch: (N, S) for all queries, (N, L, S) for each, (N, h, L, S) for each and
    every head. A query without any key gets zeros before the last projection, where torch gives NaN.
    Results: `output` (N, L, E), and `weights` (N, L, S), the mean over the heads. Batch always comes first.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
    """

    arity = (1, 5)
    num_heads: int = setting(Integer(1), doc="number of heads h; divides embed_dim")
    embed_dim: int | None = setting(Optional(Integer(1)), None, doc="features E; inferred")
    dropout: float = setting(
        Real(low=0.0, below=1.0), 0.0, doc="probability that a weight becomes zero while training"
    )
    bias: bool = setting(Flag(), True, doc="whether the projections have biases")
    add_bias_kv: bool = setting(Flag(), False, doc="one more key and value, bias_k and bias_v")
    add_zero_attn: bool = setting(Flag(), False, doc="one more key and value, of zeros")
    kdim: int | None = setting(Optional(Integer(1)), None, doc="features of the key; inferred")
    vdim: int | None = setting(Optional(Integer(1)), None, doc="features of the value; inferred")
    is_causal: bool = setting(Flag(), False, doc="let a query see no later key")

    @property
    def results(self) -> tuple[str, ...]:
        """The output and the mean of the weights."""
        return ("output", "weights")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no sequence, features the heads do not divide, and masks that do not fit."""
        values, masks = _told_apart(inputs)
        for x in values:
            if x.rank != 3:
                raise LayerError(f"takes numbers [N, L, E], an input is {shape_text(x.shape)}")
        query, key, value = _three(values)
        size = whole(query.shape[2])
        given = (
            ("embed_dim", self.embed_dim, query),
            ("kdim", self.kdim, key),
            ("vdim", self.vdim, value),
        )
        for name, wanted, x in given:
            if wanted not in (None, x.shape[2]):
                raise LayerError(
                    f"{name} is {wanted}, but the input {shape_text(x.shape)} has {x.shape[2]} features",
                    f"write {name}: {x.shape[2]}, or leave it out",
                )
        if size % self.num_heads:
            raise LayerError(f"num_heads {self.num_heads} does not divide the {size} features")
        if key.shape[1] != value.shape[1]:
            raise LayerError(
                f"{key.shape[1]} keys {shape_text(key.shape)} have {value.shape[1]} values "
                f"{shape_text(value.shape)}"
            )
        check_masks(masks, self.num_heads, query.shape[1], key.shape[1])

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return the projections and their biases, by torch's names."""
        query, key, value = _three(_told_apart(inputs)[0])
        size, like = whole(query.shape[2]), query.with_shape
        kept, drawn = Initial("xavier_uniform", {}), uniform_within(1.0 / math.sqrt(size))
        # torch draws the last projection first, its bias too, which is set to zero afterwards.
        found: dict[str, Parameter] = {}
        if self._packed(query, key, value):
            found["in_proj_weight"] = Parameter(like(3 * size, size), kept, order=2)
        else:
            for order, (letter, x) in enumerate(zip("qkv", (query, key, value), strict=True), 2):
                shape = like(size, x.shape[2])
                found[f"{letter}_proj_weight"] = Parameter(shape, kept, order=order)
        if self.bias:
            found["in_proj_bias"] = Parameter(like(3 * size), Initial("zeros", {}), order=5)
        for order, name in enumerate(("bias_k", "bias_v") if self.add_bias_kv else (), 6):
            found[name] = Parameter(like(1, 1, size), Initial("xavier_normal", {}), order=order)
        found["out_proj.weight"] = Parameter(like(size, size), drawn, size)
        if self.bias:
            found["out_proj.bias"] = Parameter(like(size), uniform_within(0.0), size, order=1)
        return found

    def _packed(self, query: TensorType, key: TensorType, value: TensorType) -> bool:
        """Whether one weight holds all three projections, as torch decides it."""
        return query.shape[2] == key.shape[2] == value.shape[2]

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> tuple[Value, ...]:
        """Emit the projections, attention of all heads at once, and the last projection."""
        dropout = self.dropout if training else 0.0
        return self.attended(e, inputs, parameters, dropout=dropout, purpose="dropout")

    def attended(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        dropout: float,
        purpose: str,
    ) -> tuple[Value, Value]:
        """Emit the layer, its dropout drawing numbers for some purpose."""
        values = [x for x in inputs if x.type.is_float]
        masks = [x for x in inputs if not x.type.is_float]
        query = values[0]
        size = whole(query.shape[2])
        q, k, v = self._projected(e, values, parameters)
        keys = self._visible(e, masks, q, k)
        k, v = (
            self._longer(e, x, parameters.get(f"bias_{name}")) for x, name in ((k, "k"), (v, "v"))
        )
        made, weights = attend(e, q, k, v, keys, scale=None, dropout=dropout, purpose=purpose)
        side_by_side = e.emit("permute", made, axes=(1, 3, 0, 2, 4))
        rows = e.emit("reshape", side_by_side, shape=(product(query.shape[:2]), size))
        y = _affine(e, rows, parameters["out_proj.weight"], parameters.get("out_proj.bias"))
        mean = e.emit("mean", weights, axes=(0, 2), keepdims=False)
        return e.emit("reshape", y, shape=query.shape), mean

    def _projected(
        self, e: Emitter, values: Sequence[Value], parameters: Mapping[str, Value]
    ) -> tuple[Value, ...]:
        """Return queries, keys and values (1, N, h, L, E / h); what reads one input is one product."""
        size = whole(values[0].shape[2])
        counts = {1: (3,), 2: (1, 2), 3: (1, 1, 1)}[len(values)]
        bias, found, start = parameters.get("in_proj_bias"), [], 0
        for x, count in zip(values, counts, strict=True):
            end = start + count
            weight = _weight_between(e, parameters, start, end, size)
            part = None if bias is None else _between(e, bias, start * size, end * size)
            y = _affine(e, rows_of(e, x), weight, part)
            heads = (*x.shape[:2], count, self.num_heads, size // self.num_heads)
            parts = e.emit("permute", e.emit("reshape", y, shape=heads), axes=(2, 0, 3, 1, 4))
            found += [_between(e, parts, index, index + 1) for index in range(count)]
            start = end
        return tuple(found)

    def _longer(self, e: Emitter, x: Value, bias: Value | None) -> Value:
        """Return keys or values with those that do not come from the input added at the end."""
        one, batch, heads, _, size = x.shape
        more, wide = [], (one, batch, heads, 1, size)
        if bias is not None:
            narrow = e.emit("reshape", bias, shape=(1, 1, heads, 1, size))
            more.append(e.emit("expand", narrow, shape=wide, axes=(1,), mean=False))
        if self.add_zero_attn:
            zero = e.constant(0.0, x.dtype)
            more.append(e.emit("expand", zero, shape=wide, axes=(0, 1, 2, 3, 4), mean=False))
        return e.emit("concat", x, *more, axis=3) if more else x

    def _visible(self, e: Emitter, masks: Sequence[Value], q: Value, k: Value) -> Visible | None:
        """Return which keys are seen; those that do not come from the input always are."""
        causal = (whole(q.shape[3]), whole(k.shape[3])) if self.is_causal else None
        shaped = [over_heads(e, mask, 4) for mask in masks]
        keys = visible(e, shaped, causal=causal, dtype=q.dtype, hidden=1)
        added = self.add_bias_kv + self.add_zero_attn
        if keys is None or not added:
            return keys
        shape = (*keys.seen.shape[:-1], added)
        one, axes = e.constant(1.0, q.dtype), tuple(range(len(shape)))
        more = e.emit("expand", one, shape=shape, axes=axes, mean=False)
        return Visible(e.emit("concat", keys.seen, more, axis=len(shape) - 1), some=True)


def _told_apart(inputs: Sequence[TensorType]) -> tuple[list[TensorType], list[TensorType]]:
    """Return what is attended to, and masks.

    Raises:
        LayerError: When there are too many of either.
    """
    values = [x for x in inputs if x.is_float]
    masks = [x for x in inputs if not x.is_float]
    if not 1 <= len(values) <= 3 or len(masks) > 2 or list(inputs) != [*values, *masks]:
        raise LayerError(
            "reads query, or query and key_value, or query, key and value, and then at most two masks "
            f"of whole numbers, not {', '.join(f'{x.dtype} {shape_text(x.shape)}' for x in inputs)}"
        )
    return values, masks


def _three(values: Sequence[TensorType]) -> tuple[TensorType, TensorType, TensorType]:
    """Return query, key and value."""
    return values[0], values[min(1, len(values) - 1)], values[-1]


def check_masks(masks: Sequence[TensorType], heads: int, queries: Dim, keys: Dim) -> None:
    """Refuse masks that are not for the keys, for queries and keys, or for each head.

    Raises:
        LayerError: With the shapes.
    """
    for mask in masks:
        fitting = ((keys,), (queries, keys), (heads, queries, keys))
        if mask.dtype != "int64" or mask.shape[1:] not in fitting:
            raise LayerError(
                f"the mask is {mask.dtype} {shape_text(mask.shape)}, not int64 [N, {keys}] (keys), "
                f"[N, {queries}, {keys}] (queries and keys) or [N, {heads}, {queries}, {keys}] (heads)"
            )


def _weight_between(
    e: Emitter, parameters: Mapping[str, Value], start: int, end: int, size: int
) -> Value:
    """Return the rows of the projections from one to another, as they are packed or not."""
    if "in_proj_weight" in parameters:
        return _between(e, parameters["in_proj_weight"], start * size, end * size)
    weights = [parameters[f"{letter}_proj_weight"] for letter in "qkv"[start:end]]
    return e.emit("concat", *weights, axis=0) if len(weights) > 1 else weights[0]


def _between(e: Emitter, x: Value, start: int, end: int) -> Value:
    """Return a run of the first dimension, or all of it."""
    if (start, end) == (0, x.shape[0]):
        return x
    return e.emit("slice", x, axis=0, start=start, stop=end)


def _affine(e: Emitter, rows: Value, weight: Value, bias: Value | None) -> Value:
    y = e.emit("matmul", rows, weight, transpose_a=False, transpose_b=True)
    return y if bias is None else e.emit("add", y, bias)
