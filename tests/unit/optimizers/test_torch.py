"""Optimizers against torch.optim: 20 updates in float64 for a grid of options, PyTorch's own among them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from examples import batch_of, step
from optimizing import BATCH, plain_settings, start

from graphnet.optimizers import DESCENTS, OPTIMIZERS

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

OWN = {"Lion", "LAMB", "LARS", "AdaBelief", "Lookahead", "SAM", "MytorchAdamW"}
"""Optimizers that torch.optim has not; `test_formulas.py` holds them."""
LEFT_OUT = ("foreach", "fused", "differentiable", "capturable")
"""Options of torch's about how, not what, it computes."""
UNEQUAL = {"AdamW": {"decoupled_weight_decay"}}
"""Options that torch's base class has and the optimizer itself does not take."""

MORE: dict[str, list[dict[str, Any]]] = {
    "SGD": [{"momentum": 0.5, "weight_decay": 0.1, "maximize": True}],
    "ASGD": [{"lambd": 0.1, "alpha": 0.5, "t0": 5, "lr": 0.1, "weight_decay": 0.1}],
    "Adagrad": [{"eps": 1e-3, "maximize": True, "lr_decay": 0.2, "lr": 0.3}],
    "Adadelta": [{"eps": 1e-2, "rho": 0.5, "lr": 2.0}],
    "RMSprop": [{"alpha": 0.5, "eps": 1e-3, "momentum": 0.9}],
    "Rprop": [{"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.2), "maximize": True}],
    "Adam": [
        {"betas": (0.5, 0.6), "eps": 1e-3},
        {"decoupled_weight_decay": True, "weight_decay": 0.3},
        {"betas": (0.0, 0.9), "amsgrad": True},
    ],
    "AdamW": [{"betas": (0.8, 0.9), "amsgrad": True, "weight_decay": 0.3}, {"weight_decay": 0.0}],
    "Adamax": [{"betas": (0.5, 0.6), "eps": 1e-3}],
    "NAdam": [{"betas": (0.5, 0.6), "eps": 1e-3, "momentum_decay": 0.5}],
    "RAdam": [{"betas": (0.5, 0.6)}, {"betas": (0.9, 0.9), "lr": 0.1}],
    "Adafactor": [{"lr": 0.5, "beta2_decay": -0.5, "eps": (1e-3, 1e-2), "d": 2.0}],
    "Muon": [{"nesterov": False, "lr": 0.1}, {"adjust_lr_fn": "match_rms_adamw", "ns_steps": 3}],
    "LBFGS": [],
}


def database() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the options that PyTorch tests its own optimizers with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_optimizers import optim_db
    for info in optim_db:
        name = info.optim_cls.__name__
        if name not in OPTIMIZERS:
            continue
        for given in info.optim_inputs_func(device="cpu"):
            settings = {k: v for k, v in given.kwargs.items() if k not in LEFT_OUT}
            if not any(isinstance(value, torch.Tensor) for value in settings.values()):
                yield name, settings


GRID = [*database(), *((name, settings) for name in MORE for settings in MORE[name])]
GRID = [(name, settings) for name, settings in GRID if name in DESCENTS]


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let torch keep its counters in float64, and Muon its products in the type of the weights."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    yield
    torch.set_default_dtype(before)


def theirs(name: str, settings: dict[str, Any], parameters: dict[str, Any]) -> list[Any]:
    """Return torch's optimizers; what is no matrix goes to AdamW where Muon would refuse it."""
    if name != "Muon":
        return [getattr(torch.optim, name)(list(parameters.values()), **settings)]
    matrices = [p for p in parameters.values() if p.ndim == 2]
    others = [p for p in parameters.values() if p.ndim != 2]
    shared = {"lr": settings.get("lr", 1e-3), "weight_decay": settings.get("weight_decay", 0.1)}
    return [torch.optim.Muon(matrices, **settings), torch.optim.AdamW(others, **shared)]


@pytest.mark.parametrize(("name", "settings"), GRID, ids=str)
def test_twenty_updates(name: str, settings: dict[str, Any]) -> None:
    executable = start(plain_settings(name, settings))
    parameters = {
        key: torch.nn.Parameter(torch.tensor(array)) for key, array in executable.parameters.items()
    }
    optimizers = theirs(name, settings, parameters)
    for number in range(20):
        data = batch_of(executable.program, BATCH, number)
        step(executable, data)
        x, y = torch.tensor(data["x"]), torch.tensor(data["y"])
        for optimizer in optimizers:
            optimizer.zero_grad()
        hidden = torch.tanh(x @ parameters["linear1.weight"].T + parameters["linear1.bias"])
        out = hidden @ parameters["linear2.weight"].T + parameters["linear2.bias"]
        torch.nn.functional.mse_loss(out, y).backward()
        for optimizer in optimizers:
            optimizer.step()
        for key, ours in executable.parameters.items():
            np.testing.assert_allclose(
                ours, parameters[key].detach().numpy(), rtol=1e-10, atol=1e-12, err_msg=key
            )


def test_every_optimizer_of_torch_is_walked() -> None:
    assert {name for name, _ in GRID} == set(DESCENTS) - OWN
    assert set(OPTIMIZERS) > OWN


@pytest.mark.parametrize("name", sorted(set(DESCENTS) - OWN))
def test_defaults_and_names_of_settings(name: str) -> None:
    parameter = torch.nn.Parameter(torch.zeros(2, 2))
    found = getattr(torch.optim, name)([parameter]).defaults
    ours = OPTIMIZERS[name].settings()
    for key, declared in ours.items():
        if key != "maximize" or key in found:
            assert found[key] == declared.default, key
    assert set(found) - set(ours) - UNEQUAL.get(name, set()) - set(LEFT_OUT) == set()


STATES = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True},
          "Adam": {"amsgrad": True}, "AdamW": {"amsgrad": True}}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(DESCENTS) - OWN))
def test_names_of_states(name: str) -> None:
    settings = STATES.get(name, {})
    executable = start(plain_settings(name, settings))
    parameters = [torch.nn.Parameter(torch.ones(3, 2))]
    if name not in ("Muon", "Adafactor"):
        parameters.append(torch.nn.Parameter(torch.ones(3)))
    optimizer = getattr(torch.optim, name)(parameters, **settings)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    expected = {key for parameter in parameters for key, value in optimizer.state[parameter].items()
                if value is not None}  # fmt: skip
    found = {state.removeprefix(":state.").partition("/")[0] for state in executable.states}
    if name == "Muon":
        found = {state for state in found if "." not in state}
    # The vectors' second moments, and a counter that does not change what torch's optimizers compute.
    assert found - expected <= ({"variance"} if name == "Adafactor" else set())
    assert expected - found <= {"step"}
