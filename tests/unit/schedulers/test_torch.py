"""Schedulers against torch.optim.lr_scheduler: 200 steps for a grid of options."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from graphnet.schedulers import SCHEDULERS, Plateau, Scheduler

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

BASE, MOMENTUM, STEPS = 0.037, 0.7, 200
OWN = {
    "Warmup",
    "WarmupCosine",
    "Noam",
    "InverseSquareRoot",
    "InverseTimeDecay",
    "TableLR",
    "BySetting",
}
"""Schedulers that torch has not; `test_schedulers.py` holds them."""

GRID: list[tuple[str, dict[str, Any]]] = [
    ("StepLR", {"step_size": 7, "gamma": 0.3}),
    ("StepLR", {"step_size": 30}),
    ("MultiStepLR", {"milestones": [3, 10, 11, 40], "gamma": 0.7}),
    ("MultiStepLR", {"milestones": [5, 5, 20]}),
    ("ExponentialLR", {"gamma": 0.93}),
    ("ExponentialLR", {"gamma": 1.01}),
    ("ConstantLR", {"factor": 0.4, "total_iters": 9}),
    ("ConstantLR", {}),
    ("LinearLR", {"start_factor": 0.2, "end_factor": 0.9, "total_iters": 17}),
    ("LinearLR", {}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 150, "power": 0.9}),
    ("PolynomialLR", {"total_iters": 250, "power": 2.0}),
    ("CosineAnnealingLR", {"T_max": 23, "eta_min": 1e-4}),
    ("CosineAnnealingLR", {"T_max": 200}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7, "T_mult": 2, "eta_min": 1e-3}),
    ("CosineAnnealingWarmRestarts", {"T_0": 13}),
    ("CyclicLR", {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 11}),
    ("CyclicLR", {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 5, "step_size_down": 9,
                  "mode": "triangular2", "base_momentum": 0.1}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "mode": "exp_range", "gamma": 0.98}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 200}),
    ("OneCycleLR", {"max_lr": 0.1, "epochs": 10, "steps_per_epoch": 20, "anneal_strategy": "linear",
                    "pct_start": 0.1, "div_factor": 3.0, "final_div_factor": 7.0}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 200, "three_phase": True, "base_momentum": 0.2}),
    ("LambdaLR", {"lr_lambda": "0.95 ** t * (1 + sin(t)) + min(t, 3) // 2"}),
    ("MultiplicativeLR", {"lr_lambda": "0.99 if t % 3 == 0 else 1.001"}),
    ("SWALR", {"swa_lr": 0.002, "anneal_epochs": 15}),
    ("SWALR", {"swa_lr": 0.2, "anneal_epochs": 150, "anneal_strategy": "linear"}),
    ("SequentialLR", {"schedulers": [{"type": "LinearLR", "start_factor": 0.1, "total_iters": 20},
                                     {"type": "CosineAnnealingLR", "T_max": 100}], "milestones": [20]}),
    ("SequentialLR", {"schedulers": [{"type": "ConstantLR", "factor": 0.1},
                                     {"type": "ExponentialLR", "gamma": 0.9},
                                     {"type": "StepLR", "step_size": 10},
                                     {"type": "CosineAnnealingWarmRestarts", "T_0": 10}],
                      "milestones": [5, 30, 90]}),
    ("ChainedScheduler", {"schedulers": [{"type": "ConstantLR", "factor": 0.1, "total_iters": 30},
                                         {"type": "ExponentialLR", "gamma": 0.97}]}),
    ("ChainedScheduler", {"schedulers": [{"type": "LinearLR", "total_iters": 12},
                                         {"type": "StepLR", "step_size": 50},
                                         {"type": "PolynomialLR", "total_iters": 300},
                                         {"type": "CosineAnnealingLR", "T_max": 70, "eta_min": 1e-3}]}),
    ("ChainedScheduler", {"schedulers": [{"type": "MultiplicativeLR", "lr_lambda": "0.99"},
                                         {"type": "MultiStepLR", "milestones": [10, 60]}]}),
]  # fmt: skip

FUNCTIONS: dict[str, Callable[[int], float]] = {
    "0.95 ** t * (1 + sin(t)) + min(t, 3) // 2": lambda t: 0.95**t * (1 + _sin(t)) + min(t, 3) // 2,
    "0.99 if t % 3 == 0 else 1.001": lambda t: 0.99 if t % 3 == 0 else 1.001,
    "0.99": lambda t: 0.99,
}


def _sin(t: int) -> float:
    import math

    return math.sin(t)


def theirs(optimizer: Any, name: str, settings: dict[str, Any]) -> Any:
    """Return torch's scheduler with the same options."""
    given = dict(settings)
    if "lr_lambda" in given:
        given["lr_lambda"] = FUNCTIONS[given["lr_lambda"]]
    if "schedulers" in given:
        given["schedulers"] = [
            theirs(optimizer, part["type"], {k: v for k, v in part.items() if k != "type"})
            for part in given["schedulers"]
        ]
    if name == "SWALR":
        return torch.optim.swa_utils.SWALR(optimizer, **given)
    if name == "ChainedScheduler":
        return torch.optim.lr_scheduler.ChainedScheduler(given["schedulers"])
    return getattr(torch.optim.lr_scheduler, name)(optimizer, **given)


