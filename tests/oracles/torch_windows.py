"""PyTorch's form of ops with sliding windows. Import it only after `pytest.importorskip("torch")`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from torch import Tensor

Sizes = Sequence[int]


def paddings(before: Sizes, after: Sizes) -> list[int]:
    """Return what F.pad takes: the last axis first."""
    pairs = zip(reversed(before), reversed(after), strict=True)
    return [size for pair in pairs for size in pair]


def conv(
    x: Tensor,
    weight: Tensor,
    after: Sizes,
    before: Sizes,
    dilation: Sizes,
    groups: int,
    stride: Sizes,
) -> Tensor:
    function: Any = (F.conv1d, F.conv2d, F.conv3d)[x.ndim - 3]
    padded = F.pad(x.movedim(-1, 0), paddings(before, after))
    made: Tensor = function(padded, weight, None, tuple(stride), 0, tuple(dilation), groups)
    return made.movedim(0, -1)


def conv_input_gradient(g: Tensor, weight: Tensor, spatial: Sizes, **options: Any) -> Tensor:
    channels = weight.shape[1] * options["groups"]
    x = torch.zeros(channels, *spatial, g.shape[-1], dtype=g.dtype, requires_grad=True)
    made = conv(x, weight, **options)
    return torch.autograd.grad(made, x, g, create_graph=True)[0]


def conv_weight_gradient(g: Tensor, x: Tensor, kernel: Sizes, **options: Any) -> Tensor:
    shape = (g.shape[0], x.shape[0] // options["groups"], *kernel)
    weight = torch.zeros(shape, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(conv(x, weight, **options), weight, g)[0]


def max_pool(
    x: Tensor,
    after: Sizes,
    axes: Sizes,
    before: Sizes,
    dilation: Sizes,
    kernel: Sizes,
    stride: Sizes,
) -> Tensor:
    last = tuple(range(-len(axes), 0))
    moved = x.movedim(tuple(axes), last)
    padded = F.pad(moved, paddings(before, after), value=-torch.inf)
    flat = padded.reshape(1, -1, *padded.shape[-len(axes) :])
    function: Any = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(axes) - 1]
    made: Tensor = function(flat, tuple(kernel), tuple(stride), 0, tuple(dilation))
    return made.reshape(*moved.shape[: -len(axes)], *made.shape[2:]).movedim(last, tuple(axes))


WINDOWS: dict[str, Callable[..., Tensor]] = {
    "conv": conv,
    "conv_input_gradient": conv_input_gradient,
    "conv_weight_gradient": conv_weight_gradient,
    "max_pool": max_pool,
}
"""PyTorch's form of each op; first result only."""

NOT_IN_TORCH = frozenset(["max_pool_gradient", "tap_positions"])
"""Ops with no like in PyTorch; the layers that use them are compared instead."""
