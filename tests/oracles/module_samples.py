"""PyTorch's own database of modules: every sample as settings and inputs of a layer, or why it is left out.

Import it only after `pytest.importorskip("torch")`. The database is private to PyTorch, here that of 2.13.0.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from graphnet.layers import LAYERS
from graphnet.losses import LOSSES

Plain = dict[str, Any]


class LeftOut(Exception):
    """A sample is not compared; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_COUNTERPART = {
    "CTCLoss": "samples come first here, and gradients agree behind LogSoftmax: compared in test_ctc.py",
    "LinearCrossEntropyLoss": "a layer and a loss in one: write Linear and CrossEntropyLoss",
}
"""Modules that graphnet has no row for, and what is written in their place."""

NO_SETTING = {
    "_random_samples",
    "batch_first",
    "device",
    "dtype",
    "enable_nested_tensor",
    "inplace",
    "mask_check",
    "reduce",
    "return_indices",
    "size_average",
}
"""Arguments that are inputs here, say where and how to compute, or are deprecated; none changes a result."""


@dataclass(frozen=True)
class Sample:
    """One entry of the database.

    Attributes:
        kind: Name of the module's class.
        number: Which of its samples it is.
        module: A module built from it, in float64.
        arguments: What the constructor was given, defaults included, by name.
        inputs: What `forward` is given, by name.
        about: What PyTorch calls it.
    """

    kind: str
    number: int
    module: torch.nn.Module
    arguments: Plain
    inputs: dict[str, Any]
    about: str

    @property
    def name(self) -> str:
        """The type that does the same here: modules whose sizes are inferred are the plain ones."""
        return self.kind.removeprefix("Lazy")


def modules() -> dict[str, Any]:
    """Return the entries of the database by the name of their class."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_modules import module_db
    return {entry.module_cls.__name__: entry for entry in module_db}


def samples_of(entry: Any) -> Iterator[Sample]:
    """Give every sample of one module; the same numbers every time."""
    torch.manual_seed(0)
    kind = entry.module_cls.__name__
    given = entry.module_inputs_func(
        entry, device="cpu", dtype=torch.float64, requires_grad=True, training=True
    )
    for number, one in enumerate(given):
        torch.manual_seed(number)
        made = one.constructor_input
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = entry.module_cls(*made.args, **made.kwargs).double()
        yield Sample(
            kind,
            number,
            module,
            _bound(entry.module_cls.__init__, (None, *made.args), made.kwargs),
            _bound(module.forward, one.forward_input.args, one.forward_input.kwargs),
            one.desc,
        )


def _bound(function: Any, args: tuple[Any, ...], keywords: Plain) -> Plain:
    bound = inspect.signature(function).bind(*args, **keywords)
    bound.apply_defaults()
    found = {key: value for key, value in bound.arguments.items() if key != "self"}
    rest, named = found.pop("args", ()), found.pop("kwargs", {})
    return {**found, **named, **{f"arg{i}": v for i, v in enumerate(rest)}}


def settings_of(sample: Sample) -> Plain:
    """Return the settings of the layer or loss that does the same.

    Raises:
        LeftOut: When there is no such type, or it has no such setting.
    """
    if sample.kind in NO_COUNTERPART:
        raise LeftOut(NO_COUNTERPART[sample.kind])
    table: Any = LAYERS if sample.name in LAYERS else LOSSES
    if sample.name not in table:
        raise LeftOut(f"{sample.name} is not here yet")
    known = table[sample.name].settings()
    defaults = inspect.signature(type(sample.module).__init__).parameters
    found: Plain = {}
    arguments = dict(sample.arguments)
    if "encoder_layer" in arguments:
        arguments |= _settings_of_layer(arguments.pop("encoder_layer"))
        arguments["norm"] = arguments["norm"] is not None
    for key, value in arguments.items():
        if key in known:
            if isinstance(value, Tensor):
                _make_positive(sample.module, key)
            found[key] = _plain(value)
        elif key not in NO_SETTING and _says_something(value, defaults.get(key)):
            raise LeftOut(f"no setting {key!r}")
    return {key: value for key, value in found.items() if not _is_default(known[key], value)}


def _settings_of_layer(layer: torch.nn.TransformerEncoderLayer) -> Plain:
    """Return the settings of the layer that a stack repeats, which PyTorch is given ready-made."""
    return {
        "nhead": layer.self_attn.num_heads,
        "dim_feedforward": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": layer.activation,
        "layer_norm_eps": layer.norm1.eps,
        "norm_first": layer.norm_first,
        "bias": layer.linear1.bias is not None,
        "batch_first": layer.self_attn.batch_first,
    }


def _make_positive(module: torch.nn.Module, key: str) -> None:
    """Turn round the weights below 0 that the database draws and graphnet refuses."""
    with torch.no_grad():
        getattr(module, key).abs_()


def _says_something(value: Any, parameter: Any) -> bool:
    """Whether an argument that graphnet has no setting for changes anything."""
    return value not in (getattr(parameter, "default", None), 0, None)


def _is_default(setting: Any, value: Any) -> bool:
    return not setting.required and value == setting.default


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.abs().tolist()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return value
