"""Cases of recurrent layers and cells, step by step, and packed for PyTorch where lengths differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from layer_case import Array, Draw, LayerCase, LayerCases, Refusal, Sizes, Weights, normal

Step = tuple[Array, ...]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def step(kind: str, w: Weights, end: str, x: Array, state: Step) -> Step:
    """Return the states of all samples after one step; `kind` is the cell, or `relu`."""
    zero = np.zeros(1)
    a = x @ w[f"weight_ih{end}"].T + w.get(f"bias_ih{end}", zero)
    u = state[0] @ w[f"weight_hh{end}"].T + w.get(f"bias_hh{end}", zero)
    if kind == "gru":
        (a_r, a_z, a_n), (u_r, u_z, u_n) = np.split(a, 3, 1), np.split(u, 3, 1)
        r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
        return ((1 - z) * np.tanh(a_n + r * u_n) + z * state[0],)
    if kind == "lstm":
        i, f, g, o = np.split(a + u, 4, 1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(cell)
        return h @ w.get(f"weight_hr{end}", np.eye(h.shape[1])).T, cell
    return (np.tanh(a + u) if kind == "tanh" else np.maximum(a + u, 0),)


def direction(
    kind: str, w: Weights, end: str, x: Array, state: Step, lengths: Array, backwards: bool
) -> tuple[Array, Step]:
    """Return the output and the last states of one direction, sample by sample."""
    output = np.zeros((*x.shape[:2], state[0].shape[1]))
    last = tuple(part.copy() for part in state)
    for n, length in enumerate(lengths):
        own: Step = tuple(part[n : n + 1] for part in state)
        for t in reversed(range(length)) if backwards else range(length):
            own = step(kind, w, end, x[n : n + 1, t], own)
            output[n, t] = own[0][0]
        for part, made in zip(last, own, strict=True):
            part[n] = made[0]
    return output, last


def recurrent(
    kind: str,
    size: int,
    *,
    layers: int = 1,
    both: bool = False,
    states: int = 0,
    lengths: bool = False,
    small: int = 0,
) -> Any:
    """Return the formula of a recurrent layer that reads `states` first states, and lengths perhaps."""
    sizes = (small or size, size) if kind == "lstm" else (size,)

    def formula(w: Weights, x: Array, *rest: Array) -> tuple[Array, ...]:
        counts = rest[-1] if lengths else np.full(len(x), x.shape[1])
        count = layers * (1 + both)
        first = list(rest[:states]) or [np.zeros((len(x), count, width)) for width in sizes]
        ends: list[Step] = []
        for layer in range(layers):
            outputs = []
            for suffix in ("", "_reverse")[: 1 + both]:
                begun = tuple(part[:, len(ends)] for part in first)
                end = f"_l{layer}{suffix}"
                output, last = direction(kind, w, end, x, begun, counts, bool(suffix))
                outputs.append(output)
                ends.append(last)
            x = np.concatenate(outputs, 2)
        return (x, *(np.stack([end[k] for end in ends], 1) for k in range(len(sizes))))

    return formula


def cell(kind: str, size: int) -> Any:
    """Return the formula of a cell."""

    def formula(w: Weights, x: Array, *states: Array) -> Any:
        nothing = np.zeros((len(x), size))
        begun = states or (nothing,) * (2 if kind == "lstm" else 1)
        return step(kind, w, "", x, begun)

    return formula


def call_sequence(module: Any, x: Any, *rest: Any) -> Any:
    """Call PyTorch's layer, batch first; its states have the batch second, ours have it first."""
    states = [part.transpose(0, 1).contiguous() for part in rest]
    begun = tuple(states) if len(states) > 1 else states[0] if states else None
    output, last = module(x, begun)
    return (output, *turned(last))


def turned(last: Any) -> list[Any]:
    parts = last if isinstance(last, tuple) else (last,)
    return [part.transpose(0, 1) for part in parts]


def call_packed(module: Any, x: Any, *rest: Any) -> Any:
    """Call PyTorch's layer on a packed sequence, as is done there where lengths differ."""
    from torch.nn.utils import rnn

    *states, lengths = rest
    packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    begun: Any = tuple(part.transpose(0, 1).contiguous() for part in states)
    made, last = module(packed, (begun if len(begun) > 1 else begun[0]) if begun else None)
    output, _ = rnn.pad_packed_sequence(made, batch_first=True, total_length=x.shape[1])
    return (output, *turned(last))


def at_least_one(limit: int) -> Draw:
    """Draw lengths; PyTorch packs no empty sequence."""
    return lambda chance, shape: chance.integers(1, limit + 1, shape)


def sequence(
    kind: str,
    name: str,
    keys: Mapping[str, Any],
    *,
    states: int = 0,
    lengths: bool = False,
    dropped: bool = False,
) -> LayerCase:
    """Return a case over 4 steps of 3 features, its settings said once for both sides."""
    size, layers = keys["hidden_size"], keys.get("num_layers", 1)
    both = keys.get("bidirectional", False)
    small, count = keys.get("proj_size", 0), layers * (1 + both)
    begun: list[Sizes] = [(count, small or size), (count, size)][:states]
    return LayerCase(
        ((4, 3), *begun, *(((),) if lengths else ())),
        recurrent(
            kind, size, layers=layers, both=both, states=states, lengths=lengths, small=small
        ),
        lambda t: getattr(t.nn, name)(**{"input_size": 3, **keys}, batch_first=True),
        keys,
        (normal, *(normal for _ in range(states)), *((at_least_one(4),) if lengths else ())),
        call_packed if lengths else call_sequence,
        random=dropped,
        smooth=kind != "relu",
    )


