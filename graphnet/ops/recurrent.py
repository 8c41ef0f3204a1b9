"""Recurrences: one op runs a whole sequence in one direction, one more derives it.

Everything is laid out (feature, ..., batch): the gates of a step are then rows that lie in one piece, and a
step is one product with the weight on the left, which is twice as fast as with the weight on the right.
The products of the input with its weight, and all gradients of weights, are products outside of these ops.
"""

from __future__ import annotations

from graphnet.ir import Dim, TensorType, product
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.value import Value


def _steps(types: Types, gates: int, first: TensorType) -> tuple[int, Dim, Dim]:
    """Return steps, features and batch of projected (gates H, L, N), weight (gates H, H), first (H, N)."""
    projected, weight = types[:2]
    told = f"{projected}, {weight} and {first}"
    if projected.rank != 3 or weight.rank != 2 or first.rank != 2:
        raise OpError(f"{told} have wrong numbers of dimensions")
    wide, steps, batch = projected.shape
    if first.shape != (weight.shape[1], batch) or wide != weight.shape[0]:
        raise OpError(f"{told} do not fit together")
    if len({kind.dtype for kind in types}) != 1 or not projected.is_float:
        raise OpError(f"{told} are not of one floating point type")
    size = first.shape[0]
    if not isinstance(steps, int) or not isinstance(size, int) or wide != gates * size:
        raise OpError(f"{told}: {wide} is not {gates} times {size}")
    return steps, size, batch


def _rnn(types: Types, options: Options) -> tuple[TensorType, ...]:
    if options["nonlinearity"] not in ("tanh", "relu"):
        raise OpError(f"the nonlinearity is tanh or relu, not {options['nonlinearity']}")
    steps, size, batch = _steps(types, 1, types[2])
    return (types[0].with_shape(steps + 1, size, batch),)


def _gru(types: Types, options: Options) -> tuple[TensorType, ...]:
    steps, size, batch = _steps(types, 3, types[3])
    if types[2].shape != types[1].shape[:1]:
        raise OpError(f"the bias {types[2]} does not fit the weight {types[1]}")
    like = types[0].with_shape
    return (
        like(steps + 1, size, batch),
        like(steps, size, batch),
        like(steps, *types[0].shape[:1], batch),
    )


def _gru_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    block = types[0].with_shape(types[0].shape[0], types[0].shape[2])
    return (block, block)


def _lstm(types: Types, options: Options) -> tuple[TensorType, ...]:
    steps, size, batch = _steps(types, 4, types[2])
    if types[3] != types[2]:
        raise OpError(f"the first states {types[2]} and {types[3]} differ")
    like = types[0].with_shape
    states = like(steps + 1, size, batch)
    return (states, states, like(steps, size, batch), like(steps, types[0].shape[0], batch))


def _one_state(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[2],)


def swapped(kind: TensorType) -> TensorType:
    """Return (rows, L, N) for (L, rows, N)."""
    steps, rows, batch = kind.shape
    return kind.with_shape(rows, steps, batch)


def state_of(kind: TensorType) -> TensorType:
    """Return (rows, N) for (L, rows, N)."""
    return kind.with_shape(*kind.shape[1:])


def _rnn_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, weight, states = types
    if g != states or g.rank != 3 or weight.shape != (g.shape[1], g.shape[1]):
        raise OpError(f"{g}, {weight} and {states} do not fit together")
    steps, size, batch = g.shape
    if not isinstance(steps, int):
        raise OpError(f"{g} has no fixed number of steps")
    return (g.with_shape(size, steps - 1, batch), state_of(g))


def _rnn_gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    block = state_of(types[0])
    return (block, block.with_dtype("bool")) if options["nonlinearity"] == "relu" else (block,)


def _gru_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, weight, states, inner, gates = types
    if g != states or weight.shape != (gates.shape[1], g.shape[1]) or inner.rank != 3:
        raise OpError(f"{g}, {weight}, {states} and {gates} do not fit together")
    return (swapped(gates), swapped(gates), state_of(g))


def _gru_gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    g, gates = types[0], types[4]
    rows, size, batch = gates.shape[1], g.shape[1], g.shape[2]
    two = rows - size if isinstance(rows, int) and isinstance(size, int) else rows
    return (state_of(gates), g.with_shape(two, batch), state_of(g), state_of(g))


def _lstm_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g_states, g_cells, weight, cells, squashed, gates = types
    if len({g_states, g_cells, cells}) != 1 or squashed.rank != 3:
        raise OpError(f"{g_states}, {g_cells} and {cells} differ")
    if weight.shape != (gates.shape[1], cells.shape[1]):
        raise OpError(f"{weight} and {gates} do not fit together")
    return (swapped(gates), state_of(cells), state_of(cells))


def _lstm_gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    block, state = state_of(types[5]), state_of(types[3])
    return (block, block, state)


def weight_back(c: Adjoint, gradient: Value) -> Value:
    """Return the sum over all steps of the gates' gradient times the state before the step."""
    states = c["states"]
    rows, steps, batch = gradient.shape
    start = 1 if c.options["reverse"] else 0
    before = c.emit("slice", states, axis=0, start=start, stop=start + int(str(steps)))
    turned = c.emit("permute", before, axes=(1, 0, 2))
    joined = product((steps, batch))
    left = c.emit("reshape", gradient, shape=(rows, joined))
    right = c.emit("reshape", turned, shape=(states.shape[1], joined))
    return c.emit("matmul", left, right, transpose_a=False, transpose_b=True)


