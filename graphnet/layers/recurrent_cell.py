"""Recurrent cells: a single step of RNN, GRU and LSTM, for networks that say themselves what follows what."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Flag, Integer, Optional, setting
from graphnet.ir import TensorType
from graphnet.layers.layer import Layer, Parameter
from graphnet.layers.recurrence import (
    PlainRecurrence,
    Recurrence,
    Weights,
    gated_unit,
    long_short_term,
    no_state,
)
from graphnet.layers.recurrent import check_features, check_states, weights_of
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class RecurrentCell(Layer):
    """Base of cells: a sequence of one step."""

    arity = (1, 2)
    gates: ClassVar[int]
    states: ClassVar[tuple[str, ...]] = ("hidden",)

    hidden_size: int = setting(Integer(1), doc="features H of the state")
    input_size: int | None = setting(
        Optional(Integer(1)), None, doc="features F of the input; inferred"
    )
    bias: bool = setting(Flag(), True, doc="whether the two biases exist")

    @property
    def results(self) -> tuple[str, ...]:
        """The states after the step."""
        return self.states

    @abstractmethod
    def recurrence(self) -> Recurrence:
        """Return what the step does."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs of another rank or size, and states that do not fit."""
        x, states = inputs[0], inputs[1:]
        check_features(x, self.input_size, "[N, F]")
        wanted = [x.with_shape(x.shape[0], self.hidden_size)] * len(self.states)
        check_states(states, self.states, wanted, f"hidden_size {self.hidden_size}")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return weight_ih (gates H, F), weight_hh (gates H, H), bias_ih and bias_hh (gates H)."""
        x = inputs[0]
        return weights_of(x, self.gates, self.hidden_size, x.shape[1], self.bias)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> tuple[Value, ...]:
        """Emit one step."""
        x, given = inputs[0], inputs[1:]
        batch, size = x.shape[0], self.hidden_size
        first = [e.emit("permute", state, axes=(1, 0)) for state in given]
        if not given:
            first = [no_state(e, size, batch, x.dtype) for _ in self.states]
        made = self.recurrence()(e, x, Weights.of(parameters), first, reverse=False)
        after = [e.emit("slice", states, axis=0, start=1, stop=2) for states in made]
        flat = [e.emit("reshape", state, shape=(size, batch)) for state in after]
        return tuple(e.emit("permute", state, axes=(1, 0)) for state in flat)


@dataclass(frozen=True, kw_only=True)
class RNNCell(RecurrentCell):
    """One step of RNN.

    `h' = nonlinearity(W x + b + V h + d)` with `x` (N, F), `h` and `hidden` (N, H), W `weight_ih` (H, F), V
    `weight_hh` (H, H), b `bias_ih` and d `bias_hh` (H). Inputs: `x`, then `h`, zeros where left out.
    """

    gates = 1
    nonlinearity: str = setting(Choice(("tanh", "relu")), "tanh", doc="what bounds the state")

    def recurrence(self) -> Recurrence:
        """Return the plain step."""
        return PlainRecurrence(self.nonlinearity)


@dataclass(frozen=True, kw_only=True)
class GRUCell(RecurrentCell):
    """One step of GRU, with its formulas.

    `x` (N, F), `h` and `hidden` (N, H), `weight_ih` (3H, F), `weight_hh` (3H, H), `bias_ih` and `bias_hh`
    (3H). Inputs: `x`, then `h`, zeros where left out.
    """

    gates = 3

    def recurrence(self) -> Recurrence:
        """Return the gated step."""
        return gated_unit


@dataclass(frozen=True, kw_only=True)
class LSTMCell(RecurrentCell):
    """One step of LSTM, with its formulas.

    `x` (N, F), `h`, `c`, `hidden` and `cell` (N, H), `weight_ih` (4H, F), `weight_hh` (4H, H), `bias_ih` and
    `bias_hh` (4H). Inputs: `x`, then `h` and `c`, zeros where left out.
    """

    arity = (1, 3)
    gates = 4
    states = ("hidden", "cell")

    def recurrence(self) -> Recurrence:
        """Return the step with a memory."""
        return long_short_term
