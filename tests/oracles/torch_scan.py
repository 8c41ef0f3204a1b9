"""Ops along axes in PyTorch; see `torch_ops`."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def cumsum(x: Tensor, axis: int, reverse: bool) -> Tensor:
    return x.flip(axis).cumsum(axis).flip(axis) if reverse else x.cumsum(axis)


def prod_others(x: Tensor, axis: int) -> Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(x.prod(axis).sum(), x)[0]


SCANS: dict[str, Callable[..., Tensor]] = {
    "max": lambda x, axes, keepdims: torch.amax(x, dim=axes, keepdim=keepdims),
    "argmax": lambda x, axis: torch.argmax(x, dim=axis),
    "prod": lambda x, axis: torch.prod(x, axis, True),
    "prod_others": prod_others,
    "cumsum": cumsum,
    "flip": lambda x, axis: torch.flip(x, (axis,)),
}
