"""Every op that PyTorch has too, called there. Import it only after `pytest.importorskip("torch")`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
import torch_windows
from torch import Tensor
from torch_functions import FUNCTIONS
from torch_scan import SCANS
from torch_sequences import SEQUENCES

Axes = Sequence[int]
aten: Any = torch.ops.aten


def softmax(x: Tensor, axis: int) -> Tensor:
    return torch.softmax(x, axis)


def log_softmax(x: Tensor, axis: int) -> Tensor:
    return torch.log_softmax(x, axis)


def expand(x: Tensor, axes: Axes, mean: bool, shape: Sequence[int]) -> Tensor:
    narrow = [1 if axis in axes else size for axis, size in enumerate(shape)]
    wide = x.reshape(narrow).expand(list(shape))
    return wide / math.prod(shape[axis] for axis in axes) if mean else wide


def matmul(a: Tensor, b: Tensor, transpose_a: bool, transpose_b: bool) -> Tensor:
    return (a.mT if transpose_a else a) @ (b.mT if transpose_b else b)


def total(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return x.sum(tuple(axes), keepdim=keepdims) if axes else x.clone()


def mean(x: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    return x.mean(tuple(axes), keepdim=keepdims) if axes else x.clone()


def unslice(x: Tensor, axis: int, size: int, start: int) -> Tensor:
    before = [0, 0] * (x.ndim - axis - 1)
    return F.pad(x, [*before, start, size - start - x.shape[axis]])


def gather_rows(weight: Tensor, index: Tensor, padding_index: int) -> Tensor:
    return F.embedding(index, weight, padding_idx=None if padding_index < 0 else padding_index)


def scatter_rows(g: Tensor, index: Tensor, padding_index: int, rows: int) -> Tensor:
    made: Tensor = aten.embedding_dense_backward(g, index, rows, padding_index, False)
    return made


def pick(x: Tensor, index: Tensor, base: Tensor, axis: int) -> Tensor:
    return x.gather(axis, index.unsqueeze(axis)).squeeze(axis)


def unpick(g: Tensor, index: Tensor, base: Tensor, axis: int, size: int) -> Tensor:
    empty = g.new_zeros([*g.shape[:axis], size, *g.shape[axis:]])
    return empty.scatter(axis, index.unsqueeze(axis), g.unsqueeze(axis))


def normalize(x: Tensor, axes: Axes, eps: float) -> Tensor:
    variance, middle = torch.var_mean(x, tuple(axes), correction=0, keepdim=True)
    return (x - middle) / torch.sqrt(variance + eps)


def rms_normalize(x: Tensor, axes: Axes, eps: float) -> Tensor:
    return x * torch.rsqrt(x.square().mean(tuple(axes), keepdim=True) + eps)


def maximum_share(a: Tensor, b: Tensor) -> Tensor:
    a = a.clone().requires_grad_()
    return torch.autograd.grad(torch.maximum(a, b).sum(), a)[0]


def softmax_cross_entropy(x: Tensor, index: Tensor, base: Tensor, axis: int) -> Tensor:
    return F.cross_entropy(x.movedim(axis, 1), index, reduction="none")


def softmax_cross_entropy_gradient(
    g: Tensor, probabilities: Tensor, index: Tensor, base: Tensor, axis: int
) -> Tensor:
    classes = probabilities.shape[axis]
    ones = F.one_hot(index, classes).to(g.dtype).movedim(-1, axis)
    return g.unsqueeze(axis) * (probabilities - ones)


TORCH: dict[str, Callable[..., Tensor]] = {
    **FUNCTIONS,
    **SCANS,
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "scale": lambda x, factor: x * factor,
    "shift": lambda x, amount: x + amount,
    "square": torch.square,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "log": torch.log,
    "abs": torch.abs,
    "sign": torch.sign,
    "maximum": torch.maximum,
    "maximum_share": maximum_share,
    "copy": torch.clone,
    "tanh": torch.tanh,
    "tanh_gradient": aten.tanh_backward,
    "sigmoid": torch.sigmoid,
    "sigmoid_gradient": aten.sigmoid_backward,
    "relu": torch.relu,
    "relu_gradient": lambda g, y: aten.threshold_backward(g, y, 0),
    "softmax": softmax,
    "softmax_gradient": lambda g, y, axis: aten._softmax_backward_data(g, y, axis, g.dtype),
    "log_softmax": log_softmax,
    "log_softmax_gradient": lambda g, y, axis: aten._log_softmax_backward_data(g, y, axis, g.dtype),
    "matmul": matmul,
    "vecmat": torch.matmul,
    "dot": torch.dot,
    "sum": total,
    "mean": mean,
    "expand": expand,
    "reshape": lambda x, shape: x.reshape(shape),
    "permute": lambda x, axes: x.permute(axes),
    "slice": lambda x, axis, start, stop: x.narrow(axis, start, stop - start),
    "unslice": unslice,
    "concat": lambda *xs, axis: torch.cat(xs, axis),
    "gather_rows": gather_rows,
    "scatter_rows": scatter_rows,
    "pick": pick,
    "unpick": unpick,
    "normalize": normalize,
    "rms_normalize": rms_normalize,
    **SEQUENCES,
    "bce_with_logits": lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
    "bce_with_logits_gradient": lambda g, x, t: g * (torch.sigmoid(x) - t),
    "bce": lambda p, t: F.binary_cross_entropy(p, t, reduction="none"),
    "bce_gradient": lambda g, p, t: aten.binary_cross_entropy_backward(g, p, t, None, 0),
    "softmax_cross_entropy": softmax_cross_entropy,
    "softmax_cross_entropy_gradient": softmax_cross_entropy_gradient,
    **torch_windows.WINDOWS,
}
"""PyTorch's form of each op; first result only."""

NOT_IN_TORCH = frozenset(
    [
        "base_positions",
        "normalize_gradient",
        "rms_normalize_gradient",
        "rnn_sequence_gradient",
        "gru_sequence_gradient",
        "lstm_sequence_gradient",
        "reduced_lstm_sequence_gradient",
        "running_average",
        "cumulative_average",
        "dropout_mask",
        "uniform",
        "standard_normal",
        "literal",
        "class_weights",
        "multi_hot",
        "ctc_loss",
        "ctc_loss_gradient",
        "increment",
        "bias_correction",
        "affine",
        "first_then",
        "quotient",
        *torch_windows.NOT_IN_TORCH,
        "raised",
        "put_row",
        "every",
    ]
)
"""Ops with no like in PyTorch; whole layers and optimizers with them are compared in `test_torch`."""
