"""Recurrent layers: RNN, GRU and LSTM, in several layers and both directions."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Flag, Integer, Optional, Real, setting
from graphnet.ir import Dim, Shape, TensorType, shape_text
from graphnet.layers.dropout import keep_mask
from graphnet.layers.layer import Layer, LayerError, Parameter
from graphnet.layers.linear import uniform_within
from graphnet.layers.recurrence import (
    Direction,
    PlainRecurrence,
    Recurrence,
    Weights,
    gated_unit,
    long_short_term,
    no_state,
)
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Recurrent(Layer):
    """Base of RNN, GRU and LSTM: layers over layers, each run forwards and perhaps backwards."""

    arity = (1, 3)
    gates: ClassVar[int]
    """How many times H the rows of the weights are."""
    states: ClassVar[tuple[str, ...]] = ("hidden",)
    """What a step hands to the next one."""

    hidden_size: int = setting(Integer(1), doc="features H of the state")
    input_size: int | None = setting(
        Optional(Integer(1)), None, doc="features F of the input; inferred"
    )
    num_layers: int = setting(
        Integer(1, 64), 1, doc="layers, each reading the output of the one below"
    )
    bias: bool = setting(Flag(), True, doc="whether the two biases exist")
    dropout: float = setting(
        Real(low=0.0, below=1.0), 0.0, doc="dropout on the output of every layer but the last"
    )
    bidirectional: bool = setting(Flag(), False, doc="run every layer in both directions")

    @property
    def results(self) -> tuple[str, ...]:
        """The output of every step, and the last states."""
        return ("output", *self.states)

    @property
    def directions(self) -> tuple[str, ...]:
        """What the names of each direction's parameters end in."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features of each state; the output has those of the first."""
        return (self.hidden_size,) * len(self.states)

    @abstractmethod
    def recurrence(self) -> Recurrence:
        """Return what a step does."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no sequence or of another size, and lengths and states that do not fit."""
        x, (*states, lengths) = inputs[0], (*inputs[1:], None)
        check_features(x, self.input_size, "[N, L, F]")
        if states and states[-1].dtype == "int64":
            lengths = states.pop()
        elif states and states[-1].rank == 1:
            raise LayerError(
                f"lengths are whole numbers, not {states[-1].dtype} {shape_text(states[-1].shape)}",
                "add dtype: int64 to their declaration: {shape: [], dtype: int64}",
                key="inputs",
            )
        if lengths is not None and lengths.rank != 1:
            raise LayerError(
                f"lengths are one whole number a sample [N], not {shape_text(lengths.shape)}",
                "declare the input as {shape: [], dtype: int64}",
            )
        count = self.num_layers * len(self.directions)
        wanted = [x.with_shape(x.shape[0], count, size) for size in self.sizes]
        formula = (
            f"num_layers {self.num_layers} times {len(self.directions)} directions, hidden_size"
        )
        check_states(states, self.states, wanted, f"{formula} {self.hidden_size}")

    def index_limit(self, inputs: Sequence[TensorType]) -> int | None:
        """Return one more than the number of steps, which lengths must stay below."""
        steps = inputs[0].shape[1]
        return steps + 1 if isinstance(steps, int) else None

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight_ih_l0 (gates H, F), weight_hh_l0 (gates H, H), biases (gates H), and so on."""
        width = inputs[0].shape[2]
        found: dict[str, Parameter] = {}
        for layer in range(self.num_layers):
            for direction in self.directions:
                own = self.weights(inputs[0], width)
                found |= {f"{name}_l{layer}{direction}": row for name, row in own.items()}
            width = self.sizes[0] * len(self.directions)
        return found

    def weights(self, x: TensorType, width: Dim) -> dict[str, Parameter]:
        """Return the parameters of one direction of one layer that reads `width` features."""
        return weights_of(x, self.gates, self.hidden_size, width, self.bias)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> tuple[Value, ...]:
        """Emit every layer and direction, and join their outputs and last states."""
        x, given = inputs[0], list(inputs[1:])
        lengths = given.pop() if given and given[-1].dtype == "int64" else None
        ends: list[tuple[Value, ...]] = []
        for layer in range(self.num_layers):
            outputs: list[Value] = []
            for end in self.directions:
                own = Weights.of(parameters, f"_l{layer}{end}")
                first = self._first(e, x, given, len(ends))
                way = Direction(self.recurrence(), own, bool(end), lengths)
                output, last = way.run(e, x, first)
                outputs.append(output)
                ends.append(last)
            x = outputs[0] if len(outputs) == 1 else e.emit("concat", *outputs, axis=2)
            if training and self.dropout and layer < self.num_layers - 1:
                x = e.emit("mul", x, keep_mask(e, x.type, self.dropout, f"dropout{layer}"))
        joined = [
            e.emit("concat", *parts, axis=1) if len(parts) > 1 else parts[0]
            for parts in zip(*ends, strict=True)
        ]
        return (x, *joined)

    def _first(self, e: Emitter, x: Value, given: Sequence[Value], place: int) -> list[Value]:
        """Return the states (H, N) that a direction starts from: its part of those given, or zeros."""
        batch = x.shape[0]
        if not given:
            return [no_state(e, size, batch, x.dtype) for size in self.sizes]
        parts = [e.emit("slice", g, axis=1, start=place, stop=place + 1) for g in given]
        flat = [e.emit("reshape", part, shape=(batch, part.shape[2])) for part in parts]
        return [e.emit("permute", state, axes=(1, 0)) for state in flat]


def check_features(x: TensorType, given: int | None, shape: str) -> None:
    """Refuse an input of another rank than `shape` is written with, or of other features than given.

    Raises:
        LayerError: With both.
    """
    if not x.is_float or x.rank != shape.count(",") + 1:
        raise LayerError(f"takes numbers {shape}, the input is {x.dtype} {shape_text(x.shape)}")
    if given not in (None, x.shape[-1]):
        raise LayerError(
            f"input_size is {given}, but the input {shape_text(x.shape)} has {x.shape[-1]} features",
            f"write input_size: {x.shape[-1]}, or leave it out",
        )


def check_states(
    states: Sequence[TensorType], names: Sequence[str], types: Sequence[TensorType], formula: str
) -> None:
    """Refuse a wrong number of first states, and those of another type.

    Raises:
        LayerError: With both shapes and the formula's values.
    """
    if len(states) not in (0, len(names)):
        raise LayerError(
            f"starts from {' and '.join(names)} or from zeros, but {len(states)} states are given"
        )
    for name, state, wanted in zip(names, states, types, strict=False):
        if state != wanted:
            raise LayerError(
                f"the first {name} is {state.dtype} {shape_text(state.shape)}, not {wanted.dtype} "
                f"{shape_text(wanted.shape)}: {formula}"
            )


def weights_of(
    x: TensorType, gates: int, size: int, width: Dim, bias: bool
) -> dict[str, Parameter]:
    """Return the parameters of one direction of one layer, all uniform within 1 / sqrt(size)."""
    rows, initial = gates * size, uniform_within(1.0 / math.sqrt(size))
    shapes: dict[str, Shape] = {"weight_ih": (rows, width), "weight_hh": (rows, size)}
    if bias:
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
    return {name: Parameter(x.with_shape(*shape), initial, size) for name, shape in shapes.items()}


@dataclass(frozen=True, kw_only=True)
class RNN(Recurrent):
    """Recurrent layer with one state for each step, which is its output too (Elman network).

    `h[t] = nonlinearity(W x[t] + b + V h[t-1] + d)` with `x` (N, L, F), W `weight_ih_l0` (H, F), V
    `weight_hh_l0` (H, H), b `bias_ih_l0` and d `bias_hh_l0` (H); layers above read the output of the one
    below (`_l1`), and `bidirectional` ones run backwards too (`_l0_reverse`), D being 2 then and else 1.

    Inputs: `x`; then the first `hidden` (N, D num_layers, H), zeros where left out; then `lengths` (N), whole
    numbers of at most L: steps from there on count for nothing, as in torch's packed sequences. Results:
    `output` (N, L, D H), 0 beyond a length, and `hidden` (N, D num_layers, H), that after the last step of
    each sample. Batch always comes first, also in `hidden`, where torch has it second. All parameters start
    uniform within 1 / sqrt(H).

    References:
        Elman, "Finding structure in time", 1990.
    """

    gates = 1
    nonlinearity: str = setting(Choice(("tanh", "relu")), "tanh", doc="what bounds the state")

    def recurrence(self) -> Recurrence:
        """Return the plain step."""
        return PlainRecurrence(self.nonlinearity)


@dataclass(frozen=True, kw_only=True)
class GRU(Recurrent):
    """Gated recurrent unit: a state that gates renew step by step.

    `r = sigmoid(W_r x + b_r + V_r h + d_r)`, `z = sigmoid(W_z x + b_z + V_z h + d_z)`,
    `n = tanh(W_n x + b_n + r (V_n h + d_n))`, `h = (1 - z) n + z h`, the parameters of r, z and n being the
    thirds of `weight_ih_l0` (3H, F), `weight_hh_l0` (3H, H), `bias_ih_l0` and `bias_hh_l0` (3H). Inputs,
    results and all else as in RNN.

    References:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, equations 5 to 8;
        r is applied after the product, as in torch.
    """

    gates = 3

    def recurrence(self) -> Recurrence:
        """Return the gated step."""
        return gated_unit


@dataclass(frozen=True, kw_only=True)
class LSTM(Recurrent):
    """Long short-term memory: a cell that gates write and forget, and a state read from it.

    `i, f, o = sigmoid(W x + b + V h + d)`, `g = tanh(...)` likewise, `c = f c + i g`, `h = o tanh(c)`, the
    parameters of i, f, g and o being the quarters of `weight_ih_l0` (4H, F), `weight_hh_l0` (4H, H),
    `bias_ih_l0` and `bias_hh_l0` (4H). Inputs, results and all else as in RNN, but that there are two states:
    `hidden` and `cell` (N, D num_layers, H) come first and come out. With `proj_size` P, `h = R (o tanh(c))`,
    R being `weight_hr_l0` (P, H); `hidden` and the output then have P features and V is (4H, P).

    References:
        Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; with the forget gate of Gers et al., 2000,
        and the reduction of Sak, Senior and Beaufays, 2014.
    """

    arity = (1, 4)
    gates = 4
    states = ("hidden", "cell")
    proj_size: int = setting(
        Integer(0),
        0,
        doc="features P that `hidden` and the output are reduced to; 0 leaves them be",
    )

    def conflict(self) -> str:
        """Refuse a reduction to as many features or more."""
        if self.proj_size >= self.hidden_size:
            return f"proj_size {self.proj_size} is not below hidden_size {self.hidden_size}"
        return ""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Features of hidden and cell."""
        return (self.proj_size or self.hidden_size, self.hidden_size)

    def weights(self, x: TensorType, width: Dim) -> dict[str, Parameter]:
        """Return those of the gates, and weight_hr (P, H) where the state is reduced."""
        found = super().weights(x, width)
        if not self.proj_size:
            return found
        initial, small = found["weight_hh"].initial, self.proj_size
        found["weight_hh"] = Parameter(x.with_shape(4 * self.hidden_size, small), initial, small)
        kind = x.with_shape(small, self.hidden_size)
        return {**found, "weight_hr": Parameter(kind, initial, self.hidden_size)}

    def recurrence(self) -> Recurrence:
        """Return the step with a memory."""
        return long_short_term
