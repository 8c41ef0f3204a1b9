"""PyTorch's form of ops with sliding windows. Import it only after `pytest.importorskip("torch")`."""

from __future__ import annotations

import math
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


def window_sum(
    x: Tensor, after: Sizes, axes: Sizes, before: Sizes, kernel: Sizes, stride: Sizes
) -> Tensor:
    last = tuple(range(-len(axes), 0))
    moved = x.movedim(tuple(axes), last)
    padded = F.pad(moved, paddings(before, after))
    flat = padded.reshape(1, -1, *padded.shape[-len(axes) :])
    function: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(axes) - 1]
    made: Tensor = function(flat, tuple(kernel), tuple(stride)) * math.prod(kernel)
    return made.reshape(*moved.shape[: -len(axes)], *made.shape[2:]).movedim(last, tuple(axes))


def window_spread(g: Tensor, axes: Sizes, spatial: Sizes, **options: Any) -> Tensor:
    shape = list(g.shape)
    for axis, size in zip(axes, spatial, strict=True):
        shape[axis] = size
    x = torch.zeros(shape, dtype=g.dtype, requires_grad=True)
    made = window_sum(x, axes=axes, **options)
    return torch.autograd.grad(made, x, g, create_graph=True)[0]


def unfold(
    x: Tensor, after: Sizes, before: Sizes, dilation: Sizes, kernel: Sizes, stride: Sizes
) -> Tensor:
    """Convolve each axis-block with kernels that pick one tap each."""
    rank, taps = len(kernel), math.prod(kernel)
    padded = F.pad(x, paddings(before, after))
    flat = padded.reshape(-1, 1, *padded.shape[-rank:])
    picking = torch.eye(taps, dtype=x.dtype).reshape(taps, 1, *kernel)
    function: Any = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    made: Tensor = function(flat, picking, None, tuple(stride), 0, tuple(dilation))
    return made.reshape(*x.shape[:-rank], *kernel, *made.shape[2:])


def fold(g: Tensor, spatial: Sizes, **options: Any) -> Tensor:
    lead = g.shape[: g.ndim - 2 * len(spatial)]
    x = torch.zeros(*lead, *spatial, dtype=g.dtype, requires_grad=True)
    return torch.autograd.grad(unfold(x, **options), x, g, create_graph=True)[0]


def unpool(x: Tensor, index: Tensor, size: int) -> Tensor:
    return x.new_zeros(*x.shape[:-1], size).scatter(-1, index, x)


def unpool_sum(g: Tensor, index: Tensor, size: int) -> Tensor:
    return g.new_zeros(*g.shape[:-1], size).scatter_add(-1, index, g)


def region_max(x: Tensor, *starts: Tensor, kernel: Sizes) -> Tensor:
    """Take the largest of all windows there are, and pick some of them along each axis."""
    rank = len(kernel)
    for axis, taps in enumerate(kernel, x.ndim - rank):
        x = x.unfold(axis, taps, 1)
    y = x.flatten(-rank).max(-1).values  # the first of equal elements
    for axis, places in enumerate(starts, y.ndim - rank):
        shape = [1] * y.ndim
        shape[: y.ndim - rank], shape[axis] = places.shape[:-1], places.shape[-1]
        sizes = [n if i != axis else places.shape[-1] for i, n in enumerate(y.shape)]
        y = y.gather(axis, places.reshape(shape).expand(sizes))
    return y


def take(x: Tensor, axis: int, places: Sizes) -> Tensor:
    return x.index_select(axis, torch.tensor(places))


def untake(g: Tensor, axis: int, places: Sizes, size: int) -> Tensor:
    shape = [*g.shape[:axis], size, *g.shape[axis + 1 :]]
    return g.new_zeros(shape).index_add(axis, torch.tensor(places), g)


def axis_product(x: Tensor, matrix: Tensor, axis: int, transpose: bool) -> Tensor:
    rows = matrix.T if transpose else matrix
    return torch.tensordot(x, rows, ([axis], [1])).movedim(-1, axis)


WINDOWS: dict[str, Callable[..., Tensor]] = {
    "conv": conv,
    "conv_input_gradient": conv_input_gradient,
    "conv_weight_gradient": conv_weight_gradient,
    "max_pool": max_pool,
    "window_max": max_pool,
    "window_sum": window_sum,
    "window_spread": window_spread,
    "unfold": unfold,
    "fold": fold,
    "unpool": unpool,
    "unpool_gradient": lambda g, index: g.gather(-1, index),
    "unpool_sum": unpool_sum,
    "region_max": region_max,
    "take": take,
    "untake": untake,
    "pad": lambda x, after, before, value: F.pad(x, paddings(before, after), value=value),
    "axis_product": axis_product,
}
"""PyTorch's form of each op; first result only."""

NOT_IN_TORCH = frozenset(
    [
        "max_pool_gradient",
        "tap_positions",
        "region_starts",
        "averaging_matrix",
        "interpolation_matrix",
    ]
)
"""Ops with no like in PyTorch; the layers that use them are compared instead."""
