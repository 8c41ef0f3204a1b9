"""Formulas of ops that run along sequences; see `formulas`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def product(weight: Array, h: Array) -> Array:
    """Return weight @ h, one column of the weight after the other."""
    return np.asarray(sum(weight[:, k, None] * h[None, k] for k in range(len(h))))


def order(length: int, reverse: bool) -> Iterator[tuple[int, int, int]]:
    """Give each step with the places of the states before and after it."""
    for t in reversed(range(length)) if reverse else range(length):
        yield (t, t + 1, t) if reverse else (t, t, t + 1)


def states_like(projected: Array, first: Array, reverse: bool) -> Array:
    """Return room for all states, that before the first step in its place."""
    kind = np.result_type(projected, first)
    states = np.full((projected.shape[1] + 1, *first.shape), np.nan, kind)
    states[-1 if reverse else 0] = first
    return states


# Forwards.


def rnn_sequence(
    projected: Array, weight: Array, h0: Array, nonlinearity: str, reverse: bool
) -> Array:
    wide = projected + weight.flat[0] * 0.0
    states = states_like(wide, h0, reverse)
    for t, before, after in order(projected.shape[1], reverse):
        a = projected[:, t] + product(weight, states[before])
        states[after] = np.tanh(a) if nonlinearity == "tanh" else np.where(a.real > 0, a, 0.0)
    return states


def gru_sequence(
    projected: Array, weight: Array, bias: Array, h0: Array, reverse: bool
) -> tuple[Array, Array, Array]:
    wide = projected + weight.flat[0] * 0.0 + bias.flat[0] * 0.0
    states = states_like(wide, h0, reverse)
    size, length = len(h0), projected.shape[1]
    inner: list[Any] = [None] * length
    gates: list[Any] = [None] * length
    for t, before, after in order(length, reverse):
        h, u = states[before], product(weight, states[before]) + bias[:, None]
        r = sigmoid(projected[:size, t] + u[:size])
        z = sigmoid(projected[size : 2 * size, t] + u[size : 2 * size])
        n = np.tanh(projected[2 * size :, t] + r * u[2 * size :])
        states[after] = (1.0 - z) * n + z * h
        inner[t], gates[t] = u[2 * size :], np.concatenate([r, z, n])
    return states, np.stack(inner), np.stack(gates)


def lstm_sequence(
    projected: Array, weight: Array, h0: Array, c0: Array, reverse: bool
) -> tuple[Array, Array, Array, Array]:
    return lstm_states(projected, weight, None, h0, c0, reverse)


def reduced_lstm_sequence(
    projected: Array, weight: Array, reduction: Array, h0: Array, c0: Array, reverse: bool
) -> tuple[Array, Array, Array, Array]:
    return lstm_states(projected, weight, reduction, h0, c0, reverse)


def lstm_states(
    projected: Array,
    weight: Array,
    reduction: Array | None,
    h0: Array,
    c0: Array,
    reverse: bool,
) -> tuple[Array, Array, Array, Array]:
    wide = projected + weight.flat[0] * 0.0 + h0.flat[0] * 0.0 + c0.flat[0] * 0.0
    wide = wide if reduction is None else wide + reduction.flat[0] * 0.0
    states, cells = states_like(wide, h0, reverse), states_like(wide, c0, reverse)
    length = projected.shape[1]
    squashed: list[Any] = [None] * length
    gates: list[Any] = [None] * length
    for t, before, after in order(length, reverse):
        quarters = np.split(projected[:, t] + product(weight, states[before]), 4)
        i, f, o = (sigmoid(quarters[k]) for k in (0, 1, 3))
        g = np.tanh(quarters[2])
        cells[after] = f * cells[before] + i * g
        squashed[t], gates[t] = np.tanh(cells[after]), np.concatenate([i, f, g, o])
        h = o * squashed[t]
        states[after] = h if reduction is None else product(reduction, h)
    return states, cells, np.stack(squashed), np.stack(gates)


# Backwards: each line of a step's formula derived, from the last line to the first.


def rnn_sequence_gradient(
    g: Array, weight: Array, states: Array, nonlinearity: str, reverse: bool
) -> tuple[Array, Array]:
    length = len(g) - 1
    projected = np.full((g.shape[1], length, g.shape[2]), np.nan)
    dh = g[0 if reverse else length]
    for t, before, after in list(order(length, reverse))[::-1]:
        y = states[after]
        projected[:, t] = dh * (1.0 - y**2 if nonlinearity == "tanh" else (y > 0))
        dh = product(weight.T, projected[:, t]) + g[before]
    return projected, dh


def gru_sequence_gradient(
    g: Array, weight: Array, states: Array, inner: Array, gates: Array, reverse: bool
) -> tuple[Array, Array, Array]:
    length = len(g) - 1
    rows, size, batch = gates.shape[1], g.shape[1], g.shape[2]
    projected, hidden = (np.full((rows, length, batch), np.nan) for _ in range(2))
    dh = g[0 if reverse else length]
    for t, before, _ in list(order(length, reverse))[::-1]:
        r, z, n = gates[t, :size], gates[t, size : 2 * size], gates[t, 2 * size :]
        a_z = dh * (states[before] - n) * z * (1.0 - z)
        a_n = dh * (1.0 - z) * (1.0 - n**2)
        a_r = a_n * inner[t] * r * (1.0 - r)
        projected[:, t] = np.concatenate([a_r, a_z, a_n])
        hidden[:, t] = np.concatenate([a_r, a_z, a_n * r])
        dh = dh * z + product(weight.T, hidden[:, t]) + g[before]
    return projected, hidden, dh


def lstm_sequence_gradient(
    g_states: Array,
    g_cells: Array,
    weight: Array,
    cells: Array,
    squashed: Array,
    gates: Array,
    reverse: bool,
) -> tuple[Array, Array, Array]:
    none = np.eye(squashed.shape[1])
    return reduced_lstm_sequence_gradient(
        g_states, g_cells, weight, none, cells, squashed, gates, reverse
    )[:3]


def reduced_lstm_sequence_gradient(
    g_states: Array,
    g_cells: Array,
    weight: Array,
    reduction: Array,
    cells: Array,
    squashed: Array,
    gates: Array,
    reverse: bool,
) -> tuple[Array, Array, Array, Array]:
    length = len(squashed)
    projected = np.full((gates.shape[1], length, gates.shape[2]), np.nan)
    reduced = np.full((g_states.shape[1], length, gates.shape[2]), np.nan)
    last = 0 if reverse else length
    dh, dc = g_states[last], g_cells[last]
    for t, before, _ in list(order(length, reverse))[::-1]:
        i, f, g, o = np.split(gates[t], 4)
        reduced[:, t] = dh
        spread = product(reduction.T, dh)
        dc = dc + spread * o * (1.0 - squashed[t] ** 2)
        a_o = spread * squashed[t] * o * (1.0 - o)
        a_i, a_f = dc * g * i * (1.0 - i), dc * cells[before] * f * (1.0 - f)
        projected[:, t] = np.concatenate([a_i, a_f, dc * i * (1.0 - g**2), a_o])
        dh = product(weight.T, projected[:, t]) + g_states[before]
        dc = dc * f + g_cells[before]
    return projected, dh, dc, reduced


# Sequences of different lengths.


def reverse_sequence(x: Array, lengths: Array) -> Array:
    return np.stack(
        [np.concatenate([row[:n][::-1], row[n:]]) for row, n in zip(x, lengths, strict=True)]
    )


def length_mask(lengths: Array, dtype: str, size: int) -> Array:
    return np.array([[float(t < n) for t in range(size)] for n in lengths])


# Positions.


def causal_mask(dtype: str, rows: int, size: int) -> Array:
    return np.array([[float(j <= i) for j in range(size)] for i in range(rows)])


def position_angles(base: float, dtype: str, rows: int, size: int) -> Array:
    return np.array([[i * base ** (-j / size) for j in range(size)] for i in range(rows)])