def _rnn_back(c: Adjoint) -> tuple[Value, ...]:
    return c.once("rnn_sequence_gradient", c.g, c["weight"], c["states"], **c.options)


def _gru_back(c: Adjoint) -> tuple[Value, ...]:
    held = (c["weight"], c["states"], c["inner"], c["gates"])
    return c.once("gru_sequence_gradient", c.g, *held, **c.options)


def _lstm_back(c: Adjoint) -> tuple[Value, ...]:
    both = (c.gradient("states"), c.gradient("cells"))
    held = (c["weight"], c["cells"], c["squashed"], c["gates"])
    return c.once("lstm_sequence_gradient", *both, *held, **c.options)


_ORDER = (
    "for each step t, the last first if reverse; states[t] is before and states[t + 1] after the step, the "
    "other way round if reverse"
)

RNN_SEQUENCE = Op(
    name="rnn_sequence",
    formula=f"h = nonlinearity(projected[:, t] + weight @ h), from h0; {_ORDER}",
    operands=("projected", "weight", "h0"),
    results=("states",),
    infer=_rnn,
    attributes=("nonlinearity", "reverse"),
    adjoint={
        "projected": lambda c: _rnn_back(c)[0],
        "weight": lambda c: weight_back(c, _rnn_back(c)[0]),
        "h0": lambda c: _rnn_back(c)[1],
    },
    contiguous=("weight",),
)

RNN_SEQUENCE_GRADIENT = Op(
    name="rnn_sequence_gradient",
    formula="gradients of projected and h0 of rnn_sequence, from g of states: backwards through the steps, "
    "a = slope(h after) * dh, dh = weight^T @ a + g[before]",
    operands=("g", "weight", "states"),
    results=("projected", "h0"),
    infer=_rnn_gradient,
    attributes=("nonlinearity", "reverse"),
    adjoint=None,
    scratch=_rnn_gradient_scratch,
    contiguous=("weight",),
)

GRU_SEQUENCE = Op(
    name="gru_sequence",
    formula="u = weight @ h + bias, r = sigmoid(projected[:H, t] + u[:H]), z = sigmoid(projected[H:2H, t] + "
    "u[H:2H]), n = tanh(projected[2H:, t] + r u[2H:]), h = (1 - z) n + z h, from h0; inner = u[2H:], gates = "
    f"r, z, n; {_ORDER}",
    operands=("projected", "weight", "bias", "h0"),
    results=("states", "inner", "gates"),
    infer=_gru,
    attributes=("reverse",),
    adjoint={
        "projected": lambda c: _gru_back(c)[0],
        "weight": lambda c: weight_back(c, _gru_back(c)[1]),
        "bias": lambda c: c.emit("sum", _gru_back(c)[1], axes=(1, 2), keepdims=False),
        "h0": lambda c: _gru_back(c)[2],
    },
    scratch=_gru_scratch,
    contiguous=("weight",),
)

GRU_SEQUENCE_GRADIENT = Op(
    name="gru_sequence_gradient",
    formula="gradients of projected, of u at every step, and of h0 of gru_sequence, from g of states: "
    "backwards through the steps, each the chain rule of its formula",
    operands=("g", "weight", "states", "inner", "gates"),
    results=("projected", "u", "h0"),
    infer=_gru_gradient,
    attributes=("reverse",),
    adjoint=None,
    scratch=_gru_gradient_scratch,
    contiguous=("weight",),
)

LSTM_SEQUENCE = Op(
    name="lstm_sequence",
    formula="a = projected[:, t] + weight @ h in quarters, i = sigmoid(a1), f = sigmoid(a2), g = tanh(a3), "
    "o = sigmoid(a4), c = f c + i g, squashed = tanh(c), h = o squashed, from h0 and c0; gates = i, f, g, o; "
    f"{_ORDER}; cells likewise",
    operands=("projected", "weight", "h0", "c0"),
    results=("states", "cells", "squashed", "gates"),
    infer=_lstm,
    attributes=("reverse",),
    adjoint={
        "projected": lambda c: _lstm_back(c)[0],
        "weight": lambda c: weight_back(c, _lstm_back(c)[0]),
        "h0": lambda c: _lstm_back(c)[1],
        "c0": lambda c: _lstm_back(c)[2],
    },
    scratch=_one_state,
    contiguous=("weight",),
)

LSTM_SEQUENCE_GRADIENT = Op(
    name="lstm_sequence_gradient",
    formula="gradients of projected, h0 and c0 of lstm_sequence, from those of states and cells: backwards "
    "through the steps, each the chain rule of its formula",
    operands=("g_states", "g_cells", "weight", "cells", "squashed", "gates"),
    results=("projected", "h0", "c0"),
    infer=_lstm_gradient,
    attributes=("reverse",),
    adjoint=None,
    scratch=_lstm_gradient_scratch,
    contiguous=("weight",),
)

OPS = (
    RNN_SEQUENCE,
    RNN_SEQUENCE_GRADIENT,
    GRU_SEQUENCE,
    GRU_SEQUENCE_GRADIENT,
    LSTM_SEQUENCE,
    LSTM_SEQUENCE_GRADIENT,
)
