"""Compare one sample of PyTorch's module database with the layer that does the same.

Import it only after `pytest.importorskip("torch")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from closeness import require_close
from layer_network import NAME, layer_spec, with_losses
from module_samples import LeftOut, Sample, settings_of, tensors_of
from numpy.typing import NDArray
from torch import Tensor

import graphnet
from graphnet.errors import GraphNetError
from graphnet.layers import LAYERS

Array = NDArray[Any]
Plain = dict[str, Any]

RTOL = 1e-9


def compare(sample: Sample) -> None:
    """Refuse a layer that differs from the module: results, gradients, statistics, in both modes.

    Raises:
        LeftOut: When the sample is not compared.
        Difference: Naming what differs.
    """
    settings = settings_of(sample)
    if sample.name not in LAYERS:
        raise LeftOut("losses are not walked yet")
    tensors = tensors_of(sample)
    twin = _twin(sample, settings, tensors)
    for training in (False, True):
        twin.compare(training=training)


def _twin(sample: Sample, settings: Plain, tensors: list[Tensor]) -> _Twin:
    plain = {"dtype": "float64", **_spec(sample.name, settings, tensors)}
    count = len(tensors[0])
    try:
        net = graphnet.compile(with_losses(plain), batch_size=count, input_gradients=True)
    except GraphNetError as error:
        first = getattr(error, "errors", [error])[0]
        raise LeftOut(f"refused: {first.message}") from error
    return _Twin(sample, net, tensors)


def _spec(name: str, settings: Plain, tensors: Sequence[Tensor]) -> Plain:
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
    types = ["float64" if tensor.is_floating_point() else "int64" for tensor in tensors]
    return {**layer_spec(name, shapes, types, **settings), "training": {"batch_size": 1}}


class _Twin:
    """A module and the network that should do the same."""

    def __init__(self, sample: Sample, net: Any, tensors: list[Tensor]) -> None:
        self.sample, self.net = sample, net
        self.inputs = [tensor.detach().numpy() for tensor in tensors]
        with torch.no_grad():
            sample.module(*tensors)  # what is lazy is built now
        state = {name: tensor.numpy() for name, tensor in sample.module.state_dict().items()}
        self.state = {f"{NAME}.{name}": np.array(value) for name, value in state.items()}

    def compare(self, *, training: bool) -> None:
        """Compare in one mode, starting from the module's first weights."""
        module = self.sample.module.train(training)
        module.load_state_dict(
            {name.removeprefix(f"{NAME}."): torch.tensor(v) for name, v in self.state.items()}
        )
        module.zero_grad()
        self.net.load_state_dict(self.state)
        held = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in self.inputs]
        made = module(*held)
        results = list(made) if isinstance(made, (tuple, list)) else [made]
        named = {f"x{i}": x for i, x in enumerate(self.inputs)}
        if not training:
            found = self.net.forward(named)
            for index, (value, right) in enumerate(zip(found.values(), results, strict=True)):
                _require(value, right, f"result {index}")
            return
        self._compare_gradients(named, held, results)

    def _compare_gradients(
        self, named: dict[str, Array], held: list[Tensor], results: list[Tensor]
    ) -> None:
        chance = np.random.default_rng(1)
        count = len(self.inputs[0])
        targets = {
            port.name: chance.standard_normal(port.type.at(count))
            for port in self.net.program.targets
        }
        floats = [result for result in results if result.is_floating_point()]
        total = torch.zeros((), dtype=torch.float64)
        for result, target in zip(floats, targets.values(), strict=True):
            total = total + ((result - torch.tensor(target)) ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        loss, gradients = self.net.loss_and_gradients(named, targets)
        _require(np.asarray(loss), total, "loss")
        state = self.sample.module.state_dict(keep_vars=True)
        for name, gradient in gradients.items():
            own = name.removeprefix(f"{NAME}.")
            source = state[own] if own in state else held[int(name[1:])]
            right = torch.zeros_like(source) if source.grad is None else source.grad
            _require(gradient, right, f"d:{name}")
        for name, value in self.net.buffers.items():
            _require(value, state[name.removeprefix(f"{NAME}.")], name)


def _require(value: Array, tensor: Tensor, what: str) -> None:
    right = tensor.detach().numpy()
    scale = float(np.abs(right).max(initial=0.0)) if right.dtype.kind == "f" else 0.0
    require_close(value, right, what, rtol=RTOL, scale=scale)
