"""Optimizers: the first ones against plain formulas; all of them on objectives they must make smaller."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from examples import Array, compiled, linear, network, started, step

from graphnet.backend import NumpyExecutable
from graphnet.declare import KindError
from graphnet.optimizers import OPTIMIZERS

START = np.array([0.5, -1.5, 2.0, 0.0, 3.0])
GOAL = np.array([1.0, 1.0, -1.0, 0.0, 2.5])
NAMES = ["x.weight"]


def bowl(optimizer: dict[str, Any], dtype: str = "float64") -> NumpyExecutable:
    """Return an executable whose loss is |p - goal|^2 over its only parameter p."""
    plain = network(
        {"x": linear(len(GOAL), bias=False)},
        inputs={"one": {"shape": [1]}},
        targets={"goal": {"shape": [len(GOAL)]}},
        loss={"type": "MSELoss", "reduction": "sum"},
        optimizer=optimizer,
        dtype=dtype,
    )
    executable = started(compiled(plain))
    executable.parameters["x.weight"][...] = START[:, None]
    return executable


BOWL = {"one": np.ones((1, 1)), "goal": GOAL[None]}


def trajectory(executable: NumpyExecutable, steps: int) -> Iterator[Array]:
    for _ in range(steps):
        step(executable, BOWL)
        yield executable.parameters["x.weight"][:, 0].copy()


Rule = Callable[..., Iterator[Array]]


def sgd(
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> Iterator[Array]:
    p, velocity = START.copy(), None
    while True:
        g = 2 * (p - GOAL) * (-1 if maximize else 1) + weight_decay * p
        if momentum:
            velocity = g if velocity is None else momentum * velocity + (1 - dampening) * g
            g = g + momentum * velocity if nesterov else velocity
        p = p - lr * g
        yield p


def adam(
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
    maximize: bool = False,
    decoupled_weight_decay: bool = False,
) -> Iterator[Array]:
    p, m, v, largest = START.copy(), np.zeros(5), np.zeros(5), np.zeros(5)
    for t in range(1, 10**9):
        g = 2 * (p - GOAL) * (-1 if maximize else 1)
        if decoupled_weight_decay:
            p = p * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = np.maximum(largest, v)
        root = np.sqrt((largest if amsgrad else v) / (1 - betas[1] ** t))
        p = p - lr * (m / (1 - betas[0] ** t)) / (root + eps)
        yield p


def adamw(*, weight_decay: float = 1e-2, **settings: Any) -> Iterator[Array]:
    return adam(weight_decay=weight_decay, decoupled_weight_decay=True, **settings)


def mytorch_adamw(
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    maximize: bool = False,
) -> Iterator[Array]:
    p, m, v = START.copy(), np.zeros(5), np.zeros(5)
    for t in range(1, 10**9):
        g = 2 * (p - GOAL) * (-1 if maximize else 1)
        late = (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
        p = p - lr * g - lr * late
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        yield p


RULES: dict[str, Rule] = {"SGD": sgd, "Adam": adam, "AdamW": adamw, "MytorchAdamW": mytorch_adamw}

VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("SGD", {"momentum": 0.5, "maximize": True, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"betas": (0.5, 0.6), "eps": 1e-3}),
    ("Adam", {"betas": (0.0, 0.9)}),
    ("Adam", {"weight_decay": 0.1}),
    ("Adam", {"amsgrad": True, "betas": (0.9, 0.5)}),
    ("Adam", {"maximize": True, "weight_decay": 0.1}),
    ("Adam", {"decoupled_weight_decay": True, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.0}),
    ("AdamW", {"weight_decay": 0.3, "amsgrad": True, "betas": (0.8, 0.9)}),
    ("AdamW", {"maximize": True}),
    ("MytorchAdamW", {}),
    ("MytorchAdamW", {"betas": (0.5, 0.7), "eps": 1e-4, "maximize": True}),
]


@pytest.mark.parametrize(("name", "settings"), VARIANTS)
def test_updates_follow_the_formula(name: str, settings: dict[str, Any]) -> None:
    settings = {"lr": 0.05, **settings}
    given = {key: list(v) if isinstance(v, tuple) else v for key, v in settings.items()}
    executable = bowl({"type": name, **given})
    expected = RULES[name](**settings)
    for ours, theirs in zip(trajectory(executable, 25), expected, strict=False):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def test_every_formula_has_a_variant() -> None:
    """What torch.optim has is held against it in `test_torch.py`, the rest in `test_formulas.py`."""
    assert set(RULES) == {name for name, _ in VARIANTS} < set(OPTIMIZERS)


def section(name: str, **settings: Any) -> dict[str, Any]:
    """Return an optimizer section; what wraps another one gives it the settings."""
    if "lr" in OPTIMIZERS[name].settings():
        return {"type": name, **settings}
    return {"type": name, "optimizer": {"type": "AdamW", **settings}}


STATES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "SGD": ({}, set()),
    "SGD+momentum": ({"momentum": 0.9}, {"momentum_buffer"}),
    "SGD+dampening": ({"momentum": 0.9, "dampening": 0.5}, {"momentum_buffer", "step"}),
    "Adam": ({}, {"step", "exp_avg", "exp_avg_sq"}),
    "Adam+amsgrad": ({"amsgrad": True}, {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}),
    "AdamW": ({}, {"step", "exp_avg", "exp_avg_sq"}),
    "MytorchAdamW": ({}, {"step", "exp_avg", "exp_avg_sq"}),
}


@pytest.mark.parametrize("name", list(STATES))
def test_states_are_named_as_in_torch_and_start_at_zero(name: str) -> None:
    settings, expected = STATES[name]
    executable = bowl({"type": name.partition("+")[0], **settings})
    assert {state.removeprefix(":state.") for state in executable.states} == expected
    assert not any(array.any() for array in executable.states.values())
    list(trajectory(executable, 3))
    for state, array in executable.states.items():
        if state == ":state.step":
            assert array.item() == 3.0
            assert array.dtype == np.float64
        else:
            # The last places are padding of the flat vector and stay at zero.
            assert array[: len(GOAL)].any()
            assert not array[len(GOAL) :].any()
    executable.reset_states()
    assert not any(state.any() for state in executable.states.values())


def valley(optimizer: dict[str, Any]) -> list[float]:
    """Return the losses along 300 updates of (1 - x)^2 + 100 (y + x^2)^2, a bent and narrow valley."""
    plain = network(
        {
            "x": linear(1, bias=False, init={"weight": {"type": "constant", "val": -0.5}}),
            "square": {"type": "Mul", "inputs": ["x", "x"]},
            "y": linear(
                1, inputs="one", bias=False, init={"weight": {"type": "constant", "val": 0.5}}
            ),
            "gap": {"type": "Add", "inputs": ["y", "square"]},
        },
        inputs={"one": {"shape": [1]}},
        targets={"one_again": {"shape": [1]}, "zero": {"shape": [1]}},
        outputs=["x", "y"],
        loss={
            "near": {"type": "MSELoss", "input": "x", "target": "one_again"},
            "valley": {"type": "MSELoss", "input": "gap", "target": "zero", "scale": 100.0},
        },
        optimizer=optimizer,
        dtype="float64",
    )
    executable = started(compiled(plain))
    batch = {"one": np.ones((1, 1)), "one_again": np.ones((1, 1)), "zero": np.zeros((1, 1))}
    return [step(executable, batch) for _ in range(300)]


OBJECTIVES: dict[str, Callable[[dict[str, Any]], list[float]]] = {
    "bowl": lambda optimizer: [step(b, BOWL) for b in [bowl(optimizer)] for _ in range(300)],
    "valley": valley,
}
RATES = {
    "SGD": 1e-3, "ASGD": 1e-3, "Adagrad": 0.1, "Adadelta": 3.0, "RMSprop": 0.01, "Rprop": 0.01,
    "Adam": 0.02, "AdamW": 0.02, "Adamax": 0.03, "NAdam": 0.02, "RAdam": 0.06, "Adafactor": 0.05,
    "Muon": 0.02, "Lion": 0.01, "AdaBelief": 0.02, "LAMB": 0.02, "LARS": 10.0,
    "MytorchAdamW": 1e-3, "Lookahead": 0.03, "SAM": 0.02, "LBFGS": 0.05,
}  # fmt: skip


@pytest.mark.parametrize("objective", list(OBJECTIVES))
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_makes_every_objective_smaller(name: str, objective: str) -> None:
    # RAdam begins with plain momentum, which a steep valley throws out.
    rate = 0.003 if (name, objective) == ("RAdam", "valley") else RATES[name]
    losses = OBJECTIVES[objective](section(name, lr=rate))
    assert losses[0] > 2.0
    assert losses[-1] < 0.35 * losses[0]
    assert all(math.isfinite(loss) for loss in losses)


@pytest.mark.parametrize(
    "name", sorted(set(OPTIMIZERS) - {"Lookahead", "LBFGS"})
)  # one steps back too, one only descends
def test_maximize_climbs(name: str) -> None:
    executable = bowl(section(name, lr=1e-3, maximize=True))
    losses = [step(executable, BOWL) for _ in range(50)]
    assert losses == sorted(losses)
    assert losses[-1] > losses[0]


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - {"Rprop"}))  # lr is but its first step
def test_a_rate_of_the_smallest_size_changes_nothing_or_almost_nothing(name: str) -> None:
    executable = bowl(section(name, lr=5e-324))
    assert np.abs(list(trajectory(executable, 3))[-1] - START).max() < 1e-300


def test_ten_million_updates_leave_the_corrections_finite() -> None:
    executable = bowl({"type": "Adam", "lr": 0.01})
    executable.states[":state.step"][...] = 1e7
    values = list(trajectory(executable, 3))
    assert np.isfinite(values).all()
    # beta^t is 0 by then: the averages are taken as they are.
    g = 2 * (START - GOAL)
    expected = START - 0.01 * (0.1 * g) / (np.sqrt(0.001 * g**2) + 1e-8)
    np.testing.assert_allclose(values[0], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SGD", {"lr": 0.0}),
        ("SGD", {"lr": -1.0}),
        ("SGD", {"momentum": 1.0}),
        ("SGD", {"nesterov": True}),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        ("SGD", {"weight_decay": -0.1}),
        ("Adam", {"betas": [0.9]}),
        ("Adam", {"betas": [0.9, 1.0]}),
        ("Adam", {"eps": 0.0}),
        ("AdamW", {"amsgrad": 1}),
        ("MytorchAdamW", {"weight_decay": 0.1}),
        ("Adam", {"lr": "1e-3"}),
    ],
)
def test_wrong_settings_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(KindError):
        OPTIMIZERS[name].from_plain(settings)
