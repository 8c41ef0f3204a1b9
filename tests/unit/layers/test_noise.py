"""Noise while training: what is drawn once for many elements, how often, and how much."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from emitting import layer
from examples import Array, compiled, network, started

BATCH = 400


def disturbed(kind: str, shape: tuple[int, ...], x: Array | float, **settings: Any) -> Array:
    """Return what a layer makes of a batch while training."""
    plain = network(
        {"it": {"type": kind, **settings}},
        inputs={"x": {"shape": list(shape)}},
        targets={"y": {"shape": list(shape)}},
        outputs=["it"],
        loss="MSELoss",
        dtype="float64",
        seed=3,
    )
    executable = started(compiled({**plain, "training": {"batch_size": BATCH}}))
    routine = executable.routine("train", BATCH)
    routine.inputs["x"][...] = x
    routine.forward()
    out: Array = routine.outputs["it"]
    return np.array(out)


def standard(*shape: int) -> Array:
    return np.random.default_rng(7).standard_normal((BATCH, *shape))


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("Dropout1d", (20, 3)), ("Dropout2d", (20, 2, 3)), ("Dropout3d", (20, 2, 1, 2))],
)
def test_channels_are_dropped_whole(kind: str, shape: tuple[int, ...]) -> None:
    made = disturbed(kind, shape, 1.0, p=0.2)
    channels = made.reshape(BATCH, 20, -1)
    assert np.array_equal(channels, np.broadcast_to(channels[:, :, :1], channels.shape))
    assert np.unique(made).tolist() == [0.0, 1.0 / 0.8]
    # 8000 draws: the share of zeros has a standard deviation of 0.0045.
    assert abs(float((channels[:, :, 0] == 0).mean()) - 0.2) < 0.02


@pytest.mark.parametrize("kind", ["AlphaDropout", "FeatureAlphaDropout"])
def test_alpha_dropout_keeps_mean_and_variance(kind: str) -> None:
    p, low = 0.3, -1.6732632423543772 * 1.0507009873554805
    x = standard(50)
    made = disturbed(kind, (50,), x, p=p)
    a = 1 / math.sqrt((1 - p) * (1 + p * low**2))
    b = -a * p * low
    dropped = np.abs(made - (a * low + b)) < 1e-12
    np.testing.assert_allclose(made[~dropped], (a * x + b)[~dropped], rtol=1e-12, atol=1e-12)
    # 20,000 draws: standard deviations of 0.0032, 0.007 and 0.01.
    assert abs(dropped.mean() - p) < 0.02
    assert abs(made.mean()) < 0.04
    assert abs(made.var() - 1) < 0.05


def test_alpha_dropout_of_features_draws_once_for_each_channel() -> None:
    made = disturbed("FeatureAlphaDropout", (3, 4), 1.0, p=0.5)
    assert np.array_equal(made, np.broadcast_to(made[:, :, :1], made.shape))
    assert len(np.unique(made)) == 2


def test_gaussian_noise_has_the_standard_deviation_asked_for() -> None:
    x = standard(50)
    added = disturbed("GaussianNoise", (50,), x, std=0.3) - x
    # 20,000 draws.
    assert abs(added.mean()) < 0.01
    assert abs(added.std() - 0.3) < 0.01
    assert abs((added**4).mean() / 0.3**4 - 3) < 0.3
    assert abs(np.corrcoef(added.reshape(2, -1))[0, 1]) < 0.05


def test_gaussian_dropout_multiplies_by_numbers_around_1() -> None:
    factor = disturbed("GaussianDropout", (50,), 2.0, p=0.2) / 2
    assert abs(factor.mean() - 1) < 0.02
    assert abs(factor.std() - 0.5) < 0.02


def test_stochastic_depth_drops_samples_or_the_batch() -> None:
    rows = disturbed("StochasticDepth", (2, 3), 1.0, p=0.5)
    assert np.array_equal(rows, np.broadcast_to(rows[:, :1, :1], rows.shape))
    assert abs((rows[:, 0, 0] == 0).mean() - 0.5) < 0.1
    batch = disturbed("StochasticDepth", (2, 3), 1.0, p=0.5, mode="batch")
    assert np.unique(batch).tolist() in ([0.0], [2.0])


def test_slopes_of_rrelu_are_uniform_between_their_bounds() -> None:
    made = disturbed("RReLU", (50,), -1.0, lower=0.2, upper=0.6)
    assert -0.6 <= made.min() < -0.599
    assert -0.201 < made.max() <= -0.2
    assert abs(made.mean() + 0.4) < 0.005
    assert (disturbed("RReLU", (2,), 3.0) == 3.0).all()


def test_hard_gumbel_softmax_draws_classes_by_their_probability() -> None:
    scores = np.log(np.array([0.5, 0.3, 0.2]))
    made = disturbed("GumbelSoftmax", (20, 3), scores, hard=True)
    assert np.array_equal(np.sort(made, -1), np.broadcast_to([0.0, 0.0, 1.0], made.shape))
    # 8000 draws.
    np.testing.assert_allclose(made.mean((0, 1)), [0.5, 0.3, 0.2], atol=0.03)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Dropout1d", {"p": 0.0}),
        ("AlphaDropout", {"p": 0.0}),
        ("GaussianNoise", {"std": 0.0}),
        ("GaussianDropout", {"p": 0.0}),
        ("StochasticDepth", {"p": 0.0}),
    ],
)
def test_no_noise_is_no_op(kind: str, settings: dict[str, float]) -> None:
    assert layer(kind, (3, 4), **settings).ops == []
    assert layer(kind, (3, 4), **{**settings, next(iter(settings)): 0.5}, training=False).ops == []
