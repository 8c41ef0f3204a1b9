"""Every module of torch.nn and every parameter of it is here by its name and default, or accounted for."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from graphnet.declare import Entry, setting_elsewhere, type_elsewhere
from graphnet.initializers import INITIALIZERS
from graphnet.layers import LAYERS
from graphnet.losses import LOSSES

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

ROWS: dict[str, type[Entry]] = {**LAYERS, **LOSSES}
ABSENT = {
    "DataParallel": "there is one processor",
    "Module": "a base class",
    "RNNBase": "a base class",
    "RNNCellBase": "a base class",
}
"""Modules that are nowhere here, and why."""
INFERRED = {
    "d_model", "embed_dim", "in1_features", "in2_features", "in_channels", "in_features", "input_size",
    "normalized_shape", "num_channels", "num_features",
}  # fmt: skip
"""Sizes of inputs: torch wants them, here they are checked where given."""
LEFT_OUT = {
    ("ConvTranspose1d", "padding_mode"): "zeros is all that torch takes",
    ("ConvTranspose2d", "padding_mode"): "zeros is all that torch takes",
    ("ConvTranspose3d", "padding_mode"): "zeros is all that torch takes",
    ("GRU", "proj_size"): "torch refuses it",
    ("RNN", "proj_size"): "torch refuses it",
    ("Hardtanh", "min_value"): "deprecated",
    ("Hardtanh", "max_value"): "deprecated",
    ("FractionalMaxPool2d", "_random_samples"): "a second input",
    ("FractionalMaxPool3d", "_random_samples"): "a second input",
    ("Transformer", "custom_decoder"): "files hold no code",
    ("Transformer", "custom_encoder"): "files hold no code",
    ("TransformerDecoder", "decoder_layer"): "its settings are those of the layer",
    ("TransformerEncoder", "encoder_layer"): "its settings are those of the layer",
    ("TransformerEncoder", "enable_nested_tensor"): "how, not what, it computes",
    ("TransformerEncoder", "mask_check"): "how, not what, it computes",
    ("PReLU", "init"): "init: {weight: {type: constant, val: 0.25}}",
}
"""Parameters that are not here, and why."""
OTHER_DEFAULT: dict[tuple[str, str], Any] = {
    ("CrossEntropyLoss", "ignore_index"): None,
    ("NLLLoss", "ignore_index"): None,
    ("LogSoftmax", "dim"): -1,
    ("Softmax", "dim"): -1,
    ("Softmin", "dim"): -1,
    ("Transformer", "activation"): "relu",
    ("TransformerDecoder", "norm"): False,
    ("TransformerDecoderLayer", "activation"): "relu",
    ("TransformerEncoder", "norm"): False,
    ("TransformerEncoderLayer", "activation"): "relu",
    ("TripletMarginWithDistanceLoss", "distance_function"): "euclidean",
}
"""Defaults that differ: nothing is ignored unasked, the last dimension where torch has no default, names for
functions."""
MODULES = sorted(
    name
    for name in dir(torch.nn)
    if isinstance(getattr(torch.nn, name), type)
    and issubclass(getattr(torch.nn, name), torch.nn.Module)
)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_here_or_accounted_for(name: str) -> None:
    assert name in ROWS or type_elsewhere(name) or name in ABSENT


def parameters_of(name: str) -> dict[str, inspect.Parameter]:
    """Return the constructor's parameters, those of base classes that it hands on among them."""
    found: dict[str, inspect.Parameter] = {}
    for base in getattr(torch.nn, name).__mro__:
        if "__init__" not in vars(base):
            continue
        own = inspect.signature(vars(base)["__init__"]).parameters.values()
        open_ended = [p for p in own if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        for parameter in own:
            if parameter.name not in ("self", "mode") or name in ("EmbeddingBag", "Upsample"):
                found.setdefault(parameter.name, parameter)
        if not open_ended:
            break
    return {n: p for n, p in found.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


@pytest.mark.parametrize("name", [name for name in MODULES if name in ROWS])
def test_every_parameter_is_here_with_its_default(name: str) -> None:
    settings = ROWS[name].settings()
    for key, parameter in parameters_of(name).items():
        if key == "self" or (name, key) in LEFT_OUT:
            continue
        if key not in settings:
            assert setting_elsewhere(key, settings), key
            continue
        if key in INFERRED:
            assert settings[key].default is None, key
            continue
        if parameter.default is parameter.empty:
            assert settings[key].required, key
            continue
        wanted = OTHER_DEFAULT.get((name, key), parameter.default)
        assert settings[key].default == wanted, key


def test_every_exception_is_one() -> None:
    assert not set(ABSENT) & set(ROWS)
    for name, key in (*LEFT_OUT, *OTHER_DEFAULT):
        assert key in parameters_of(name) or name in ("GRU", "RNN"), (name, key)
    for name, key in LEFT_OUT:
        assert key not in ROWS[name].settings(), (name, key)
    for (name, key), own in OTHER_DEFAULT.items():
        assert parameters_of(name)[key].default != own, (name, key)


@pytest.mark.parametrize(
    "name", [name for name in dir(torch.nn.init) if name[0] != "_" and name.endswith("_")]
)
def test_every_initializer_is_here_with_its_parameters(name: str) -> None:
    settings = INITIALIZERS[name.removesuffix("_")].settings()
    wanted = inspect.signature(getattr(torch.nn.init, name)).parameters
    for key, parameter in wanted.items():
        if key in ("tensor", "generator"):
            continue
        required = parameter.default is parameter.empty
        assert settings[key].required == required, key
        assert required or settings[key].default == parameter.default, key
