"""How a recurrence is emitted: one direction of one layer, or a single step of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graphnet.ir import Dim
from graphnet.ops import Emitter, Value


@dataclass(frozen=True)
class Weights:
    """What one direction of one layer owns.

    Attributes:
        ih: Weight of the input (gates H, F).
        hh: Weight of the state (gates H, H).
        bias_ih: Bias (gates H), or None.
        bias_hh: The other bias, which matters apart from the first in GRU only.
        hr: Weight that reduces the state to fewer features (P, H), or None.
    """

    ih: Value
    hh: Value
    bias_ih: Value | None
    bias_hh: Value | None
    hr: Value | None

    @classmethod
    def of(cls, parameters: Mapping[str, Value], end: str = "") -> Weights:
        """Return those whose names end in `end`."""
        return cls(
            parameters[f"weight_ih{end}"],
            parameters[f"weight_hh{end}"],
            parameters.get(f"bias_ih{end}"),
            parameters.get(f"bias_hh{end}"),
            parameters.get(f"weight_hr{end}"),
        )

    def both_biases(self, e: Emitter) -> Value | None:
        """Return the sum of the biases, where there are any."""
        if self.bias_ih is None or self.bias_hh is None:
            return None
        return e.emit("add", self.bias_ih, self.bias_hh)


class Recurrence(Protocol):
    """What RNN, GRU and LSTM differ in."""

    def __call__(
        self, e: Emitter, rows: Value, own: Weights, first: Sequence[Value], *, reverse: bool
    ) -> tuple[Value, ...]:
        """Emit all steps; return the states before and after each, (L + 1, H, N).

        Args:
            e: Where they go.
            rows: The input of all steps and samples (L N, F), the samples of a step side by side.
            own: The weights.
            first: The states before the first step (H, N).
            reverse: Whether the last step comes first.
        """


def projected(
    e: Emitter, rows: Value, weight: Value, bias: Value | None, first: Sequence[Value]
) -> Value:
    """Return the part of the gates that the input gives, of all steps (gates H, L, N)."""
    height, batch = weight.shape[0], first[0].shape[1]
    made = e.emit("matmul", weight, rows, transpose_a=False, transpose_b=True)
    if bias is not None:
        made = e.emit("add", made, e.emit("reshape", bias, shape=(height, 1)))
    return e.emit("reshape", made, shape=(height, steps_in(rows.shape[0], batch), batch))


def steps_in(joined: Dim, batch: Dim) -> int:
    """Return how many steps of a batch lie in a joined dimension.

    Example:
        >>> from graphnet.ir import Batch
        >>> steps_in(Batch(12), Batch())
        12
    """
    whole, part = (dim if isinstance(dim, int) else dim.multiple for dim in (joined, batch))
    return whole // part


@dataclass(frozen=True)
class PlainRecurrence:
    """h = nonlinearity(W x + b + V h + d)."""

    nonlinearity: str

    def __call__(
        self, e: Emitter, rows: Value, own: Weights, first: Sequence[Value], *, reverse: bool
    ) -> tuple[Value, ...]:
        """Emit all steps."""
        gates = projected(e, rows, own.ih, own.both_biases(e), first)
        reads = (gates, own.hh, *first)
        made = e.emit("rnn_sequence", *reads, nonlinearity=self.nonlinearity, reverse=reverse)
        return (made,)


def gated_unit(
    e: Emitter, rows: Value, own: Weights, first: Sequence[Value], *, reverse: bool
) -> tuple[Value, ...]:
    """Emit all steps of a GRU; a bias of zeros stands for none."""
    gates = projected(e, rows, own.ih, own.bias_ih, first)
    bias = own.bias_hh or e.constant(0.0, rows.dtype, own.hh.shape[:1])
    return (e.emit("gru_sequence", gates, own.hh, bias, *first, reverse=reverse),)


def long_short_term(
    e: Emitter, rows: Value, own: Weights, first: Sequence[Value], *, reverse: bool
) -> tuple[Value, ...]:
    """Emit all steps of an LSTM; return its states and cells."""
    gates = projected(e, rows, own.ih, own.both_biases(e), first)
    if own.hr is None:
        return e.emit_all("lstm_sequence", gates, own.hh, *first, reverse=reverse)[:2]
    reads = (gates, own.hh, own.hr, *first)
    return e.emit_all("reduced_lstm_sequence", *reads, reverse=reverse)[:2]


@dataclass(frozen=True)
class Direction:
    """One way through padded sequences.

    Attributes:
        recurrence: What a step does.
        own: The weights.
        backwards: Whether it starts at the end.
        lengths: How many steps of each sample count (N), or None for all.
    """

    recurrence: Recurrence
    own: Weights
    backwards: bool
    lengths: Value | None

    def run(self, e: Emitter, x: Value, first: Sequence[Value]) -> tuple[Value, tuple[Value, ...]]:
        """Emit it over `x` (N, L, F); return its output (N, L, H) and its last states (N, 1, H).

        Where samples have lengths, what is backwards runs forwards over reversed samples, so that each
        starts at its own end.
        """
        turned = self.backwards and self.lengths is not None
        source = e.emit("reverse_sequence", x, self.lengths) if turned and self.lengths else x
        reverse = self.backwards and not turned
        states = self.recurrence(e, step_rows(e, source), self.own, first, reverse=reverse)
        steps = int(str(x.shape[1]))
        start = 0 if reverse else 1
        after = e.emit("slice", states[0], axis=0, start=start, stop=start + steps)
        output = e.emit("permute", after, axes=(2, 0, 1))
        if self.lengths is None:
            end = 0 if reverse else steps
            return output, tuple(self._at(e, state, end) for state in states)
        if turned:
            output = e.emit("reverse_sequence", output, self.lengths)
        mask = e.emit("length_mask", self.lengths, dtype=x.dtype, size=steps)
        spread = e.emit("reshape", mask, shape=(*mask.shape, 1))
        last = tuple(self._after(e, state, self.lengths) for state in states)
        return e.emit("mul", output, spread), last

    def _at(self, e: Emitter, states: Value, place: int) -> Value:
        state = e.emit("slice", states, axis=0, start=place, stop=place + 1)
        return e.emit("permute", state, axes=(2, 0, 1))

    def _after(self, e: Emitter, states: Value, lengths: Value) -> Value:
        """Return each sample's state after its last step: that before the first where it has none."""
        _, size, batch = states.shape
        index = e.emit("expand", lengths, shape=(size, batch), axes=(0,), mean=False)
        base = e.emit("base_positions", axis=0, shape=states.shape)
        state = e.emit("permute", e.emit("pick", states, index, base, axis=0), axes=(1, 0))
        return e.emit("reshape", state, shape=(batch, 1, size))


def step_rows(e: Emitter, x: Value) -> Value:
    """Return `x` (N, L, F) as rows (L N, F), the samples of a step side by side."""
    batch, steps, features = x.shape
    turned = e.emit("permute", x, axes=(1, 0, 2))
    joined = batch if isinstance(batch, int) else type(batch)(batch.multiple * int(str(steps)))
    return e.emit("reshape", turned, shape=(joined, features))


def no_state(e: Emitter, size: int, batch: Dim, dtype: str) -> Value:
    """Return a state of zeros (H, N)."""
    zero = e.constant(0.0, dtype)
    return e.emit("expand", zero, shape=(size, batch), axes=(0, 1), mean=False)
