"""Schedulers: closed forms against numbers worked out by hand and against torch's series."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from examples import linear, network

import graphnet
from graphnet.declare import KindError
from graphnet.schedulers import SCHEDULERS

SERIES: list[tuple[str, dict[str, Any], list[float]]] = [
    ("StepLR", {"step_size": 2, "gamma": 0.5}, [8, 8, 4, 4, 2, 2, 1, 1]),
    ("MultiStepLR", {"milestones": [1, 3, 3], "gamma": 0.5}, [8, 4, 4, 1, 1]),
    ("ExponentialLR", {"gamma": 0.5}, [8, 4, 2, 1, 0.5]),
    ("ConstantLR", {"factor": 0.25, "total_iters": 2}, [2, 2, 8, 8]),
    ("ConstantLR", {"total_iters": 0}, [8, 8]),
    ("LinearLR", {"start_factor": 0.25, "end_factor": 1.0, "total_iters": 3}, [2, 4, 6, 8, 8]),
    ("CosineAnnealingLR", {"T_max": 2, "eta_min": 2.0}, [8, 5, 2, 5, 8]),
    ("CosineAnnealingWarmRestarts", {"T_0": 2, "eta_min": 2.0}, [8, 5, 8, 5, 8]),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 2}, [8, 8, 4, 8, 6.82842712474619]),
    ("PolynomialLR", {"total_iters": 4, "power": 2.0}, [8, 4.5, 2, 0.5, 0, 0]),
    ("InverseTimeDecay", {"decay_rate": 1.0, "decay_steps": 2}, [8, 16 / 3, 4, 3.2]),
    ("InverseTimeDecay", {"decay_rate": 1.0, "decay_steps": 2, "staircase": True}, [8, 8, 4, 4]),
    ("CyclicLR", {"base_lr": 1, "max_lr": 5, "step_size_up": 2}, [1, 3, 5, 3, 1, 3]),
    ("CyclicLR", {"base_lr": 1, "max_lr": 5, "step_size_up": 1, "mode": "triangular2"},
     [1, 5, 1, 3, 1, 2]),
    ("CyclicLR", {"base_lr": 0, "max_lr": 4, "step_size_up": 1, "mode": "exp_range", "gamma": 0.5},
     [0, 2, 0, 0.5]),
    ("OneCycleLR", {"max_lr": 6.0, "total_steps": 6, "pct_start": 0.5, "div_factor": 3.0,
                    "final_div_factor": 2.0, "anneal_strategy": "linear"},
     [2, 4, 6, 13 / 3, 8 / 3, 1, 1]),
    ("LambdaLR", {"lr_lambda": "0.5 ** t"}, [8, 4, 2]),
    ("LambdaLR", {"lr_lambda": "1 if epoch < 2 else max(0.25, 1 / step)"}, [8, 8, 4, 8 / 3, 2, 2]),
    ("MultiplicativeLR", {"lr_lambda": "t / (t + 1)"}, [8, 4, 8 / 3, 2]),
    ("SWALR", {"swa_lr": 2.0, "anneal_epochs": 2, "anneal_strategy": "linear"}, [8, 5, 2, 2]),
    ("SWALR", {"swa_lr": 2.0, "anneal_epochs": 0}, [2, 2]),
    ("Warmup", {"warmup": 4}, [2, 4, 6, 8, 8]),
    ("Warmup", {"warmup": 2, "start_factor": 0.5}, [6, 8, 8]),
    ("WarmupCosine", {"warmup": 2, "total": 4, "eta_min": 2.0}, [4, 8, 8, 5, 2, 2]),
    ("Noam", {"d_model": 4, "warmup": 4}, [0.5, 1, 1.5, 2, 4 / math.sqrt(5)]),
    ("InverseSquareRoot", {"warmup": 4}, [2, 4, 6, 8, 16 / math.sqrt(5)]),
    ("TableLR", {"rates": [3.0, 1.0]}, [3, 1, 1]),
    ("SequentialLR", {"schedulers": [{"type": "Warmup", "warmup": 2, "interval": "epoch"},
                                     {"type": "ExponentialLR", "gamma": 0.5}], "milestones": [2]},
     [4, 8, 8, 4, 2]),
    ("ChainedScheduler", {"schedulers": [{"type": "ConstantLR", "factor": 0.5, "total_iters": 2},
                                         {"type": "ExponentialLR", "gamma": 0.5}]}, [4, 2, 2, 1]),
    ("ReduceLROnPlateau", {"factor": 0.5, "min_lr": 3.0}, [8, 4, 3, 3]),
    ("BySetting", {"lr": {"type": "ExponentialLR", "gamma": 0.5}}, [8, 4, 2]),
    ("BySetting", {"momentum": {"type": "ExponentialLR", "gamma": 0.5}}, [8, 8]),
]  # fmt: skip
"""Settings, and the rates after 0, 1, 2, ... intervals (reductions) where the base is 8."""


@pytest.mark.parametrize(("name", "settings", "expected"), SERIES)
def test_closed_forms(name: str, settings: dict[str, Any], expected: list[float]) -> None:
    scheduler = SCHEDULERS[name].from_plain(settings)
    rates = [scheduler.rate(8.0, count) for count in range(len(expected))]
    assert rates == pytest.approx(expected, rel=1e-15, abs=1e-15)
    curve = scheduler.curve(8.0)
    assert [curve(count) for count in range(len(expected))] == rates
    # It is a function: asked in any order, it says the same.
    assert [curve(count) for count in reversed(range(len(expected)))] == rates[::-1]


def test_every_scheduler_has_a_series() -> None:
    assert {row[0] for row in SERIES} == set(SCHEDULERS)


@pytest.mark.parametrize("name", ["StepLR", "MultiStepLR", "ExponentialLR"])
def test_a_rate_that_grows_beyond_all_numbers_is_infinite(name: str) -> None:
    table: dict[str, dict[str, Any]] = {
        "StepLR": {"step_size": 1},
        "MultiStepLR": {"milestones": list(range(2000))},
        "ExponentialLR": {},
    }
    scheduler = SCHEDULERS[name].from_plain({**table[name], "gamma": 10.0})
    assert scheduler.rate(1.0, 200) == pytest.approx(
        10.0 ** (201 if name == "MultiStepLR" else 200)
    )
    assert scheduler.rate(1.0, 1000) == math.inf


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("StepLR", {}),
        ("StepLR", {"step_size": 0}),
        ("StepLR", {"step_size": 1, "gamma": 0.0}),
        ("StepLR", {"step_size": 1, "interval": "batch"}),
        ("MultiStepLR", {"milestones": [-1]}),
        ("MultiStepLR", {"milestones": 3}),
        ("ExponentialLR", {}),
        ("ConstantLR", {"factor": 1.5}),
        ("LinearLR", {"start_factor": 0.0}),
        ("LinearLR", {"total_iters": 0}),
        ("CosineAnnealingLR", {"T_max": 0}),
        ("CosineAnnealingLR", {"T_max": 1, "eta_min": -1.0}),
    ],
)
def test_wrong_settings_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(KindError):
        SCHEDULERS[name].from_plain(settings)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [("epoch", [8, 8, 8, 4, 4, 4]), ("step", [8, 4, 2, 1, 0.5, 0.25])],
)
def test_epochs_or_updates_are_counted(interval: str, expected: list[float]) -> None:
    plain = network(
        {"linear1": linear(1)},
        targets={"y": {"shape": [1]}},
        loss="MSELoss",
        optimizer={"type": "SGD", "lr": 8.0},
        scheduler={"type": "ExponentialLR", "gamma": 0.5, "interval": interval},
    )
    rates = graphnet.learning_rates(plain, epochs=2, batches_per_epoch=3)
    assert rates.dtype == np.float64
    assert rates.tolist() == expected
    changed = graphnet.learning_rates(
        plain, epochs=1, batches_per_epoch=2, overrides={"optimizer.lr": 1.0}
    )
    assert changed[0] == 1.0
