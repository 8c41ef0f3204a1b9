"""Ops that run along sequences, called in PyTorch. Import it only after `pytest.importorskip("torch")`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def run_recurrence(
    kind: str,
    projected: Tensor,
    weight: Tensor,
    more: list[Tensor],
    first: list[Tensor],
    reverse: bool,
) -> Tensor:
    """Run PyTorch's own recurrence over inputs passed on as they are, and join the first state.

    `more` are two biases, or a matrix that reduces the state, or nothing.
    """
    run = getattr(torch._VF, kind)
    around = projected.permute(1, 2, 0)
    x = around.flip(0) if reverse else around
    one = torch.eye(len(projected), dtype=projected.dtype)
    states: Any = tuple(state.mT.unsqueeze(0) for state in first)
    begun = states if len(states) > 1 else states[0]
    made = run(x, begun, [one, weight, *more], len(more) == 2, 1, 0.0, False, False, False)[0]
    joined = torch.cat([states[0], made])
    return (joined.flip(0) if reverse else joined).mT


def rnn_sequence(
    projected: Tensor, weight: Tensor, h0: Tensor, nonlinearity: str, reverse: bool
) -> Tensor:
    return run_recurrence(f"rnn_{nonlinearity}", projected, weight, [], [h0], reverse)


def gru_sequence(
    projected: Tensor, weight: Tensor, bias: Tensor, h0: Tensor, reverse: bool
) -> Tensor:
    biases = [torch.zeros_like(bias), bias]
    return run_recurrence("gru", projected, weight, biases, [h0], reverse)


def lstm_sequence(
    projected: Tensor, weight: Tensor, h0: Tensor, c0: Tensor, reverse: bool
) -> Tensor:
    return run_recurrence("lstm", projected, weight, [], [h0, c0], reverse)


def reduced_lstm_sequence(
    projected: Tensor, weight: Tensor, reduction: Tensor, h0: Tensor, c0: Tensor, reverse: bool
) -> Tensor:
    return run_recurrence("lstm", projected, weight, [reduction], [h0, c0], reverse)


def reverse_sequence(x: Tensor, lengths: Tensor) -> Tensor:
    rows = zip(x, lengths.tolist(), strict=True)
    return torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in rows])


def kind(dtype: str) -> torch.dtype:
    found: torch.dtype = getattr(torch, dtype)
    return found


def position_angles(base: float, dtype: str, rows: int, size: int) -> Tensor:
    rates = torch.pow(base, -torch.arange(size, dtype=torch.float64) / size)
    return torch.outer(torch.arange(rows, dtype=torch.float64), rates).to(kind(dtype))


SEQUENCES: dict[str, Callable[..., Tensor]] = {
    "rnn_sequence": rnn_sequence,
    "gru_sequence": gru_sequence,
    "lstm_sequence": lstm_sequence,
    "reduced_lstm_sequence": reduced_lstm_sequence,
    "reverse_sequence": reverse_sequence,
    "length_mask": lambda lengths, dtype, size: (torch.arange(size) < lengths[:, None]).to(
        kind(dtype)
    ),
    "causal_mask": lambda dtype, rows, size: torch.ones(rows, size, dtype=kind(dtype)).tril(),
    "position_angles": position_angles,
}
"""PyTorch's form of each op; first result only."""
