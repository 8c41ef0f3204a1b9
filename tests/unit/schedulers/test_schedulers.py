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
]


@pytest.mark.parametrize(("name", "settings", "expected"), SERIES)
def test_closed_forms(name: str, settings: dict[str, Any], expected: list[float]) -> None:
    scheduler = SCHEDULERS[name].from_plain(settings)
    rates = [scheduler.rate(8.0, count) for count in range(len(expected))]
    assert rates == pytest.approx(expected, rel=1e-15)


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


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("StepLR", {"step_size": 7, "gamma": 0.3}),
        ("MultiStepLR", {"milestones": [3, 10, 11, 40], "gamma": 0.7}),
        ("ExponentialLR", {"gamma": 0.93}),
        ("ConstantLR", {"factor": 0.4, "total_iters": 9}),
        ("LinearLR", {"start_factor": 0.2, "end_factor": 0.9, "total_iters": 17}),
        ("CosineAnnealingLR", {"T_max": 23, "eta_min": 1e-4}),
    ],
)
def test_torchs_series(name: str, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    base = 0.037
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    theirs = getattr(torch.optim.lr_scheduler, name)(optimizer, **settings)
    ours = SCHEDULERS[name].from_plain(settings)
    for count in range(60):
        # torch multiplies its way along the series, so its own rounding adds up: 60 steps of 2e-16.
        assert ours.rate(base, count) == pytest.approx(theirs.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        theirs.step()
