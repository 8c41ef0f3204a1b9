"""Cases of stacks of transformer layers, from the formulas of single ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from layer_case import Array, LayerCase, LayerCases, Refusal, Weights, normal
from layer_cases_attention import (
    FFN,
    call_decoder,
    call_encoder,
    decoder,
    decoder_module,
    encoder,
    encoder_module,
    gelu,
    hiding,
    norm,
    part,
)

COPIED = "torch copies the first layer's numbers"


def stack(layer: Any, count: int, *, ends: bool = False) -> Any:
    """Return the formula of layers one after the other; all but the first input go into each."""

    def formula(w: Weights, x: Array, *others: Array) -> Array:
        for number in range(count):
            x = layer(part(w, f"layers.{number}"), x, *others)
        return norm(part(w, "norm"), x, 1e-5) if ends else x

    return formula


def both(encoders: int, decoders: int, *, act: Any, first: bool = False) -> Any:
    """Return the formula of an encoder and a decoder; masks are src's and tgt's own, then memory's."""

    def formula(w: Weights, src: Array, tgt: Array, *masks: Array) -> Array:
        reads = stack(encoder(act=act, first=first), encoders, ends=True)
        writes = stack(decoder(act=act, first=first), decoders, ends=True)
        memory = reads(part(w, "encoder"), src, *masks[:1])
        return np.asarray(writes(part(w, "decoder"), tgt, memory, *masks[1:]))

    return formula


def transformer(**keys: Any) -> Any:
    return lambda t: t.nn.Transformer(
        4, 2, dim_feedforward=6, dropout=0.0, batch_first=True, **keys
    )


def call_masked(module: Any, src: Any, tgt: Any, *masks: Any) -> Any:
    names = ("src_key_padding_mask", "tgt_key_padding_mask", "memory_key_padding_mask")
    named = {name: mask.bool() for name, mask in zip(names, masks, strict=False)}
    return module(src, tgt, **named)


def call_causal(module: Any, src: Any, tgt: Any) -> Any:
    def later(x: Any) -> Any:
        return x.new_ones(x.shape[1], x.shape[1]).triu(1).bool()

    return module(src, tgt, src_mask=later(src), tgt_mask=later(tgt))


def causal(count: int) -> Any:
    def formula(w: Weights, src: Array, tgt: Array) -> Array:
        reads = stack(encoder(act=gelu, causal=True), count, ends=True)
        writes = stack(decoder(act=gelu, causal=True), count, ends=True)
        return np.asarray(writes(part(w, "decoder"), tgt, reads(part(w, "encoder"), src)))

    return formula


