"""How samples of PyTorch's module database are called, with the batch in front as graphnet has it.

Import it only after `pytest.importorskip("torch")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from module_samples import LeftOut, Sample
from torch import Tensor

RECURRENT = ("RNN", "LSTM", "GRU")
FRACTIONAL = ("FractionalMaxPool2d", "FractionalMaxPool3d")
CELLS = ("RNNCell", "LSTMCell", "GRUCell")
ATTENTION = {
    "MultiheadAttention": ("query", "key", "value"),
    "TransformerEncoderLayer": ("src",),
    "TransformerDecoderLayer": ("tgt", "memory"),
    "TransformerEncoder": ("src",),
    "Transformer": ("src", "tgt"),
}
"""Modules with masks, and which of their inputs are sequences."""
NAMED_MASKS = ("TransformerDecoderLayer", "Transformer")
"""Those whose masks are told apart by name."""


@dataclass(frozen=True)
class Call:
    """A module's inputs in graphnet's order of axes, and how results in that order are had from it.

    Attributes:
        inputs: Arrays (N, ...); a sample without a batch is a batch of one.
        run: Calls the module with tensors like `inputs` and gives its results, (N, ...) each.
        settings: Settings that say here what the call says there.
    """

    inputs: list[Tensor]
    run: Callable[[Any, list[Tensor]], list[Tensor]]
    settings: Mapping[str, Any] = field(default_factory=dict)


def call_of(sample: Sample) -> Call:
    """Return how a sample is called.

    Raises:
        LeftOut: When its inputs are no tensors of one batch.
    """
    given = [value for value in sample.inputs.values() if value is not None]
    if sample.name in RECURRENT:
        return _recurrent(sample, given)
    if sample.name in CELLS:
        return _cell(sample, given)
    if sample.name in ATTENTION:
        return _attention(sample, ATTENTION[sample.name])
    if not all(isinstance(value, Tensor) for value in given):
        raise LeftOut("called with what is no tensor")
    alone = "no_batch_dim" in sample.about or any(value.ndim == 0 for value in given)
    tensors = [value.unsqueeze(0) for value in given] if alone else given
    if any(value.shape[0] == 0 for value in tensors):
        raise LeftOut("an empty batch")
    if len({value.shape[0] for value in tensors}) > 1:
        raise LeftOut("its inputs have different numbers of samples")
    if sample.name in FRACTIONAL:
        return _fractional(sample, tensors[0])
    return Call(tensors, lambda module, held: flattened(module(*held)))


def _fractional(sample: Sample, x: Tensor) -> Call:
    """Random numbers that the module holds are an input, those of the samples that there are."""
    drawn = sample.arguments["_random_samples"]
    sample.module.register_buffer("_random_samples", drawn, persistent=False)

    def run(module: Any, held: list[Tensor]) -> list[Tensor]:
        module._random_samples = held[1].detach()
        return flattened(module(held[0]))

    return Call([x, drawn[: len(x)].clone()], run)


def flattened(made: Any) -> list[Tensor]:
    """Return one or several results, tuples among them, as a flat list of tensors."""
    if isinstance(made, Tensor):
        return [made]
    return [tensor for part in made if part is not None for tensor in flattened(part)]


def _states(given: list[Any]) -> list[Tensor]:
    return [state for part in given for state in flattened(part)]


def _recurrent(sample: Sample, given: list[Any]) -> Call:
    """Sequences and states of (layers, N, H) with the batch in front."""
    first = bool(sample.arguments.get("batch_first", False))
    if not isinstance(given[0], Tensor):
        raise LeftOut("called with what is no tensor")
    x, *states = [given[0], *_states(given[1:])]
    if x.ndim == 2:
        x = x.unsqueeze(0 if first else 1)
        states = [state.unsqueeze(1) for state in states]
    inputs = [x if first else x.transpose(0, 1), *(state.transpose(0, 1) for state in states)]

    def run(module: Any, held: list[Tensor]) -> list[Tensor]:
        sequence = held[0] if first else held[0].transpose(0, 1)
        begun = [state.transpose(0, 1).contiguous() for state in held[1:]]
        extra = [] if not begun else [tuple(begun) if len(begun) > 1 else begun[0]]
        output, *ended = flattened(module(sequence, *extra))
        output = output if first else output.transpose(0, 1)
        return [output, *(state.transpose(0, 1) for state in ended)]

    return Call([tensor.contiguous() for tensor in inputs], run)


def _cell(sample: Sample, given: list[Any]) -> Call:
    """One step: an input, and states that come alone or as a pair."""
    x, *states = [given[0], *_states(given[1:])]
    tensors = [tensor.unsqueeze(0) if tensor.ndim == 1 else tensor for tensor in (x, *states)]

    def run(module: Any, held: list[Tensor]) -> list[Tensor]:
        begun = held[1:]
        extra = [] if not begun else [tuple(begun) if len(begun) > 1 else begun[0]]
        return flattened(module(held[0], *extra))

    return Call(tensors, run)


def _batch_first(sample: Sample) -> bool:
    layer = sample.arguments.get("encoder_layer")
    if layer is not None:
        return bool(layer.self_attn.batch_first)
    return bool(sample.arguments.get("batch_first", False))


def _attention(sample: Sample, names: tuple[str, ...]) -> Call:
    """Sequences with the batch in front, and masks of whole numbers for each sample after them."""
    axis = 0 if _batch_first(sample) else 1
    alone = sample.inputs[names[0]].ndim == 2
    sequences = [
        sample.inputs[name].unsqueeze(0) if alone else sample.inputs[name].transpose(0, axis)
        for name in names
    ]
    masks = {
        name: value
        for name, value in sample.inputs.items()
        if name not in names and isinstance(value, Tensor)
    }
    count, lengths = len(sequences[0]), {x.shape[1] for x in sequences}
    wide = [_per_sample(mask, count, lengths) for mask in masks.values()]
    settings = {"masks": list(masks)} if masks and sample.name in NAMED_MASKS else {}

    def run(module: Any, held: list[Tensor]) -> list[Tensor]:
        given = [x[0] if alone else x.transpose(0, axis) for x in held[: len(names)]]
        rest = {name: value for name, value in sample.inputs.items() if name not in names}
        made = flattened(module(*given, **rest))
        if any(bool(torch.isnan(x).any()) for x in made):
            raise LeftOut("a query sees no key: its result is 0, in PyTorch not a number")
        first = made[0].unsqueeze(0) if alone else made[0].transpose(0, axis)
        return [first, *(x.unsqueeze(0) if alone else x for x in made[1:])]

    return Call([*(x.contiguous() for x in sequences), *wide], run, settings)


def _per_sample(mask: Tensor, count: int, lengths: set[int]) -> Tensor:
    """Return a mask of all samples, or of one, as whole numbers for each sample."""
    if mask.dtype != torch.bool:
        raise LeftOut("a mask that is added; masks hide or do not")
    whole = mask.to(torch.int64)
    if whole.ndim == 1:
        return whole.unsqueeze(0)
    square = whole.ndim == 2 and whole.shape[0] in lengths
    if square and whole.shape != (count, whole.shape[1]):
        return whole.expand(count, *whole.shape).contiguous()
    if whole.ndim == 3 and len(whole) != count:
        return whole.reshape(count, -1, *whole.shape[1:])
    return whole


def as_floats(tensors: list[Tensor]) -> list[Tensor]:
    """Return whole numbers as floating point ones."""
    return [t if t.is_floating_point() else t.to(torch.float64) for t in tensors]