def started(name: str, settings: dict[str, Any], kind: str) -> tuple[Any, Any]:
    parameter = [torch.nn.Parameter(torch.zeros(1))]
    if kind == "SGD":
        optimizer = torch.optim.SGD(parameter, lr=BASE, momentum=MOMENTUM)
    else:
        optimizer = torch.optim.Adam(parameter, lr=BASE, betas=(MOMENTUM, 0.99))
    return optimizer, theirs(optimizer, name, settings)


@pytest.mark.parametrize(("name", "settings"), GRID, ids=str)
def test_two_hundred_steps(name: str, settings: dict[str, Any]) -> None:
    ours: Scheduler = SCHEDULERS[name].from_plain(settings)
    for kind in ("SGD", "Adam") if name in ("CyclicLR", "OneCycleLR") else ("SGD",):
        schedules = ours.scheduled()
        rate = schedules["lr"].curve(BASE)
        momentum = schedules["momentum"].curve(MOMENTUM) if "momentum" in schedules else None
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of stepping to a count, as torch's SequentialLR does itself
            optimizer, other = started(name, settings, kind)
            for count in range(STEPS):
                group = optimizer.param_groups[0]
                # torch multiplies its way along a series, so its own rounding adds up.
                assert rate(count) == pytest.approx(group["lr"], rel=1e-11, abs=1e-16), count
                if momentum is not None:
                    found = group["momentum"] if kind == "SGD" else group["betas"][0]
                    assert momentum(count) == pytest.approx(found, rel=1e-12), count
                optimizer.step()
                if count < STEPS - 1:
                    other.step()


def test_every_scheduler_of_torch_is_walked() -> None:
    assert {name for name, _ in GRID} == set(SCHEDULERS) - OWN - {"ReduceLROnPlateau"}


def results(seed: int) -> list[float]:
    """Return losses that fall, stand still, and jump."""
    chance = torch.Generator().manual_seed(seed)
    noise = torch.rand(STEPS, generator=chance, dtype=torch.float64)
    return [float(1.0 / (1 + t // 20) + 0.1 * noise[t]) for t in range(STEPS)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"patience": 0, "factor": 0.5},
        {"patience": 3, "cooldown": 4, "factor": 0.7, "min_lr": 0.004},
        {"mode": "max", "patience": 2, "threshold": 0.05, "factor": 0.9},
        {"threshold_mode": "abs", "threshold": 0.02, "patience": 1, "factor": 0.5, "eps": 1e-4},
        {"mode": "max", "threshold_mode": "abs", "patience": 5},
    ],
    ids=str,
)
def test_plateaus(settings: dict[str, Any], seed: int) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    other = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    ours: Any = SCHEDULERS["ReduceLROnPlateau"].from_plain(settings)
    seen = Plateau()
    for value in results(seed):
        rate = ours.rate(BASE, seen.reductions)
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        other.step(value)
        seen = ours.observe(seen, value)
    assert seen.reductions > 0 or settings.get("patience", 10) == 10


@pytest.mark.parametrize("name", sorted(set(SCHEDULERS) - OWN - {"SWALR", "ChainedScheduler"}))
def test_names_and_defaults_of_settings(name: str) -> None:
    import inspect

    found = inspect.signature(getattr(torch.optim.lr_scheduler, name).__init__).parameters
    left_out = {"self", "optimizer", "last_epoch", "scale_fn", "scale_mode"}
    ours = SCHEDULERS[name].settings()
    assert set(found) - left_out == set(ours) - {"interval", "metric"}
    for key, declared in ours.items():
        if key in found and not declared.required:
            assert declared.default == found[key].default, key
