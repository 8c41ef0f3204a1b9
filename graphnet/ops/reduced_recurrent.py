"""The LSTM whose state is reduced to fewer features than its cell has."""

from __future__ import annotations

from graphnet.ir import TensorType, product
from graphnet.ops.adjoint import Adjoint
from graphnet.ops.op import Op, OpError, Options, Types
from graphnet.ops.recurrent import state_of, swapped, weight_back
from graphnet.ops.value import Value


def _reduced_lstm(types: Types, options: Options) -> tuple[TensorType, ...]:
    projected, weight, reduction, h0, c0 = types
    told = ", ".join(map(str, types))
    if [kind.rank for kind in types] != [3, 2, 2, 2, 2] or len({kind.dtype for kind in types}) > 1:
        raise OpError(f"{told} do not fit together")
    wide, steps, batch = projected.shape
    small, size = reduction.shape
    if weight.shape != (wide, small) or h0.shape != (small, batch) or c0.shape != (size, batch):
        raise OpError(f"{told} do not fit together")
    if not isinstance(steps, int) or not isinstance(size, int) or wide != 4 * size:
        raise OpError(f"{told}: {wide} is not 4 times {size}")
    like = projected.with_shape
    states = (like(steps + 1, small, batch), like(steps + 1, size, batch))
    return (*states, like(steps, size, batch), like(steps, wide, batch))


def _cell_like(types: Types, options: Options) -> tuple[TensorType, ...]:
    return (types[4],)


def _reduced_lstm_gradient(types: Types, options: Options) -> tuple[TensorType, ...]:
    g_states, g_cells, weight, reduction, cells, squashed, gates = types
    if g_cells != cells or squashed.rank != 3 or reduction.shape[1:] != cells.shape[1:2]:
        raise OpError(f"{g_cells}, {cells} and {reduction} do not fit together")
    if weight.shape != (gates.shape[1], g_states.shape[1]) or g_states.rank != 3:
        raise OpError(f"{weight}, {g_states} and {gates} do not fit together")
    reduced = g_states.with_shape(g_states.shape[1], *squashed.shape[::2])
    return (swapped(gates), state_of(g_states), state_of(cells), reduced)


def _reduced_lstm_gradient_scratch(types: Types, options: Options) -> tuple[TensorType, ...]:
    block, state = state_of(types[6]), state_of(types[4])
    return (block, block, state, state)


def _reduced_back(c: Adjoint) -> tuple[Value, ...]:
    both = (c.gradient("states"), c.gradient("cells"))
    held = (c["weight"], c["reduction"], c["cells"], c["squashed"], c["gates"])
    return c.once("reduced_lstm_sequence_gradient", *both, *held, **c.options)


def _reduction_back(c: Adjoint) -> Value:
    """Return the sum over all steps of the state's gradient times what was reduced to it."""
    gradient, squashed = _reduced_back(c)[3], c["squashed"]
    small, steps, batch = gradient.shape
    size = int(str(squashed.shape[1]))
    output_gate = c.emit("slice", c["gates"], axis=1, start=3 * size, stop=4 * size)
    turned = c.emit("permute", c.emit("mul", output_gate, squashed), axes=(1, 0, 2))
    joined = product((steps, batch))
    left = c.emit("reshape", gradient, shape=(small, joined))
    right = c.emit("reshape", turned, shape=(size, joined))
    return c.emit("matmul", left, right, transpose_a=False, transpose_b=True)


REDUCED_LSTM_SEQUENCE = Op(
    name="reduced_lstm_sequence",
    formula="as lstm_sequence, with h = reduction @ (o squashed)",
    operands=("projected", "weight", "reduction", "h0", "c0"),
    results=("states", "cells", "squashed", "gates"),
    infer=_reduced_lstm,
    attributes=("reverse",),
    adjoint={
        "projected": lambda c: _reduced_back(c)[0],
        "weight": lambda c: weight_back(c, _reduced_back(c)[0]),
        "reduction": _reduction_back,
        "h0": lambda c: _reduced_back(c)[1],
        "c0": lambda c: _reduced_back(c)[2],
    },
    scratch=_cell_like,
    contiguous=("weight", "reduction"),
)

REDUCED_LSTM_SEQUENCE_GRADIENT = Op(
    name="reduced_lstm_sequence_gradient",
    formula="gradients of projected, h0, c0 and of h after every step of reduced_lstm_sequence, from those "
    "of states and cells: backwards through the steps, each the chain rule of its formula",
    operands=("g_states", "g_cells", "weight", "reduction", "cells", "squashed", "gates"),
    results=("projected", "h0", "c0", "reduced"),
    infer=_reduced_lstm_gradient,
    attributes=("reverse",),
    adjoint=None,
    scratch=_reduced_lstm_gradient_scratch,
    contiguous=("weight", "reduction"),
)

OPS = (REDUCED_LSTM_SEQUENCE, REDUCED_LSTM_SEQUENCE_GRADIENT)
