"""A network's twin in PyTorch: the same layers, loss and optimizer, for what both have under one name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from graphnet.backend import Array
from graphnet.errors import ResourceError, UsageError, listed
from graphnet.graph import Network as Graph
from graphnet.layers import Layer

SIZES = {
    "Linear": ("in_features", -1),
    "Conv1d": ("in_channels", 1),
    "Conv2d": ("in_channels", 1),
    "Conv3d": ("in_channels", 1),
    "BatchNorm1d": ("num_features", 1),
    "BatchNorm2d": ("num_features", 1),
    "LSTM": ("input_size", -1),
    "GRU": ("input_size", -1),
}
"""Layers that need a size of their input: what PyTorch calls it, and the dimension it is read from."""
SAME = (
    "Embedding", "LayerNorm", "Dropout", "Flatten", "Identity", "MaxPool1d", "MaxPool2d", "AvgPool1d",
    "AvgPool2d", "ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU", "Tanh", "Sigmoid", "Softplus",
    "Hardtanh", "ReLU6", "Softmax", "LogSoftmax",
)  # fmt: skip
"""Layers that PyTorch builds from the same settings."""
JOINS = ("Add", "Mul", "Cat")
LOSSES = ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss")
OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam")
_OURS = ("in_features", "in_channels", "num_features", "input_size")
"""Settings of ours that are inferred, and so may be None."""


def import_torch() -> Any:
    """Return PyTorch.

    Raises:
        ResourceError: When it is not installed (GN528).
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise ResourceError(
            "GN528", "PyTorch is not installed", help="pip install torch, or leave --against out"
        ) from error


class TorchTwin:
    """A network's twin, and one training step of it.

    Attributes:
        module: A torch.nn.ModuleDict of the layers with parameters or settings, by name.
    """

    def __init__(self, graph: Graph, weights: Mapping[str, Array]) -> None:
        """Build the modules and give them a network's weights.

        Args:
            graph: The checked network.
            weights: Parameters and statistics by name.

        Raises:
            ResourceError: When PyTorch is not installed (GN528).
            UsageError: When something in the network has no twin (GN770).
        """
        self._torch = torch = import_torch()
        self._graph = graph
        refuse_unknown(graph)
        self._dtype = getattr(torch, graph.spec.dtype)
        layers = {name: graph.layer(name) for name in graph.order}
        self.module = torch.nn.ModuleDict(
            {
                _key(name): self._built(layer.layer, name)
                for name, layer in layers.items()
                if layer.layer.name() not in JOINS
            }
        ).to(self._dtype)
        self._take_over(weights)
        (term,) = graph.spec.losses
        self._loss = getattr(torch.nn, term.loss.name())(reduction=term.loss.reduction)
        self._read, self._wanted = term.inputs[0], term.targets[0]
        # PyTorch takes classes on dimension 1 only.
        self._classes = term.loss.class_axis(graph.type_of(self._read))
        settings = dict(graph.spec.plain["optimizer"])
        kind = getattr(torch.optim, settings.pop("type"))
        known = kind.__init__.__code__.co_varnames
        kept = {key: _tupled(value) for key, value in settings.items() if key in known}
        self._optimizer = kind(self.module.parameters(), **kept)

    def _built(self, layer: Layer, name: str) -> Any:
        """Return a layer's module."""
        kind = layer.name()
        settings = {key: _tupled(v) for key, v in layer.plain().items() if key not in _OURS}
        made = getattr(self._torch.nn, kind)
        source = self._graph.type_of(self._graph.layer(name).inputs[0])
        if kind in SIZES:
            size, dim = SIZES[kind]
            settings[size] = source.shape[dim]
        if kind in ("LSTM", "GRU"):
            settings["batch_first"] = True
        known = made.__init__.__code__.co_varnames
        if "args" in known:  # recurrent layers hand their settings on
            return made(**settings)
        return made(**{key: value for key, value in settings.items() if key in known})

    def _take_over(self, weights: Mapping[str, Array]) -> None:
        torch = self._torch
        with torch.no_grad():
            for name in self._graph.order:
                if _key(name) not in self.module:
                    continue
                for own, tensor in self.module[_key(name)].state_dict().items():
                    given = weights.get(f"{name}.{own}")
                    if given is not None:
                        tensor.copy_(torch.from_numpy(given.copy()))

    def step(self, inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> Callable[[], Any]:
        """Return one training step on a batch, as users write it; it returns the loss."""
        torch = self._torch
        x = {name: torch.from_numpy(array.copy()) for name, array in inputs.items()}
        wanted = torch.from_numpy(targets[self._wanted].copy())

        def train() -> Any:
            self._optimizer.zero_grad()
            loss = self._loss(self._forward(x), wanted)
            loss.backward()
            self._optimizer.step()
            return loss.detach()

        return train

    def _forward(self, x: Mapping[str, Any]) -> Any:
        found: dict[str, Any] = dict(x)
        for name in self._graph.order:
            layer = self._graph.layer(name)
            read = [self._value(found, reference) for reference in layer.inputs]
            found[name] = self._applied(layer.layer, _key(name), read)
        output = self._value(found, self._read)
        return output.movedim(self._classes, 1) if self._classes > 1 else output

    def _value(self, found: Mapping[str, Any], reference: str) -> Any:
        node, index = self._graph.resolve(reference)
        value = found[node]
        return value[index] if isinstance(value, tuple) else value

    def _applied(self, layer: Layer, key: str, read: list[Any]) -> Any:
        kind = layer.name()
        if kind == "Cat":
            return self._torch.cat(read, dim=layer.plain()["dim"])
        if kind not in JOINS:
            return self.module[key](*read)
        result = read[0]
        for other in read[1:]:
            result = result + other if kind == "Add" else result * other
        return result


def refuse_unknown(graph: Graph) -> None:
    """Refuse what has no twin, all of it at once.

    Raises:
        UsageError: GN770.
    """
    spec = graph.spec
    odd = [
        f"layer {name} ({graph.layer(name).layer.name()})"
        for name in graph.order
        if graph.layer(name).layer.name() not in (*SIZES, *SAME, *JOINS)
        or graph.layer(name).share is not None
        or graph.layer(name).parametrization
    ]
    odd += [f"loss {t.name} ({t.loss.name()})" for t in spec.losses if t.loss.name() not in LOSSES]
    odd += ["several losses"] if len(spec.losses) > 1 else []
    if spec.optimizer is None or spec.optimizer.name() not in OPTIMIZERS:
        odd.append(f"optimizer {spec.optimizer.name() if spec.optimizer else 'none'}")
    if odd:
        raise UsageError(
            "GN770",
            f"{spec.name!r} has no twin in PyTorch",
            help="leave --against out",
            notes=[f"without one: {listed(odd)}"],
        )


def _key(name: str) -> str:
    """Return a layer's name as a module may be called."""
    return name.replace(".", "/")


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
