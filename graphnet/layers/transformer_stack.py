"""Stacks of transformer layers: encoder, decoder, and both as one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, TypeVar

from graphnet.declare import Choice, Flag, Integer, Listed, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.composite import joined, part_of
from graphnet.layers.layer import Initial, LayerError, Parameter
from graphnet.layers.transformer import (
    MASKS,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    TransformerLayer,
    check_mask,
    check_named,
    named_twice,
)
from graphnet.ops import Emitter, Value

L = TypeVar("L", bound=TransformerLayer)


def _of(kind: type[L], whole: TransformerLayer, **more: Any) -> L:
    """Return a layer of a kind with the settings of the whole that both have."""
    shared = {field.name for field in fields(kind)} & {field.name for field in fields(whole)}
    return kind(**{name: getattr(whole, name) for name in shared} | more)


def _declared(
    layer: TransformerLayer, count: int, norm: bool, inputs: Sequence[TensorType], dtype: str
) -> dict[str, Parameter]:
    """Return the parameters of all layers, and of the norm after them."""
    parts: dict[str, Mapping[str, Parameter]] = {
        f"layers.{number}": layer.parameters(inputs, dtype) for number in range(count)
    }
    if norm:
        parts["norm"] = layer.layer_norm().parameters(inputs[:1], dtype)
    return joined(parts)


def _run(
    e: Emitter,
    layer: TransformerEncoderLayer | TransformerDecoderLayer,
    count: int,
    norm: bool,
    inputs: Sequence[Value],
    parameters: Mapping[str, Value],
    training: bool,
) -> Value:
    """Emit the layers one after the other; all but the first input go into each."""
    x, *others = inputs
    for number in range(count):
        name = f"layers.{number}"
        with e.within_part(name):
            x = layer.emit(e, [x, *others], part_of(parameters, name), training=training)
    if not norm:
        return x
    return layer.layer_norm().emit(e, [x], part_of(parameters, "norm"), training=training)


@dataclass(frozen=True, kw_only=True)
class TransformerStack(TransformerLayer):
    """Base of one kind of layer repeated; it comes before that kind among the bases."""

    repeated: ClassVar[type[TransformerEncoderLayer | TransformerDecoderLayer]]
    """What is repeated."""
    num_layers: int = setting(Integer(1, 256), doc="number of layers")
    norm: bool = setting(Flag(), False, doc="a LayerNorm after the last layer")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return those of all layers, and of the norm."""
        layer = _of(self.repeated, self)
        return _declared(layer, self.num_layers, self.norm, inputs, dtype)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the layers and the norm."""
        layer = _of(self.repeated, self)
        return _run(e, layer, self.num_layers, self.norm, inputs, parameters, training)


@dataclass(frozen=True, kw_only=True)
class TransformerEncoder(TransformerStack, TransformerEncoderLayer):
    """Encoder layers one after the other, and a norm after the last where `norm` asks for it.

    `x` and `y` (N, L, E); masks go into every layer. Parameters are those of TransformerEncoderLayer under
    `layers.0.`, `layers.1.`, ..., and `norm.weight`, `norm.bias`. Every layer starts with numbers of its own,
    where torch copies those of the first.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
    """

    repeated = TransformerEncoderLayer


@dataclass(frozen=True, kw_only=True)
class TransformerDecoder(TransformerStack, TransformerDecoderLayer):
    """Decoder layers one after the other, and a norm after the last where `norm` asks for it.

    `x` and `y` (N, L, E), `memory` (N, S, E); memory and masks go into every layer. Parameters are those of
    TransformerDecoderLayer under `layers.0.`, `layers.1.`, ..., and `norm.weight`, `norm.bias`. Every layer
    starts with numbers of its own, where torch copies those of the first.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.1.
    """

    repeated = TransformerDecoderLayer


SOURCE_MASKS = ("src_mask", "src_key_padding_mask")


@dataclass(frozen=True, kw_only=True)
class Transformer(TransformerLayer):
    """An encoder of a source, and a decoder that reads what the encoder gives: each with a norm at its end.

    `y = decoder(tgt, encoder(src))` with `src` (N, S, E), `tgt` and `y` (N, L, E). Parameters are those of
    TransformerEncoder under `encoder.` and of TransformerDecoder under `decoder.`; matrices start as
    xavier_uniform draws them, each with numbers of its own. Inputs: `src`, `tgt`, and one mask of whole
    numbers for each name in `masks`, 1 hiding a position: src_mask (N, S, S), src_key_padding_mask (N, S),
    tgt_mask (N, L, L), tgt_key_padding_mask (N, L), memory_mask (N, L, S), memory_key_padding_mask (N, S).

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.
    """

    arity = (2, 8)
    nhead: int = setting(Integer(1), 8, doc="number of heads; divides d_model")
    num_encoder_layers: int = setting(Integer(1, 256), 6, doc="layers of the encoder")
    num_decoder_layers: int = setting(Integer(1, 256), 6, doc="layers of the decoder")
    masks: tuple[str, ...] = setting(
        Listed(Choice((*SOURCE_MASKS, *MASKS))), (), doc="what the inputs after tgt are"
    )
    src_is_causal: bool = setting(Flag(), False, doc="let a position of src see no later one")
    tgt_is_causal: bool = setting(Flag(), False, doc="let a position of tgt see no later one")
    memory_is_causal: bool = setting(Flag(), False, doc="let a position see no later one of memory")

    def conflict(self) -> str:
        """Refuse a mask named twice."""
        return named_twice(self.masks)

    def _encoder(self) -> TransformerEncoderLayer:
        return _of(TransformerEncoderLayer, self, is_causal=self.src_is_causal)

    def _decoder(self) -> TransformerDecoderLayer:
        masks = tuple(name for name in self.masks if name in MASKS)
        return _of(TransformerDecoderLayer, self, masks=masks)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what are no sequences of one size, and masks that are not named or do not fit."""
        src, tgt = inputs[:2]
        self.check_sequence(src, "src")
        self.check_sequence(tgt, "tgt")
        if src.shape[2] != tgt.shape[2]:
            raise LayerError(
                f"src {shape_text(src.shape)} and tgt {shape_text(tgt.shape)} have different features"
            )
        check_named(self.masks, len(inputs) - 2, "tgt", "src_key_padding_mask")
        for name, mask in zip(self.masks, inputs[2:], strict=True):
            queries = (src if name.startswith("src") else tgt).shape[1]
            keys = (tgt if name.startswith("tgt") else src).shape[1]
            check_mask(name, mask, queries, keys)

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return those of the encoder, then of the decoder."""
        src, tgt = inputs[:2]
        found = joined(
            {
                "encoder": _declared(self._encoder(), self.num_encoder_layers, True, [src], dtype),
                "decoder": _declared(
                    self._decoder(), self.num_decoder_layers, True, [tgt, src], dtype
                ),
            }
        )
        drawn = Initial("xavier_uniform", {})
        return {
            name: replace(one, initial=drawn) if one.type.rank > 1 else one
            for name, one in found.items()
        }

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the encoder and the decoder."""
        (src, tgt), masks = inputs[:2], dict(zip(self.masks, inputs[2:], strict=True))
        hiding = [mask for name, mask in masks.items() if name in SOURCE_MASKS]
        others = [mask for name, mask in masks.items() if name in MASKS]
        with e.within_part("encoder"):
            own = part_of(parameters, "encoder")
            count = self.num_encoder_layers
            memory = _run(e, self._encoder(), count, True, [src, *hiding], own, training)
        with e.within_part("decoder"):
            own = part_of(parameters, "decoder")
            count = self.num_decoder_layers
            reads = [tgt, memory, *others]
            return _run(e, self._decoder(), count, True, reads, own, training)