def refusals(name: str, states: int) -> tuple[Refusal, ...]:
    one = {"hidden_size": 2}
    wrong = ((4, 3), *((1, 3) for _ in range(states)))
    return (
        Refusal("takes numbers [N, L, F], the input is float32 [N, 3]", ((3,),), one),
        Refusal("wrong value for 'num_layers'", ((4, 3),), {**one, "num_layers": 10**6}),
        Refusal("takes numbers [N, L, F], the input is int64 [N, 4, 3]", ((4, 3),), one, "int64"),
        Refusal(
            "input_size is 2, but the input [N, 4, 3] has 3 features",
            ((4, 3),),
            {**one, "input_size": 2},
        ),
        Refusal(
            "the first hidden is float32 [N, 1, 3], not float32 [N, 1, 2]: num_layers 1 times 1 "
            "directions, hidden_size 2",
            wrong,
            one,
        ),
        Refusal(
            f"starts from {'hidden and cell' if states == 2 else 'hidden'} or from zeros, but "
            f"{3 - states} states are given",
            ((4, 3), *(((1, 2),) * (3 - states))),
            one,
        ),
    )


CELL_REFUSALS = (
    Refusal("takes numbers [N, F], the input is float32 [N, 4, 3]", ((4, 3),), {"hidden_size": 2}),
    Refusal(
        "input_size is 2, but the input [N, 3] has 3 features",
        ((3,),),
        {"hidden_size": 2, "input_size": 2},
    ),
)


def cells(kind: str, name: str, **more: Any) -> LayerCases:
    """Return cases of a cell, with and without states."""
    count = 2 if kind == "lstm" else 1

    def call(module: Any, x: Any, *states: Any) -> Any:
        return module(x, tuple(states) if len(states) > 1 else states[0] if states else None)

    def one(states: int, **keys: Any) -> LayerCase:
        return LayerCase(
            ((3,), *((keys["hidden_size"],) for _ in range(states))),
            cell(kind, keys["hidden_size"]),
            lambda t: getattr(t.nn, name)(3, **keys),
            keys,
            call=call,
        )

    wrong = ((3,), *((3,) for _ in range(count)))
    text = "the first hidden is float32 [N, 3], not float32 [N, 2]: hidden_size 2"
    return LayerCases(
        (one(count, hidden_size=2), one(0, hidden_size=4, bias=False, **more)),
        (*CELL_REFUSALS, Refusal(text, wrong, {"hidden_size": 2})),
    )


RECURRENT: dict[str, LayerCases] = {
    "RNN": LayerCases(
        (
            sequence("tanh", "RNN", {"hidden_size": 2}, states=1),
            sequence(
                "relu",
                "RNN",
                {"hidden_size": 2, "nonlinearity": "relu", "bidirectional": True, "bias": False},
            ),
            sequence(
                "tanh",
                "RNN",
                {"hidden_size": 2, "num_layers": 2, "bidirectional": True},
                lengths=True,
            ),
        ),
        (
            *refusals("RNN", 1),
            Refusal(
                "lengths are one whole number a sample [N], not [N, 4, 3]",
                ((4, 3), (4, 3)),
                {"hidden_size": 2},
                ("float32", "int64"),
            ),
        ),
    ),
    "GRU": LayerCases(
        (
            sequence("gru", "GRU", {"hidden_size": 2}),
            sequence(
                "gru",
                "GRU",
                {"hidden_size": 3, "num_layers": 2, "bidirectional": True},
                states=1,
                lengths=True,
            ),
            sequence("gru", "GRU", {"hidden_size": 1, "bias": False, "bidirectional": True}),
        ),
        refusals("GRU", 1),
    ),
    "LSTM": LayerCases(
        (
            sequence("lstm", "LSTM", {"hidden_size": 2}),
            sequence(
                "lstm",
                "LSTM",
                {"hidden_size": 2, "num_layers": 2, "bidirectional": True},
                states=2,
                lengths=True,
            ),
            sequence(
                "lstm",
                "LSTM",
                {"hidden_size": 3, "bias": False, "bidirectional": True, "input_size": 3},
                states=2,
            ),
            sequence(
                "lstm",
                "LSTM",
                {"hidden_size": 3, "proj_size": 2, "num_layers": 2, "bidirectional": True},
                states=2,
                lengths=True,
            ),
            sequence(
                "lstm",
                "LSTM",
                {"hidden_size": 2, "num_layers": 2, "dropout": 0.5},
                dropped=True,
            ),
        ),
        (
            *refusals("LSTM", 2),
            Refusal(
                "proj_size 2 is not below hidden_size 2",
                ((4, 3),),
                {"hidden_size": 2, "proj_size": 2},
            ),
        ),
    ),
    "RNNCell": cells("tanh", "RNNCell"),
    "GRUCell": cells("gru", "GRUCell"),
    "LSTMCell": cells("lstm", "LSTMCell"),
}