GELU = {**FFN, "activation": "gelu"}
STACKS: dict[str, LayerCases] = {
    "TransformerEncoder": LayerCases(
        (
            LayerCase(
                ((3, 4),),
                stack(encoder(act=gelu), 2),
                lambda t: t.nn.TransformerEncoder(encoder_module(activation="gelu")(t), 2),
                {**GELU, "num_layers": 2},
                call=call_encoder(),
                starts_otherwise=COPIED,
            ),
            LayerCase(
                ((3, 4), (3,)),
                stack(encoder(act=gelu, first=True), 1, ends=True),
                lambda t: t.nn.TransformerEncoder(
                    encoder_module(activation="gelu", norm_first=True)(t), 1, t.nn.LayerNorm(4)
                ),
                {**GELU, "num_layers": 1, "norm": True, "norm_first": True},
                (normal, hiding),
                call_encoder(),
            ),
            LayerCase(
                ((3, 4),),
                stack(encoder(), 2),
                None,
                {**FFN, "num_layers": 2, "dropout": 0.5},
                random=True,
            ),
        ),
        (
            Refusal("wrong value for 'num_layers'", ((3, 4),), {**FFN, "num_layers": 0}),
            Refusal(
                "nhead 3 does not divide the 4 features", ((3, 4),), {"nhead": 3, "num_layers": 1}
            ),
        ),
    ),
    "TransformerDecoder": LayerCases(
        (
            LayerCase(
                ((3, 4), (2, 4), (3,), (2,)),
                stack(decoder(act=gelu), 2, ends=True),
                lambda t: t.nn.TransformerDecoder(
                    decoder_module(activation="gelu")(t), 2, t.nn.LayerNorm(4)
                ),
                {
                    **GELU,
                    "num_layers": 2,
                    "norm": True,
                    "masks": ["tgt_key_padding_mask", "memory_key_padding_mask"],
                },
                (normal, normal, hiding, hiding),
                call_decoder,
                starts_otherwise=COPIED,
            ),
            LayerCase(
                ((3, 4), (2, 4)),
                stack(decoder(), 2),
                None,
                {**FFN, "num_layers": 2, "dropout": 0.5},
                random=True,
            ),
        ),
        (
            Refusal(
                "the sequence [N, 3, 4] and the memory [N, 2, 6] have different features",
                ((3, 4), (2, 6)),
                {"nhead": 2, "num_layers": 1},
            ),
        ),
    ),
    "Transformer": LayerCases(
        (
            LayerCase(
                ((3, 4), (2, 4)),
                both(2, 1, act=gelu),
                transformer(num_encoder_layers=2, num_decoder_layers=1, activation="gelu"),
                {**GELU, "num_encoder_layers": 2, "num_decoder_layers": 1},
                starts_otherwise=COPIED,
            ),
            LayerCase(
                ((3, 4), (2, 4), (3,), (2,), (3,)),
                both(1, 2, act=gelu, first=True),
                transformer(
                    num_encoder_layers=1,
                    num_decoder_layers=2,
                    activation="gelu",
                    norm_first=True,
                    bias=False,
                ),
                {
                    **GELU,
                    "num_encoder_layers": 1,
                    "num_decoder_layers": 2,
                    "norm_first": True,
                    "bias": False,
                    "masks": [
                        "src_key_padding_mask",
                        "tgt_key_padding_mask",
                        "memory_key_padding_mask",
                    ],
                },
                (normal, normal, hiding, hiding, hiding),
                call_masked,
                starts_otherwise=COPIED,
            ),
            LayerCase(
                ((3, 4), (2, 4)),
                causal(1),
                transformer(num_encoder_layers=1, num_decoder_layers=1, activation="gelu"),
                {
                    **GELU,
                    "num_encoder_layers": 1,
                    "num_decoder_layers": 1,
                    "src_is_causal": True,
                    "tgt_is_causal": True,
                },
                call=call_causal,
                starts_otherwise="torch draws every layer before it draws its matrices again",
            ),
            LayerCase(
                ((3, 4), (2, 4)),
                both(1, 1, act=gelu),
                None,
                {**GELU, "dropout": 0.5, "num_encoder_layers": 1, "num_decoder_layers": 1},
                random=True,
            ),
        ),
        (
            Refusal(
                "src [N, 3, 4] and tgt [N, 2, 6] have different features",
                ((3, 4), (2, 6)),
                {"nhead": 2},
            ),
            Refusal(
                "src is numbers [N, L, E], the input is float32 [N, 4]",
                ((4,), (2, 4)),
                {"nhead": 2},
            ),
            Refusal(
                "1 inputs follow tgt, but masks names 0",
                ((3, 4), (2, 4), (3,)),
                {"nhead": 2},
                ("float32", "float32", "int64"),
            ),
            Refusal(
                "memory_mask is int64 [N, 3, 2], not int64 [N, 2, 3]",
                ((3, 4), (2, 4), (3, 2)),
                {"nhead": 2, "masks": ["memory_mask"]},
                ("float32", "float32", "int64"),
            ),
            Refusal(
                "masks names one twice",
                ((3, 4), (2, 4)),
                {"nhead": 2, "masks": ["src_mask", "src_mask"]},
            ),
        ),
    ),
}
