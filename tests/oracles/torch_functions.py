"""Functions of each element, comparison and choice in PyTorch; see `torch_ops`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from torch import Tensor

aten: Any = torch.ops.aten


def compare(a: Tensor, b: Tensor, dtype: str, relation: str) -> Tensor:
    holds: Tensor = (torch.eq if relation == "equal" else getattr(torch, relation))(a, b)
    return holds.to(getattr(torch, dtype))


def clamp(x: Tensor, low: float, high: float, inclusive: bool) -> Tensor:
    return torch.clamp(x, low, high) if inclusive else F.hardtanh(x, low, high)


def clamp_gradient(g: Tensor, x: Tensor, low: float, high: float, inclusive: bool) -> Tensor:
    if not inclusive:
        found: Tensor = aten.hardtanh_backward(g, x, low, high)
        return found
    x = x.clone().requires_grad_()
    return torch.autograd.grad(torch.clamp(x, low, high), x, g)[0]


def elu(x: Tensor, alpha: float, rate: float, scale: float) -> Tensor:
    made: Tensor = aten.elu(x, alpha, scale, rate)
    return made


def normal_cdf_gradient(g: Tensor, x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(torch.special.ndtr(x), x, g)[0]


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "power": torch.pow,
    "pow": torch.pow,
    "compare": compare,
    "where": lambda condition, a, b: torch.where(condition != 0, a, b),
    "minimum": torch.minimum,
    "detach": lambda x: x.detach().clone(),
    "clamp": clamp,
    "clamp_gradient": clamp_gradient,
    "leaky_relu": lambda x, slope: F.leaky_relu(x, negative_slope=slope),
    "leaky_relu_gradient": lambda g, y, slope: aten.leaky_relu_backward(g, y, slope, True),
    "elu": elu,
    "elu_gradient": lambda g, x, alpha, rate, scale: aten.elu_backward(
        g, alpha, scale, rate, False, x
    ),
    "softplus": F.softplus,
    "softplus_gradient": aten.softplus_backward,
    "normal_cdf": torch.special.ndtr,
    "normal_cdf_gradient": normal_cdf_gradient,
}
