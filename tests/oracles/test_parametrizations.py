"""weight_norm and spectral_norm on layers of every family, against NumPy formulas and PyTorch in float64."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from closeness import require_close
from layer_case import LayerCase
from layer_cases import LAYER_CASES
from layer_network import BATCH, LayerNetwork
from numpy.typing import NDArray
from test_layers import difference, require_results

import graphnet
from graphnet.api.network import Network

Array = NDArray[Any]
Plain = dict[str, Any]

WEIGHT: Plain = {"type": "weight_norm"}
WHOLE: Plain = {**WEIGHT, "dim": None}
SPECTRAL: Plain = {"type": "spectral_norm"}
PARAMETERS = {
    "Bilinear": "weight",
    "Conv1d": "weight",
    "Conv2d": "weight",
    "Conv3d": "bias",
    "ConvTranspose1d": "weight",
    "ConvTranspose2d": "weight",
    "ConvTranspose3d": "weight",
    "Embedding": "weight",
    "EmbeddingBag": "weight",
    "GRUCell": "weight_hh",
    "LSTM": "weight_hh_l0",
    "Linear": "weight",
    "MultiheadAttention": "out_proj.weight",
    "RNN": "weight_ih_l0",
    "TransformerEncoderLayer": "linear2.weight",
}
"""Layers of every family, and the parameter that is worked out."""
VECTORS = ("bias",)
CASES = [
    # The direction of a vector along its only dimension is a sign, whose gradient is rounding alone.
    *((kind, n, WHOLE if n in VECTORS else WEIGHT) for kind, n in PARAMETERS.items()),
    *((kind, n, SPECTRAL) for kind, n in PARAMETERS.items()),
    ("Linear", "weight", WHOLE),
    ("Conv2d", "weight", {**WEIGHT, "dim": 1}),
    ("Conv2d", "weight", {**WEIGHT, "dim": 3}),
    ("Linear", "weight", {**SPECTRAL, "n_power_iterations": 3, "dim": 1}),
    ("Conv2d", "weight", {**SPECTRAL, "dim": -2, "eps": 1e-3}),
    ("ConvTranspose2d", "weight", {**SPECTRAL, "dim": 0}),
]
LABELS = [f"{kind}-{'-'.join(map(str, how.values()))}" for kind, _, how in CASES]
WEIGHT_CASES = [
    pytest.param(i, id=LABELS[i])
    for i, case in enumerate(CASES)
    if case[2]["type"] == "weight_norm"
]
"""Gradients of spectral_norm take singular vectors as given, so that differences say otherwise."""
each = pytest.mark.parametrize("case", range(len(CASES)), ids=LABELS)


@cache
def case_of(index: int) -> tuple[LayerCase, LayerNetwork]:
    """Return the layer's own first case, and its network with the parameter worked out."""
    kind, name, how = CASES[index]
    case = next(case for case in LAYER_CASES[kind].cases if case.torch is not None)
    keys = {**case.keys, "parametrization": {name: how}}
    return case, LayerNetwork(kind, replace(case, keys=keys), "float64")


def start_of(name: str) -> str:
    """Return what the names of the parts begin with."""
    part, dot, own = name.rpartition(".")
    return f"{part}{dot}parametrizations.{own}."


