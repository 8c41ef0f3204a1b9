"""Self-tests: sound networks learn a batch by heart, broken ones do not; rates are where losses fall."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from commands import TINY

from graphnet.api import find_learning_rate, overfit_batch
from graphnet.api.self_tests import _suggested, smooth
from graphnet.errors import UsageError


def test_a_sound_network_learns_by_heart() -> None:
    found = overfit_batch(TINY)
    assert found["ok"]
    assert found["samples"] == 8
    assert found["last"] <= 0.1 * found["first"]
    assert found["updates"] < 500


def test_a_network_that_loses_its_input_does_not() -> None:
    text = TINY.replace("  tanh1: Tanh\n", "  zero: {type: Linear, out_features: 1, trainable: false, "
                        "init: {weight: zeros, bias: zeros}}\n")  # fmt: skip
    found = overfit_batch(text, updates=100)
    assert not found["ok"]
    assert found["updates"] == 100


def test_without_data_the_batch_is_random() -> None:
    found = overfit_batch(TINY[: TINY.index("data:")])
    assert found["ok"]


def test_a_loss_is_needed() -> None:
    spec: dict[str, Any] = {
        "inputs": {"x": {"shape": [2]}},
        "layers": {"a": {"type": "Linear", "out_features": 1}},
    }
    for test in (overfit_batch, find_learning_rate):
        with pytest.raises(UsageError) as caught:
            test(spec)
        assert caught.value.code == "GN710"


def test_a_quadratics_rate_is_found_below_where_it_diverges() -> None:
    """Plain descent on a mean square with curvature 2 diverges above the rate 1."""
    spec = TINY.replace("loss: BCEWithLogitsLoss", "loss: MSELoss")
    spec = spec.replace("metrics: [accuracy, confusion]\n", "").replace(
        "{type: AdamW, lr: 0.05}", "{type: SGD, lr: 0.05}"
    )
    spec = spec.replace("  linear1: {type: Linear, out_features: 3}\n  tanh1: Tanh\n", "")
    found = find_learning_rate(spec, low=1e-5, high=100.0)
    assert len(found["losses"]) < 100, "it ends once the loss explodes"
    assert found["rates"][1] / found["rates"][0] == pytest.approx(1e7 ** (1 / 99))
    assert 1e-3 < found["suggestion"] < 1.0
    assert found["suggestion"] <= found["least"] < 2.0


def test_smoothing_lags_in_no_direction() -> None:
    line = [float(value) for value in range(50)]
    smoothed = smooth(line)
    assert smoothed[24] + smoothed[25] == pytest.approx(49.0)
    assert smooth([3.0] * 7) == pytest.approx([3.0] * 7)


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    rates = np.geomspace(1e-3, 1, 9).tolist()
    assert _suggested(rates, [float(v) for v in range(9)]) == {"suggestion": None, "least": None}
    assert _suggested(rates, [1.0, 0.5])["suggestion"] is None
    falling = [5, 5, 4.9, 4, 3, 2.9, 2.8, 4, 9]
    assert _suggested(rates, falling) == {"suggestion": rates[3], "least": rates[6]}
