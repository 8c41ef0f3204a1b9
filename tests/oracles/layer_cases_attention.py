"""Cases of attention, transformer layers and positions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Sizes, Weights, normal


def hiding(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw a mask in which 1 hides a key; the first key is never hidden."""
    mask = chance.integers(0, 2, shape)
    mask[..., 0] = 0
    return mask


def showing(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw a mask in which 1 lets a key take part."""
    return np.asarray(1 - hiding(chance, shape))


def all_hidden(chance: np.random.Generator, shape: Sizes) -> Array:
    """Give a mask that hides every key of the first sample."""
    mask = np.zeros(shape, np.int64)
    mask[0] = 1
    return mask


def attention(
    q: Array, k: Array, v: Array, seen: Any, scale: float | None, bias: Any = 0.0
) -> tuple[Array, Array]:
    """Attend query by query; where no key is seen, the result is 0."""
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    lead, (rows, size) = q.shape[:-2], (q.shape[-2], k.shape[-2])
    seen = np.broadcast_to(np.asarray(seen, bool), (*lead, rows, size))
    bias = np.broadcast_to(bias, seen.shape)
    weights = np.zeros((*lead, rows, size))
    for place in np.ndindex(*lead, rows):
        keys = np.flatnonzero(seen[place])
        if len(keys):
            scores = factor * k[place[:-1]][keys] @ q[place] + bias[place][keys]
            e = np.exp(scores - scores.max())
            weights[place][keys] = e / e.sum()
    return weights @ v, weights


def dot_product(*, causal: bool = False, scale: float | None = None) -> Any:
    def formula(w: Weights, q: Array, k: Array, v: Array, *masks: Array) -> Array:
        seen: Any = np.tri(q.shape[-2], k.shape[-2]) if causal else np.ones(())
        for mask in masks:
            middle = (1,) * (q.ndim - mask.ndim)
            wide = mask.reshape(len(mask), *middle, *mask.shape[1:])
            if mask.dtype.kind == "f":
                return attention(q, k, v, seen, scale, wide)[0]
            seen = seen * wide
        return attention(q, k, v, seen, scale)[0]

    return formula


def seen_by(masks: tuple[Array, ...]) -> Any:
    """Return which keys are seen, over heads, where 1 hides a key."""
    seen: Any = np.ones(())
    for mask in masks:
        wide = mask.reshape(len(mask), *(1,) * (4 - mask.ndim), *mask.shape[1:])
        seen = seen * (1 - wide)
    return seen


def heads(
    w: Weights, values: list[Array], count: int, *, seen: Any = 1, zero: bool = False
) -> tuple[Array, Array]:
    """Return the output and the mean weights of multi-head attention."""
    query, key, value = values[0], values[min(1, len(values) - 1)], values[-1]
    size = query.shape[2]
    packed = w.get("in_proj_weight")
    parts = []
    for index, (letter, x) in enumerate(zip("qkv", (query, key, value), strict=True)):
        rows = slice(index * size, (index + 1) * size)
        y = x @ (w[f"{letter}_proj_weight"] if packed is None else packed[rows]).T
        y = y + w["in_proj_bias"][rows] if "in_proj_bias" in w else y
        more = [w[f"bias_{letter}"]] if f"bias_{letter}" in w and index else []
        more += [np.zeros((1, 1, size))] if zero and index else []
        wide = [np.broadcast_to(m, (len(x), 1, size)) for m in more]
        y = np.concatenate([y, *wide], 1)
        parts.append(y.reshape(len(x), -1, count, size // count).swapaxes(1, 2))
        added = len(more)
    seen = np.broadcast_to(seen, (len(query), count, query.shape[1], key.shape[1]))
    seen = np.concatenate([seen, np.ones((*seen.shape[:3], added))], 3)
    made, weights = attention(*parts, seen, None)
    joined = made.swapaxes(1, 2).reshape(query.shape)
    y = joined @ w["out_proj.weight"].T
    return (y + w["out_proj.bias"] if "out_proj.bias" in w else y), weights.mean(1)


def multihead(count: int, values: int, *, causal: bool = False, zero: bool = False) -> Any:
    def formula(w: Weights, *inputs: Array) -> tuple[Array, Array]:
        given = list(inputs[:values])
        seen = seen_by(inputs[values:])
        if causal:
            seen = seen * np.tri(given[0].shape[1], given[min(1, values - 1)].shape[1])
        return heads(w, given, count, seen=seen, zero=zero)

    return formula


def part(w: Weights, name: str) -> Weights:
    return {k.removeprefix(f"{name}."): v for k, v in w.items() if k.startswith(f"{name}.")}


def linear(w: Weights, x: Array) -> Array:
    return np.asarray(x @ w["weight"].T + w.get("bias", 0.0))


def norm(w: Weights, x: Array, eps: float) -> Array:
    y = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)
    return np.asarray(y * w["weight"] + w.get("bias", 0.0))


def gelu(x: Array) -> Array:
    return np.asarray(x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2.0))))


def feed_forward(w: Weights, x: Array, act: Any) -> Array:
    return linear(part(w, "linear2"), act(linear(part(w, "linear1"), x)))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def shortcuts(w: Weights, x: Array, blocks: list[Any], *, first: bool, eps: float) -> Array:
    for number, block in enumerate(blocks, 1):
        own = part(w, f"norm{number}")
        x = x + block(norm(own, x, eps) if first else x)
        x = x if first else norm(own, x, eps)
    return x


def encoder(
    *, act: Any = relu, first: bool = False, eps: float = 1e-5, causal: bool = False
) -> Any:
    def formula(w: Weights, x: Array, *masks: Array) -> Array:
        seen = seen_by(masks) * (np.tri(x.shape[1]) if causal else 1)
        blocks = [
            lambda x: heads(part(w, "self_attn"), [x], 2, seen=seen)[0],
            lambda x: feed_forward(w, x, act),
        ]
        return shortcuts(w, x, blocks, first=first, eps=eps)

    return formula


def decoder(*, act: Any = relu, first: bool = False, causal: bool = False) -> Any:
    def formula(w: Weights, x: Array, memory: Array, *masks: Array) -> Array:
        own = seen_by(masks[:1]) * (np.tri(x.shape[1]) if causal else 1)
        blocks = [
            lambda x: heads(part(w, "self_attn"), [x], 2, seen=own)[0],
            lambda x: heads(part(w, "multihead_attn"), [x, memory], 2, seen=seen_by(masks[1:]))[0],
            lambda x: feed_forward(w, x, act),
        ]
        return shortcuts(w, x, blocks, first=first, eps=1e-5)

    return formula


# How PyTorch is called. Its masks are of truth values.


def call_heads(values: int, **options: Any) -> Any:
    def call(module: Any, *inputs: Any) -> Any:
        given = inputs[:values]
        query, key, value = given[0], given[min(1, values - 1)], given[-1]
        masks: dict[str, Any] = dict(options)
        if masks.pop("causal", False):
            masks["attn_mask"] = query.new_ones(query.shape[1], key.shape[1]).triu(1).bool()
        for mask in inputs[values:]:
            if mask.ndim == 2:
                masks["key_padding_mask"] = mask.bool()
            else:
                wide = mask if mask.ndim == 4 else mask[:, None].repeat(1, module.num_heads, 1, 1)
                masks["attn_mask"] = wide.bool().flatten(0, 1)
        return module(query, key, value, **masks)

    return call


def call_encoder(*, causal: bool = False) -> Any:
    def call(module: Any, x: Any, *masks: Any) -> Any:
        named: dict[str, Any] = {}
        if causal:
            named["src_mask"] = x.new_ones(x.shape[1], x.shape[1]).triu(1).bool()
        for mask in masks:
            named["src_key_padding_mask"] = mask.bool()
        return module(x, **named)

    return call


def call_decoder(module: Any, x: Any, memory: Any, *masks: Any) -> Any:
    named = {
        key: mask.bool()
        for key, mask in zip(
            ("tgt_key_padding_mask", "memory_key_padding_mask"), masks, strict=False
        )
    }
    return module(x, memory, **named)


def call_masked(**options: Any) -> Any:
    def call(function: Any, q: Any, k: Any, v: Any, *masks: Any) -> Any:
        named = dict(options)
        for mask in masks:
            wide = mask if mask.ndim == q.ndim else mask[:, None]
            named["attn_mask"] = wide if mask.is_floating_point() else wide.bool()
        return function(q, k, v, **named)

    return call


def sines(base: float = 10000.0) -> Any:
    def formula(w: Weights, x: Array) -> Array:
        size = x.shape[-1]
        table = np.zeros(x.shape[-2:])
        for t in range(x.shape[-2]):
            for i in range(size // 2):
                angle = t / base ** (2 * i / size)
                table[t, 2 * i], table[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
        return np.asarray(x + table)

    return formula


def rotated(base: float = 10000.0, *, interleaved: bool = True) -> Any:
    """Turn pairs as complex numbers."""

    def formula(w: Weights, x: Array) -> Array:
        half = x.shape[-1] // 2
        one, other = (
            (slice(0, None, 2), slice(1, None, 2))
            if interleaved
            else (slice(0, half), slice(half, None))
        )
        angles = np.outer(np.arange(x.shape[-2]), base ** (-np.arange(half) / half))
        turned = (x[..., one] + 1j * x[..., other]) * np.exp(1j * angles)
        y = np.empty_like(x)
        y[..., one], y[..., other] = turned.real, turned.imag
        return y

    return formula


def torch_rotary(t: Any) -> Any:
    """Return a function of PyTorch's complex numbers that turns neighbouring pairs."""

    def turn(x: Any) -> Any:
        half = x.shape[-1] // 2
        rates = 10000.0 ** (-t.arange(half, dtype=t.float64) / half)
        angles = t.outer(t.arange(x.shape[-2], dtype=t.float64), rates)
        pairs = t.view_as_complex(x.reshape(*x.shape[:-1], half, 2))
        return t.view_as_real(pairs * t.polar(t.ones_like(angles), angles)).reshape(x.shape)

    return turn


def of_heads(
    shapes: tuple[Sizes, ...],
    values: int,
    keys: Mapping[str, Any],
    torch_keys: Mapping[str, Any],
    *,
    draws: Any = (),
    torch: bool = True,
    **more: Any,
) -> LayerCase:
    size = shapes[0][1]
    return LayerCase(
        shapes,
        multihead(keys["num_heads"], values, **more),
        (
            (
                lambda t: t.nn.MultiheadAttention(
                    size, keys["num_heads"], batch_first=True, **torch_keys
                )
            )
            if torch
            else None
        ),
        keys,
        draws,
        call_heads(values, causal=more.get("causal", False)),
    )


def dot(t: Any) -> Any:
    return t.nn.functional.scaled_dot_product_attention


FFN = {"nhead": 2, "dim_feedforward": 6, "dropout": 0.0}


def encoder_module(**keys: Any) -> Any:
    return lambda t: t.nn.TransformerEncoderLayer(4, 2, 6, batch_first=True, dropout=0.0, **keys)


def decoder_module(**keys: Any) -> Any:
    return lambda t: t.nn.TransformerDecoderLayer(4, 2, 6, batch_first=True, dropout=0.0, **keys)


ATTENTION: dict[str, LayerCases] = {
    "ScaledDotProductAttention": LayerCases(
        (
            LayerCase(((3, 4), (5, 4), (5, 2)), dot_product(), dot, call=call_masked()),
            LayerCase(
                ((2, 3, 4), (2, 3, 4), (2, 3, 4), (2, 3, 3)),
                dot_product(causal=True, scale=0.3),
                None,
                {"is_causal": True, "scale": 0.3},
                (normal, normal, normal, showing),
            ),
            LayerCase(
                ((2, 3, 4), (2, 5, 4), (2, 5, 4), (3, 5)),
                dot_product(),
                dot,
                {},
                (normal, normal, normal, showing),
                call_masked(),
            ),
            LayerCase(
                ((2, 3, 4), (2, 5, 4), (2, 5, 4), (2, 3, 5)), dot_product(), dot, call=call_masked()
            ),
            LayerCase(
                ((2, 3, 4), (2, 5, 4), (2, 5, 4), (3, 5)),
                dot_product(scale=0.5),
                dot,
                {"scale": 0.5},
                call=call_masked(scale=0.5),
            ),
            LayerCase(
                ((3, 4), (3, 4), (3, 4), (3, 3)),
                dot_product(causal=True),
                None,
                {"is_causal": True},
            ),
            LayerCase(
                ((3, 4), (3, 4), (3, 4)),
                dot_product(causal=True),
                dot,
                {"is_causal": True},
                call=call_masked(is_causal=True),
            ),
            LayerCase(
                ((3, 4), (3, 4), (3, 4)),
                dot_product(),
                None,
                {"dropout_p": 0.5},
                random=True,
            ),
        ),
        (
            Refusal(
                "queries [N, ..., L, E], keys [N, ..., S, E] and values [N, ..., S, F] do not fit together",
                ((3, 4), (5, 3), (5, 3)),
            ),
            Refusal("takes numbers [N, ..., L, E] three times", ((4,), (4,), (4,))),
            Refusal(
                "the mask is int64 [N, 5, 3], not int64 or float32 [N, 3, 5] or [N, 3, 5]",
                ((3, 4), (5, 4), (5, 4), (5, 3)),
                {},
                ("float32", "float32", "float32", "int64"),
            ),
        ),
    ),
    "MultiheadAttention": LayerCases(
        (
            of_heads(((3, 4),), 1, {"num_heads": 2}, {}),
            of_heads(
                ((3, 4), (5, 4), (5,)),
                2,
                {"num_heads": 1, "bias": False},
                {"bias": False},
                draws=(normal, normal, hiding),
            ),
            of_heads(
                ((3, 4), (2, 3), (2, 5), (3, 2)),
                3,
                {"num_heads": 2, "kdim": 3, "vdim": 5, "embed_dim": 4},
                {"kdim": 3, "vdim": 5},
                draws=(normal, normal, normal, hiding),
            ),
            of_heads(((2, 4), (2, 2, 2)), 1, {"num_heads": 2}, {}, draws=(normal, hiding)),
            of_heads(
                ((3, 4), (3,)),
                1,
                {"num_heads": 2, "is_causal": True},
                {},
                draws=(normal, hiding),
                causal=True,
            ),
            of_heads(
                ((3, 4), (3,)),
                1,
                {"num_heads": 2, "add_bias_kv": True, "add_zero_attn": True},
                {"add_bias_kv": True, "add_zero_attn": True},
                draws=(normal, all_hidden),
                zero=True,
            ),
            of_heads(
                ((3, 4), (2, 4), (2,)),
                2,
                {"num_heads": 2},
                {},
                draws=(normal, normal, all_hidden),
                torch=False,
            ),
        ),
        (
            Refusal("num_heads 3 does not divide the 4 features", ((3, 4),), {"num_heads": 3}),
            Refusal("takes numbers [N, L, E], an input is [N, 4]", ((4,),), {"num_heads": 2}),
            Refusal(
                "embed_dim is 6, but the input [N, 3, 4] has 4 features",
                ((3, 4),),
                {"num_heads": 2, "embed_dim": 6},
            ),
            Refusal(
                "3 keys [N, 3, 4] have 2 values [N, 2, 4]",
                ((3, 4), (3, 4), (2, 4)),
                {"num_heads": 2},
            ),
            Refusal(
                "the mask is int64 [N, 2], not int64 [N, 3] (keys), [N, 3, 3] (queries and keys) or "
                "[N, 2, 3, 3] (heads)",
                ((3, 4), (2,)),
                {"num_heads": 2},
                ("float32", "int64"),
            ),
            Refusal(
                "and then at most two masks of whole numbers, not int64 [N, 3]",
                ((3,),),
                {"num_heads": 1},
                "int64",
            ),
        ),
    ),
    "TransformerEncoderLayer": LayerCases(
        (
            LayerCase(((3, 4),), encoder(), encoder_module(), FFN, smooth=False),
            LayerCase(
                ((3, 4), (3,)),
                encoder(act=gelu, first=True, eps=1e-3),
                encoder_module(activation="gelu", norm_first=True, layer_norm_eps=1e-3, bias=False),
                {
                    **FFN,
                    "activation": "gelu",
                    "norm_first": True,
                    "layer_norm_eps": 1e-3,
                    "bias": False,
                    "d_model": 4,
                },
                (normal, hiding),
                call_encoder(),
            ),
            LayerCase(
                ((3, 4),),
                encoder(act=gelu, causal=True),
                encoder_module(activation="gelu"),
                {**FFN, "is_causal": True, "activation": "gelu"},
                call=call_encoder(causal=True),
            ),
            LayerCase(((3, 4),), encoder(), None, {**FFN, "dropout": 0.5}, random=True),
        ),
        (
            Refusal("nhead 3 does not divide the 4 features", ((3, 4),), {"nhead": 3}),
            Refusal(
                "the sequence is numbers [N, L, E], the input is float32 [N, 4]",
                ((4,),),
                {"nhead": 2},
            ),
            Refusal(
                "d_model is 6, but the sequence [N, 3, 4] has 4 features",
                ((3, 4),),
                {"nhead": 2, "d_model": 6},
            ),
            Refusal("the mask is int64 [N, 2]", ((3, 4), (2,)), {"nhead": 2}, ("float32", "int64")),
        ),
    ),
    "TransformerDecoderLayer": LayerCases(
        (
            LayerCase(((3, 4), (2, 4)), decoder(), decoder_module(), FFN, smooth=False),
            LayerCase(
                ((3, 4), (2, 4), (3,), (2,)),
                decoder(act=gelu, first=True),
                decoder_module(activation="gelu", norm_first=True),
                {
                    **FFN,
                    "activation": "gelu",
                    "norm_first": True,
                    "masks": ["tgt_key_padding_mask", "memory_key_padding_mask"],
                },
                (normal, normal, hiding, hiding),
                call_decoder,
            ),
            LayerCase(
                ((3, 4), (2, 4)),
                decoder(act=gelu, causal=True),
                None,
                {**FFN, "activation": "gelu", "tgt_is_causal": True},
            ),
            LayerCase(((3, 4), (2, 4)), decoder(), None, {**FFN, "dropout": 0.5}, random=True),
        ),
        (
            Refusal(
                "the sequence [N, 3, 4] and the memory [N, 2, 6] have different features",
                ((3, 4), (2, 6)),
                {"nhead": 2},
            ),
            Refusal(
                "1 inputs follow the memory, but masks names 0",
                ((3, 4), (2, 4), (2,)),
                {"nhead": 2},
                ("float32", "float32", "int64"),
            ),
            Refusal(
                "tgt_mask is int64 [N, 2], not int64 [N, 3, 3]",
                ((3, 4), (2, 4), (2,)),
                {"nhead": 2, "masks": ["tgt_mask"]},
                ("float32", "float32", "int64"),
            ),
            Refusal(
                "masks names one twice",
                ((3, 4), (2, 4)),
                {"nhead": 2, "masks": ["tgt_mask", "tgt_mask"]},
            ),
        ),
    ),
    "SinusoidalPositions": LayerCases(
        (
            LayerCase(((5, 4),), sines(), None),
            LayerCase(((2, 3, 6),), sines(100.0), None, {"base": 100.0}),
        ),
        (
            Refusal("features in pairs, the input [N, 5, 3] has 3", ((5, 3),)),
            Refusal("takes numbers [N, ..., L, E], the input is float32 [N, 4]", ((4,),)),
        ),
        no_torch="torch.nn has no such module",
    ),
    "LearnedPositions": LayerCases(
        (LayerCase(((5, 3),), lambda w, x: x + w["weight"], None),),
        (
            Refusal(
                "takes numbers [N, ..., L, E], the input is int64 [N, 4, 2]", ((4, 2),), {}, "int64"
            ),
        ),
        no_torch="torch.nn has no such module",
    ),
    "RotaryPositions": LayerCases(
        (
            LayerCase(((5, 4),), rotated(), torch_rotary),
            LayerCase(
                ((2, 3, 6),),
                rotated(50.0, interleaved=False),
                None,
                {"base": 50.0, "interleaved": False},
            ),
        ),
        (Refusal("features in pairs, the input [N, 5, 3] has 3", ((5, 3),)),),
    ),
}
