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
from module_calls import Call, as_floats, call_of
from module_samples import LeftOut, Sample, settings_of
from numpy.typing import NDArray
from torch import Tensor

import graphnet
from graphnet.errors import GraphNetError
from graphnet.losses import LOSSES

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
    call = call_of(sample)
    if sample.name in LOSSES:
        _compare_loss(sample, settings, call.inputs)
        return
    twin = _twin(sample, settings, call)
    for training in (False, True):
        twin.compare(training=training)


def _twin(sample: Sample, settings: Plain, call: Call) -> _Twin:
    settings = {**settings, **call.settings}
    plain = {"dtype": "float64", **_spec(sample.name, settings, call.inputs)}
    try:
        plain = with_losses(plain)
    except GraphNetError as error:
        raise _refused(error) from error
    return _Twin(sample, _compiled(plain, len(call.inputs[0])), call)


def _compiled(plain: Plain, count: int) -> Any:
    try:
        return graphnet.compile(plain, batch_size=count, input_gradients=True)
    except GraphNetError as error:
        raise _refused(error) from error


def _refused(error: GraphNetError) -> LeftOut:
    first = getattr(error, "errors", [error])[0]
    return LeftOut(f"refused: {first.message}")


NUMBER_TARGETS = {"MarginRankingLoss", "MultiLabelSoftMarginLoss", "CosineEmbeddingLoss"}
"""Losses whose targets are numbers here, which PyTorch also takes as whole ones."""
LOSS_INPUTS = {"GaussianNLLLoss": ("input", "var")}
"""Names of what PyTorch hands to a loss as its inputs, where they are not the first."""


def _compare_loss(sample: Sample, settings: Plain, tensors: list[Tensor]) -> None:
    """Refuse a loss that differs from the module: its value and the gradients of its inputs."""
    if settings.get("reduction") == "none":
        raise LeftOut("reduction none: a loss is a single number")
    if any(not bool(torch.isfinite(tensor).all()) for tensor in tensors):
        raise LeftOut("the sample holds what is not finite, which data may not")
    if sample.name in NUMBER_TARGETS:
        tensors = as_floats(tensors)
    names = [name for name, value in sample.inputs.items() if value is not None]
    count = len(LOSSES[sample.name].input_roles)
    first = LOSS_INPUTS.get(sample.name, tuple(names[:count]))
    held = {
        name: tensor.detach().clone().requires_grad_(tensor.is_floating_point() and name in first)
        for name, tensor in zip(names, tensors, strict=True)
    }
    inputs = [name for name in names if name in first]
    targets = [name for name in names if name not in first]
    plain = {
        "dtype": "float64",
        "inputs": {f"in_{name}": _declared(held[name]) for name in inputs},
        "targets": {name: _declared(held[name]) for name in targets},
        "layers": {name: {"type": "Identity", "inputs": f"in_{name}"} for name in inputs},
        "loss": {"type": sample.name, "input": inputs, "target": targets, **settings},
    }
    net = _compiled({key: value for key, value in plain.items() if value}, len(tensors[0]))
    total = sample.module(**held)
    total.backward()
    arrays = {name: np.array(tensor.detach().numpy()) for name, tensor in held.items()}
    loss, gradients = net.loss_and_gradients(
        {f"in_{name}": arrays[name] for name in inputs}, {name: arrays[name] for name in targets}
    )
    if bool(torch.isnan(total)) and loss == 0.0:
        raise LeftOut("nothing counts: the loss is 0, where PyTorch divides 0 by 0")
    _require(np.asarray(loss), total, "loss")
    for name in inputs:
        _require(gradients[f"in_{name}"], held[name].grad, f"d:{name}")


def _declared(tensor: Tensor) -> Plain:
    dtype = "float64" if tensor.is_floating_point() else "int64"
    return {"shape": list(tensor.shape[1:]), "dtype": dtype}


def _spec(name: str, settings: Plain, tensors: Sequence[Tensor]) -> Plain:
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
    types = ["float64" if tensor.is_floating_point() else "int64" for tensor in tensors]
    return {**layer_spec(name, shapes, types, **settings), "training": {"batch_size": 1}}


class _Twin:
    """A module and the network that should do the same."""

    def __init__(self, sample: Sample, net: Any, call: Call) -> None:
        self.sample, self.net, self.run = sample, net, call.run
        self.inputs = [tensor.detach().numpy() for tensor in call.inputs]
        with torch.no_grad():
            call.run(sample.module, call.inputs)  # what is lazy is built now
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
        results = self.run(module, held)
        named = {f"x{i}": x for i, x in enumerate(self.inputs)}
        if not training:
            # Results that a module gives on demand only, such as a pool's indices, are always here.
            found = list(self.net.forward(named).values())[: len(results)]
            for index, (value, right) in enumerate(zip(found, results, strict=True)):
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