def whole_weights(index: int, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Return the layer's weights with the parameter worked out, by the definitions, as when judging."""
    kind, name, how = CASES[index]
    start = start_of(name)
    parts = {n.removeprefix(start): value for n, value in weights.items() if n.startswith(start)}
    kept = {n: value for n, value in weights.items() if not n.startswith(start)}
    if how["type"] == "weight_norm":
        v, dim = parts["original1"], how.get("dim", 0)
        axes = tuple(axis for axis in range(v.ndim) if axis != dim)
        norms = np.sqrt((v**2).sum(axes, keepdims=dim is not None))
        return {**kept, name: parts["original0"] * v / norms}
    w = parts["original"]
    if w.ndim == 1:
        return {**kept, name: w / np.sqrt((w**2).sum())}
    dim = how.get("dim", 1 if kind.startswith("ConvTranspose") else 0)
    matrix = np.moveaxis(w, dim, 0).reshape(w.shape[dim], -1)
    return {**kept, name: w / (parts["0._u"] @ matrix @ parts["0._v"])}


@each
def test_values_are_those_of_the_layer_with_what_is_worked_out(case: int) -> None:
    own, it = case_of(case)
    if own.formula is None:
        pytest.skip("PyTorch alone says what is right")
    it.reset()
    for count in (BATCH, 1):
        inputs = own.inputs(count)
        whole = whole_weights(case, it.own_weights)
        require_results(it.forward(inputs), own.formula(whole, *inputs), 1e-10)


@pytest.mark.parametrize("case", WEIGHT_CASES)
def test_gradients_of_weight_norm_are_differences(case: int) -> None:
    own, it = case_of(case)
    inputs = own.inputs(BATCH - 1)
    it.reset()
    _, gradients = it.gradients(inputs)
    for name, gradient in gradients.items():
        if not name.startswith(start_of(CASES[case][1])):
            continue
        direction = np.random.default_rng(len(name)).standard_normal(gradient.shape)
        wanted = np.asarray(difference(it, inputs, name, direction))
        scale = float(np.abs(gradient * direction).sum())
        made = np.asarray((gradient * direction).sum())
        require_close(made, wanted, f"d:{name}", rtol=1e-6, scale=scale)
    it.reset()


torch = pytest.importorskip("torch")
oracle = pytest.mark.oracle


def with_parametrization(module: Any, name: str, how: Plain) -> Any:
    """Give a parameter of a PyTorch module its parametrization."""
    apply = getattr(torch.nn.utils.parametrizations, how["type"])
    part, _, own = name.rpartition(".")
    keys = {key: value for key, value in how.items() if key != "type"}
    apply(module.get_submodule(part), own, **keys)
    return module


def twin_of(case: int) -> Any:
    own, it = case_of(case)
    _, name, how = CASES[case]
    assert own.torch is not None
    module = with_parametrization(own.torch(torch).double(), name, how)
    module.load_state_dict({n: torch.tensor(v) for n, v in it.own_weights.items()}, strict=True)
    return module


def results_of(own: LayerCase, module: Any, inputs: list[Any]) -> list[Any]:
    made = own.call(module, *inputs)
    return list(made) if isinstance(made, (tuple, list)) else [made]


@oracle
@each
def test_torch(case: int) -> None:
    """Results in both modes, gradients, statistics after three passes, weights in both directions."""
    own, it = case_of(case)
    it.reset()
    module = twin_of(case)
    module.train()
    for seed in range(3):
        inputs = own.inputs(BATCH - 1, seed=seed)
        module.zero_grad()
        held = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
        # Without it, each look at the weight would be a step of the power method, and RNNs look twice.
        with torch.nn.utils.parametrize.cached():
            results = results_of(own, module, held)
        targets = [torch.tensor(t) for t in it.targets(BATCH - 1).values()]
        total = sum(((r - t) ** 2).sum() for r, t in zip(results, targets, strict=True))
        total.backward()
        loss, gradients = it.gradients(inputs)
        require_close(np.asarray(loss), total.detach().numpy(), "loss", rtol=1e-9)
        sources = dict(module.named_parameters()) | {f"x{i}": x for i, x in enumerate(held)}
        for name, gradient in gradients.items():
            right = sources[name].grad
            right = np.zeros(gradient.shape) if right is None else right.numpy()
            scale = float(np.abs(right).max(initial=0.0))
            require_close(gradient, right, f"d:{name}", rtol=1e-8, scale=scale)
    state = {f"it.{name}": value.numpy() for name, value in module.state_dict().items()}
    held_here = it.net.state_dict()
    assert {n: v.shape for n, v in held_here.items()} == {n: v.shape for n, v in state.items()}
    for name, value in held_here.items():
        require_close(value, state[name], name, rtol=1e-10, scale=1.0)
    it.net.load_state_dict(state)
    module.eval()
    with torch.no_grad():
        wanted = results_of(own, module, [torch.tensor(x) for x in inputs])
    require_results(it.forward(inputs), [x.numpy() for x in wanted], 1e-9)
    it.reset()


LAYERS: Plain = {
    "a": {"type": "Linear", "out_features": 6, "parametrization": {"weight": "weight_norm"}},
    "b": "Tanh",
    "c": {"type": "Linear", "out_features": 5, "parametrization": {"weight": "spectral_norm"}},
    "d": "Tanh",
    "e": {
        "type": "Linear",
        "out_features": 2,
        "parametrization": {"weight": "weight_norm", "bias": {"type": "weight_norm", "dim": None}},
    },
}
NETWORK: Plain = {
    "seed": 3,
    "inputs": {"x": {"shape": [4]}},
    "targets": {"y": {"shape": [2]}},
    "layers": LAYERS,
    "loss": "MSELoss",
    "optimizer": {"type": "AdamW", "lr": 0.05},
    "training": {"batch_size": 7, "initialization": {"stream": "torch"}},
}


def torch_network(dtype: Any) -> Any:
    torch.set_default_dtype(dtype)
    try:
        torch.manual_seed(3)
        # PyTorch gives each layer its parametrization before it draws the next one.
        a = with_parametrization(torch.nn.Linear(4, 6), "weight", WEIGHT)
        c = with_parametrization(torch.nn.Linear(6, 5), "weight", SPECTRAL)
        e = with_parametrization(torch.nn.Linear(5, 2), "weight", WEIGHT)
        with_parametrization(e, "bias", {**WEIGHT, "dim": None})
    finally:
        torch.set_default_dtype(torch.float32)
    layers = {"a": a, "b": torch.nn.Tanh(), "c": c, "d": torch.nn.Tanh(), "e": e}
    return torch.nn.Sequential(OrderedDict(layers))


def trained_here(dtype: str, **more: Any) -> Network:
    return graphnet.compile({**NETWORK, "dtype": dtype, **more}, batch_size=7)


@oracle
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_first_values_are_torchs(dtype: str) -> None:
    """What is drawn has PyTorch's bits in float32; what is worked out from it is as close as rounding is."""
    state = torch_network(getattr(torch, dtype)).state_dict()
    found = trained_here(dtype).state_dict()
    assert set(found) == set(state)
    close = 2e-6 if dtype == "float32" else 1e-13
    for name, value in found.items():
        drawn = name.endswith(("original1", "original", "bias"))
        rtol = (0.0 if dtype == "float32" else 4e-16) if drawn else close
        require_close(value, state[name].numpy(), name, rtol=rtol, scale=1.0)


@oracle
def test_five_steps_are_torchs() -> None:
    module, net = torch_network(torch.float64), trained_here("float64")
    optimizer = torch.optim.AdamW(module.parameters(), lr=0.05)
    chance = np.random.default_rng(8)
    for _ in range(5):
        x, y = chance.standard_normal((7, 4)), chance.standard_normal((7, 2))
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(module(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        optimizer.step()
        made = net.train_step({"x": x}, {"y": y})
        require_close(np.asarray(made), loss.detach().numpy(), "loss", rtol=1e-10)
    for name, value in net.state_dict().items():
        right = module.state_dict()[name].numpy()
        require_close(value, right, name, rtol=1e-8, scale=1.0)
