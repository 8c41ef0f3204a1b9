"""Kernels of recurrences: the calls of all steps, one after the other, over views made when bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graphnet.backend.arena import Array
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding, Kernel, call, clipped, flat, number
from graphnet.backend.numpy.kernels.activation import sigmoid_steps


def _order(steps: int, *, reverse: bool) -> Iterator[tuple[int, int, int]]:
    """Give each step with the places of the state before and after it."""
    for t in range(steps - 1, -1, -1) if reverse else range(steps):
        yield (t, t + 1, t) if reverse else (t, t, t + 1)


def _backwards(steps: int, *, reverse: bool) -> list[tuple[int, int, int]]:
    return list(_order(steps, reverse=reverse))[::-1]


def _ends(steps: int, *, reverse: bool) -> tuple[int, int]:
    """Return the places of the first and of the last state."""
    return (steps, 0) if reverse else (0, steps)


def _sigmoid(x: Array) -> list[Step]:
    (vector,) = flat(x)
    return sigmoid_steps(vector, vector)


def _ufunc(function: np.ufunc, *arrays: Array) -> Step:
    return call(function, *flat(*arrays))


def _one_minus(x: Array, out: Array) -> Step:
    x, out = flat(x, out)
    return call(np.subtract, number(1.0, x), x, out)


def _sigmoid_slopes(y: Array, out: Array) -> list[Step]:
    """Return the calls that put y (1 - y) into out."""
    return [_one_minus(y, out), _ufunc(np.multiply, out, y, out)]


def _tanh_slopes(y: Array, out: Array) -> list[Step]:
    """Return the calls that put 1 - y^2 into out."""
    return [_ufunc(np.multiply, y, y, out), _one_minus(out, out)]


def _split(gates: Array, parts: int) -> list[Array]:
    """Return equal runs of rows."""
    rows = len(gates) // parts
    return [gates[k * rows : (k + 1) * rows] for k in range(parts)]


# Plain recurrence.


def _rnn_sequence(b: Binding) -> list[Step]:
    (projected, weight, h0), states = b.reads, b.out
    squash = _ufunc_tanh if b.options["nonlinearity"] == "tanh" else _ufunc_relu
    reverse, length = b.options["reverse"], projected.shape[1]
    steps = [call(np.copyto, states[_ends(length, reverse=reverse)[0]], h0)]
    for t, before, after in _order(length, reverse=reverse):
        out = states[after]
        steps += [
            call(np.dot, weight, states[before], out),
            call(np.add, out, projected[:, t], out),
            squash(out),
        ]
    return steps


def _ufunc_tanh(x: Array) -> Step:
    return _ufunc(np.tanh, x, x)


def _ufunc_relu(x: Array) -> Step:
    (vector,) = flat(x)
    return clipped(vector, vector, low=0.0)


def _rnn_sequence_gradient(b: Binding) -> list[Step]:
    (g, weight, states), (projected, dh, block, *mask) = b.reads, b.writes
    reverse, length = b.options["reverse"], projected.shape[1]
    steps = [call(np.copyto, dh, g[_ends(length, reverse=reverse)[1]])]
    for t, before, after in _backwards(length, reverse=reverse):
        y, zero = states[after], number(0.0, dh)
        if mask:
            steps += [
                call(np.greater, y, zero, mask[0]),
                call(np.multiply, dh, mask[0], block),
            ]
        else:
            steps += [
                *_tanh_slopes(y, block),
                _ufunc(np.multiply, block, dh, block),
            ]
        steps += [
            call(np.copyto, projected[:, t], block),
            call(np.dot, weight.T, block, dh),
            _ufunc(np.add, dh, g[before], dh),
        ]
    return steps


# Gated recurrent unit.


def _gru_sequence(b: Binding) -> list[Step]:
    (projected, weight, bias, h0), (states, inner, gates, u, added) = b.reads, b.writes
    reverse, length, size = b.options["reverse"], projected.shape[1], len(h0)
    both = slice(0, 2 * size)
    steps = [
        call(np.copyto, states[_ends(length, reverse=reverse)[0]], h0),
        call(np.copyto, added, bias.reshape(-1, 1)),
    ]
    for t, before, after in _order(length, reverse=reverse):
        h, out = states[before], states[after]
        r, z, n = _split(gates[t], 3)
        steps += [
            call(np.dot, weight, h, u),
            _ufunc(np.add, u, added, u),
            call(np.add, u[both], projected[both, t], gates[t, both]),
            *_sigmoid(gates[t, both]),
            call(np.copyto, inner[t], u[2 * size :]),
            _ufunc(np.multiply, r, inner[t], n),
            call(np.add, n, projected[2 * size :, t], n),
            _ufunc(np.tanh, n, n),
            _ufunc(np.subtract, h, n, out),
            _ufunc(np.multiply, out, z, out),
            _ufunc(np.add, out, n, out),
        ]
    return steps


def _gru_sequence_gradient(b: Binding) -> list[Step]:
    g, weight, states, inner, gates = b.reads
    projected, u, dh, block, slopes, carry, share = b.writes
    reverse, length, both = b.options["reverse"], projected.shape[1], slice(0, len(slopes))
    d_r, d_z, d_n = _split(block, 3)
    steps = [call(np.copyto, dh, g[_ends(length, reverse=reverse)[1]])]
    for t, before, _ in _backwards(length, reverse=reverse):
        r, z, n = _split(gates[t], 3)
        steps += [
            # h after = n + z (h before - n)
            _ufunc(np.multiply, dh, z, carry),
            _ufunc(np.subtract, dh, carry, d_n),
            _ufunc(np.subtract, states[before], n, share),
            _ufunc(np.multiply, dh, share, d_z),
            # n = tanh(... + r inner)
            *_tanh_slopes(n, share),
            _ufunc(np.multiply, d_n, share, d_n),
            _ufunc(np.multiply, d_n, inner[t], d_r),
            # r and z are sigmoids
            *_sigmoid_slopes(gates[t, both], slopes),
            _ufunc(np.multiply, block[both], slopes, block[both]),
            call(np.copyto, projected[:, t], block),
            _ufunc(np.multiply, d_n, r, d_n),
            call(np.copyto, u[:, t], block),
            call(np.dot, weight.T, block, dh),
            _ufunc(np.add, dh, carry, dh),
            _ufunc(np.add, dh, g[before], dh),
        ]
    return steps


# Long short-term memory.


def _lstm_sequence(b: Binding) -> list[Step]:
    projected, weight, *reduction, h0, c0 = b.reads
    states, cells, squashed, gates, share = b.writes
    reverse, length = b.options["reverse"], projected.shape[1]
    first = _ends(length, reverse=reverse)[0]
    steps = [call(np.copyto, states[first], h0), call(np.copyto, cells[first], c0)]
    for t, before, after in _order(length, reverse=reverse):
        i, f, g, o = _split(gates[t], 4)
        c = cells[after]
        steps += [
            call(np.dot, weight, states[before], gates[t]),
            call(np.add, gates[t], projected[:, t], gates[t]),
            *_sigmoid(gates[t, : 2 * len(i)]),
            _ufunc(np.tanh, g, g),
            *_sigmoid(o),
            _ufunc(np.multiply, f, cells[before], c),
            _ufunc(np.multiply, i, g, share),
            _ufunc(np.add, c, share, c),
            _ufunc(np.tanh, c, squashed[t]),
            *_state_after(o, squashed[t], states[after], share, reduction),
        ]
    return steps


def _state_after(
    o: Array, squashed: Array, out: Array, share: Array, reduction: Sequence[Array]
) -> list[Step]:
    """Return the calls that put o squashed into out, reduced to fewer features where said so."""
    if not reduction:
        return [_ufunc(np.multiply, o, squashed, out)]
    return [_ufunc(np.multiply, o, squashed, share), call(np.dot, reduction[0], share, out)]


def _lstm_sequence_gradient(b: Binding) -> list[Step]:
    g_states, g_cells, weight, *reduction, cells, squashed, gates = b.reads
    (projected, dh, dc), held = b.writes[:3], b.writes[3 + len(reduction) :]
    (block, slopes, share), reached = held[:3], dh
    if reduction:
        # The gradient of a reduced state is spread again before it meets the output gate.
        reduced, reached = b.writes[3], held[3]
    reverse, length = b.options["reverse"], projected.shape[1]
    d_i, d_f, d_g, d_o = _split(block, 4)
    slope_g = _split(slopes, 4)[2]
    last = _ends(length, reverse=reverse)[1]
    steps = [call(np.copyto, dh, g_states[last]), call(np.copyto, dc, g_cells[last])]
    for t, before, _ in _backwards(length, reverse=reverse):
        i, f, g, o = _split(gates[t], 4)
        if reduction:
            steps.append(call(np.copyto, reduced[:, t], dh))
            steps.append(call(np.dot, reduction[0].T, dh, reached))
        steps += [
            # h = o squashed, squashed = tanh(c)
            _ufunc(np.multiply, reached, squashed[t], d_o),
            *_tanh_slopes(squashed[t], share),
            _ufunc(np.multiply, share, o, share),
            _ufunc(np.multiply, share, reached, share),
            _ufunc(np.add, dc, share, dc),
            # c = f c before + i g
            _ufunc(np.multiply, dc, g, d_i),
            _ufunc(np.multiply, dc, cells[before], d_f),
            _ufunc(np.multiply, dc, i, d_g),
            # i, f and o are sigmoids, g is a tanh
            *_sigmoid_slopes(gates[t], slopes),
            *_tanh_slopes(g, slope_g),
            _ufunc(np.multiply, block, slopes, block),
            call(np.copyto, projected[:, t], block),
            call(np.dot, weight.T, block, dh),
            _ufunc(np.add, dh, g_states[before], dh),
            _ufunc(np.multiply, dc, f, dc),
            _ufunc(np.add, dc, g_cells[before], dc),
        ]
    return steps


KERNELS: dict[str, Kernel] = {
    "rnn_sequence": _rnn_sequence,
    "rnn_sequence_gradient": _rnn_sequence_gradient,
    "gru_sequence": _gru_sequence,
    "gru_sequence_gradient": _gru_sequence_gradient,
    "lstm_sequence": _lstm_sequence,
    "lstm_sequence_gradient": _lstm_sequence_gradient,
    "reduced_lstm_sequence": _lstm_sequence,
    "reduced_lstm_sequence_gradient": _lstm_sequence_gradient,
}
