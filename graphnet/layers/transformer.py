"""Transformer layers: attention and a feed-forward network, each with a shortcut and a norm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphnet.declare import Choice, Flag, Integer, Listed, Optional, Real, setting
from graphnet.ir import Dim, TensorType, shape_text
from graphnet.layers.attention import MultiheadAttention, check_masks
from graphnet.layers.composite import joined, part_of
from graphnet.layers.dropout import keep_mask
from graphnet.layers.layer import Layer, LayerError, Parameter
from graphnet.layers.linear import Linear
from graphnet.layers.normalization import LayerNorm
from graphnet.layers.smooth import gelu
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class TransformerLayer(Layer):
    """Base of encoder and decoder layers: blocks `x + dropout(block(x))`, a norm before or after each."""

    attentions: ClassVar[tuple[str, ...]]
    """Torch's names of the attention blocks."""

    nhead: int = setting(Integer(1), doc="number of heads; divides d_model")
    d_model: int | None = setting(Optional(Integer(1)), None, doc="features E; inferred")
    dim_feedforward: int = setting(
        Integer(1), 2048, doc="features between the two linear maps of the feed-forward network"
    )
    dropout: float = setting(
        Real(low=0.0, below=1.0),
        0.1,
        doc="dropout on weights, after each block, between linear maps",
    )
    activation: str = setting(
        Choice(("relu", "gelu")), "relu", doc="function between the two linear maps"
    )
    layer_norm_eps: float = setting(Real(above=0.0), 1e-5, doc="eps of the norms")
    norm_first: bool = setting(Flag(), False, doc="normalise what a block reads, not what it gives")
    bias: bool = setting(Flag(), True, doc="whether linear maps, attention and norms have biases")

    def attention(self, *, causal: bool = False) -> MultiheadAttention:
        """Return an attention block."""
        return MultiheadAttention(
            num_heads=self.nhead, dropout=self.dropout, bias=self.bias, is_causal=causal
        )

    def check_sequence(self, x: TensorType, name: str) -> None:
        """Refuse what is no sequence, or of other features than `d_model`, which the heads must divide."""
        if not x.is_float or x.rank != 3:
            raise LayerError(
                f"{name} is numbers [N, L, E], the input is {x.dtype} {shape_text(x.shape)}"
            )
        if self.d_model not in (None, x.shape[2]):
            raise LayerError(
                f"d_model is {self.d_model}, but {name} {shape_text(x.shape)} has {x.shape[2]} features",
                f"write d_model: {x.shape[2]}, or leave it out",
            )
        if int(str(x.shape[2])) % self.nhead:
            raise LayerError(f"nhead {self.nhead} does not divide the {x.shape[2]} features")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return those of attention, linear maps and norms, by torch's names."""
        x, wide = inputs[0], inputs[0].with_shape(*inputs[0].shape[:2], self.dim_feedforward)
        blocks: dict[str, Mapping[str, Parameter]] = {
            name: self.attention().parameters(reads, dtype)
            for name, reads in zip(self.attentions, ([x], list(inputs[:2])), strict=False)
        }
        first, second = self._linear_maps(x)
        blocks["linear1"] = first.parameters([x], dtype)
        blocks["linear2"] = second.parameters([wide], dtype)
        for number in range(1, len(self.attentions) + 2):
            blocks[f"norm{number}"] = self.layer_norm().parameters([x], dtype)
        return joined(blocks)

    def _linear_maps(self, x: TensorType) -> tuple[Linear, Linear]:
        size = int(str(x.shape[2]))
        return (
            Linear(out_features=self.dim_feedforward, bias=self.bias),
            Linear(out_features=size, bias=self.bias),
        )

    def layer_norm(self) -> LayerNorm:
        """Return a norm of the features."""
        return LayerNorm(eps=self.layer_norm_eps, bias=self.bias)

    def attended(
        self,
        e: Emitter,
        reads: Sequence[Value],
        parameters: Mapping[str, Value],
        name: str,
        *,
        causal: bool,
        training: bool,
    ) -> Value:
        """Emit one of the attention blocks."""
        own, dropout = part_of(parameters, name), self.dropout if training else 0.0
        block = self.attention(causal=causal)
        return block.attended(e, reads, own, dropout=dropout, purpose=name)[0]

    def fed_forward(
        self, e: Emitter, x: Value, parameters: Mapping[str, Value], *, training: bool
    ) -> Value:
        """Emit both linear maps, with the activation and dropout between them."""
        first, second = self._linear_maps(x.type)
        y = first.emit(e, [x], part_of(parameters, "linear1"), training=training)
        y = gelu(e, y) if self.activation == "gelu" else e.emit("relu", y)
        y = self._dropped(e, y, "dropout", training=training)
        return second.emit(e, [y], part_of(parameters, "linear2"), training=training)

    def run(
        self,
        e: Emitter,
        x: Value,
        blocks: Sequence[Callable[[Value], Value]],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the blocks one after the other, each with its shortcut, dropout and norm."""
        for number, block in enumerate(blocks, 1):
            own = part_of(parameters, f"norm{number}")
            read = self.layer_norm().emit(e, [x], own, training=training) if self.norm_first else x
            y = self._dropped(e, block(read), f"dropout{number}", training=training)
            x = e.emit("add", x, y)
            if not self.norm_first:
                x = self.layer_norm().emit(e, [x], own, training=training)
        return x

    def _dropped(self, e: Emitter, x: Value, purpose: str, *, training: bool) -> Value:
        if not training or not self.dropout:
            return x
        return e.emit("mul", x, keep_mask(e, x.type, self.dropout, purpose))


@dataclass(frozen=True, kw_only=True)
class TransformerEncoderLayer(TransformerLayer):
    """Self-attention and a feed-forward network.

    `x = norm1(x + attention(x))`, `y = norm2(x + W_2 act(W_1 x + b_1) + b_2)`; with `norm_first`
    `x = x + attention(norm1(x))`, `y = x + W_2 act(W_1 norm2(x) + b_1) + b_2`. `x` and `y` (N, L, E).
    Parameters are those of `self_attn` (MultiheadAttention), `linear1`, `linear2` (Linear), `norm1` and
    `norm2` (LayerNorm). Further inputs of whole numbers are masks as in MultiheadAttention: 1 hides a
    position.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1; Xiong et al., "On Layer
        Normalization in the Transformer Architecture", 2020 (norm_first).
    """

    arity = (1, 3)
    attentions = ("self_attn",)
    is_causal: bool = setting(Flag(), False, doc="let a position see no later one")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no sequence, and masks that do not fit."""
        x = inputs[0]
        self.check_sequence(x, "the sequence")
        check_masks(inputs[1:], self.nhead, x.shape[1], x.shape[1])

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit both blocks."""
        x, masks = inputs[0], inputs[1:]
        options: Any = {"training": training}
        blocks = (
            lambda x: self.attended(
                e, [x, *masks], parameters, "self_attn", causal=self.is_causal, **options
            ),
            lambda x: self.fed_forward(e, x, parameters, **options),
        )
        return self.run(e, x, blocks, parameters, training=training)


def named_twice(names: Sequence[str]) -> str:
    """Return what is wrong where a mask is named twice, else an empty string."""
    return "masks names one twice" if len(set(names)) < len(names) else ""


def check_named(names: Sequence[str], count: int, after: str, example: str) -> None:
    """Refuse masks that are not named one by one."""
    if len(names) != count:
        raise LayerError(
            f"{count} inputs follow {after}, but masks names {len(names)}",
            f"say what they are, as in masks: [{example}]",
        )


def check_mask(name: str, mask: TensorType, queries: Dim, keys: Dim) -> None:
    """Refuse a mask that does not fit: (N, keys) where padding is in its name, else (N, queries, keys)."""
    wanted = (keys,) if "padding" in name else (queries, keys)
    if mask.dtype != "int64" or mask.shape[1:] != wanted:
        raise LayerError(
            f"{name} is {mask.dtype} {shape_text(mask.shape)}, not int64 "
            f"{shape_text((mask.shape[0], *wanted))}"
        )


MASKS = ("tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask")
"""What further inputs of a decoder layer may be, by torch's names."""


@dataclass(frozen=True, kw_only=True)
class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to a memory, and a feed-forward network.

    As TransformerEncoderLayer with three blocks: attention of `x` (N, L, E) to itself, to `memory` (N, S, E),
    and the feed-forward network. Parameters are those of `self_attn` and `multihead_attn`, `linear1`,
    `linear2`, `norm1`, `norm2` and `norm3`. Inputs: `x`, `memory`, and one mask of whole numbers for each
    name in `masks`, 1 hiding a position: tgt_mask (N, L, L), memory_mask (N, L, S), tgt_key_padding_mask
    (N, L), memory_key_padding_mask (N, S).

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
    """

    arity = (2, 6)
    attentions = ("self_attn", "multihead_attn")
    masks: tuple[str, ...] = setting(
        Listed(Choice(MASKS)), (), doc="what the inputs after the memory are"
    )
    tgt_is_causal: bool = setting(Flag(), False, doc="let a position see no later one")
    memory_is_causal: bool = setting(Flag(), False, doc="let a position see no later one of memory")

    def conflict(self) -> str:
        """Refuse a mask named twice."""
        return named_twice(self.masks)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what are no sequences of one size, and masks that are not named or do not fit."""
        x, memory = inputs[:2]
        self.check_sequence(x, "the sequence")
        self.check_sequence(memory, "the memory")
        if x.shape[2] != memory.shape[2]:
            raise LayerError(
                f"the sequence {shape_text(x.shape)} and the memory {shape_text(memory.shape)} have "
                "different features"
            )
        check_named(self.masks, len(inputs) - 2, "the memory", MASKS[2])
        for name, mask in zip(self.masks, inputs[2:], strict=True):
            keys = x.shape[1] if name.startswith("tgt") else memory.shape[1]
            check_mask(name, mask, x.shape[1], keys)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the three blocks."""
        x, memory = inputs[:2]
        named = list(zip(self.masks, inputs[2:], strict=True))
        own = [mask for name, mask in named if name.startswith("tgt")]
        others = [mask for name, mask in named if name.startswith("memory")]
        options: Any = {"training": training}
        blocks = (
            lambda x: self.attended(
                e, [x, *own], parameters, "self_attn", causal=self.tgt_is_causal, **options
            ),
            lambda x: self.attended(
                e,
                [x, memory, *others],
                parameters,
                "multihead_attn",
                causal=self.memory_is_causal,
                **options,
            ),
            lambda x: self.fed_forward(e, x, parameters, **options),
        )
        return self.run(e, x, blocks, parameters, training=training)
