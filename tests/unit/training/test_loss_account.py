"""The loss of an epoch is exact however samples fall into batches, and whatever each of them weighs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet

COUNT = 11
RATES = [0.5, 3.0, 0.0, 1.0]


def log_softmax(x: np.ndarray) -> np.ndarray:
    return np.asarray(x - np.log(np.exp(x).sum(1, keepdims=True)))


def spec(loss: Any, **training: Any) -> dict[str, Any]:
    return {
        "dtype": "float64",
        "inputs": {"x": {"shape": [3]}},
        "targets": {
            "label": {"shape": [], "dtype": "int64"},
            "value": {"shape": [4]},
            "w": {"shape": []},
        },
        "layers": {"a": {"type": "Linear", "out_features": 4}},
        "loss": loss,
        "optimizer": {"type": "SGD", "lr": 1e-200},
        "training": {"batch_size": 4, **training},
    }


def data() -> tuple[dict[str, Any], dict[str, Any]]:
    chance = np.random.default_rng(3)
    label = chance.integers(0, 4, COUNT)
    # The second batch of four has nothing to compare with.
    label[[1, 4, 5, 6, 7]] = -100
    return (
        {"x": chance.standard_normal((COUNT, 3))},
        {
            "label": label,
            "value": chance.standard_normal((COUNT, 4)),
            "w": chance.integers(0, 4, COUNT).astype(float),
        },
    )


LOSSES: dict[str, Any] = {
    "classes": {
        "type": "CrossEntropyLoss",
        "target": "label",
        "weight": RATES,
        "ignore_index": -100,
    },
    "samples": {"type": "MSELoss", "target": "value", "sample_weight": "w"},
    "plain": {"type": "MSELoss", "target": "value"},
    "sum": {"type": "L1Loss", "target": "value", "reduction": "sum"},
    "several": {
        "kind": {
            "type": "CrossEntropyLoss",
            "target": "label",
            "weight": RATES,
            "ignore_index": -100,
            "sample_weight": "w",
            "scale": 0.7,
        },
        "value": {"type": "MSELoss", "target": "value", "scale": 2.0},
        "total": {"type": "L1Loss", "target": "value", "reduction": "sum", "scale": 0.1},
    },
}


def wanted(name: str, x: np.ndarray, targets: dict[str, np.ndarray]) -> float:
    """Return the loss of the whole set, from outputs x."""
    label, value, w = targets["label"], targets["value"], targets["w"]
    kept = label != -100
    index = np.where(kept, label, 0)
    c = np.where(kept, np.array(RATES)[index], 0.0)
    l = -log_softmax(x)[np.arange(COUNT), index]  # noqa: E741 - as in the formula
    square, size = (x - value) ** 2, np.abs(x - value).sum()
    return {
        "classes": (c * l).sum() / c.sum(),
        "samples": (w[:, None] * square).sum() / (4 * w.sum()),
        "plain": square.mean(),
        "sum": size,
        "several": 0.7 * (w * c * l).sum() / (w * c).sum() + 2 * square.mean() + 0.1 * size,
    }[name]


@pytest.mark.parametrize("batch", [1, 4, 5, COUNT])
@pytest.mark.parametrize("name", list(LOSSES))
def test_exact_in_training_and_evaluation(name: str, batch: int) -> None:
    net = graphnet.compile(spec(LOSSES[name]), batch_size=COUNT)
    inputs, targets = data()
    expected = wanted(name, net.forward(inputs)["a"], targets)
    (record,) = net.fit(inputs, targets, epochs=1, batch_size=batch, shuffle=True)
    assert record["loss"] == pytest.approx(expected, rel=1e-12)
    small = graphnet.compile(spec(LOSSES[name]), batch_size=batch)
    small.load_state_dict(net.state_dict())
    assert small.evaluate(inputs, targets)["loss"] == pytest.approx(expected, rel=1e-12)


def test_terms_that_count_alike_are_one() -> None:
    def terms(loss: Any) -> list[str]:
        judgement = graphnet.compile(spec(loss)).program.judgement
        assert judgement is not None
        return [term.value for term in judgement.terms]

    two = {"a": LOSSES["plain"], "b": {"type": "L1Loss", "target": "value"}}
    assert terms(LOSSES["classes"]) == terms(two) == [":loss"]
    assert terms(LOSSES["several"]) == [":loss.kind", ":loss.value", ":loss.total"]


def test_resuming_an_epoch_keeps_its_sums(tmp_path: Any) -> None:
    """The account goes through a checkpoint: its sums are part of the progress."""
    from graphnet.training.progress import Progress

    progress = Progress(loss_sums=[1.5, 2.0], loss_weights=[3.0, 0.0])
    assert Progress.from_plain(progress.plain()) == progress
