"""Metrics agree with scikit-learn, whatever way a set falls into batches."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.errors import DataError, UsageError
from graphnet.metrics import METRICS, Decision, Result

sklearn = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn")
CUTS = (7, 50, 1000)
LOGIT, PROBABILITY = Decision("logit"), Decision("probability")


def judge(
    name: str, decision: Decision, output: Any, target: Any, cut: int, **settings_: Any
) -> Result:
    accumulator = METRICS[name](**settings_).start(decision)
    for start in range(0, len(output), cut):
        accumulator.add(output[start : start + cut], target[start : start + cut])
    return accumulator.result()


seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 120)
ORACLES = {
    "accuracy": lambda t, d, **_: sklearn.accuracy_score(t, d),
    "precision": lambda t, d, **k: sklearn.precision_score(t, d, zero_division=0, **k),
    "recall": lambda t, d, **k: sklearn.recall_score(t, d, zero_division=0, **k),
    "f1": lambda t, d, **k: sklearn.f1_score(t, d, zero_division=0, **k),
    "mse": sklearn.mean_squared_error,
    "mae": sklearn.mean_absolute_error,
    "rmse": lambda t, o: math.sqrt(sklearn.mean_squared_error(t, o)),
    "r2": sklearn.r2_score,
}
CLASS_METRICS = ("accuracy", "precision", "recall", "f1")
ERROR_METRICS = ("mse", "mae", "rmse", "r2")


def test_every_metric_is_compared() -> None:
    assert {*ORACLES, "confusion"} == set(METRICS)
    assert [name for name in METRICS if METRICS[name].needs_classes] == [
        *CLASS_METRICS,
        "confusion",
    ]


@settings(max_examples=40, deadline=None)
@given(seed=seeds, count=counts, bias=st.floats(-2, 2))
@pytest.mark.parametrize("kind", ["logit", "probability"])
@pytest.mark.parametrize("name", CLASS_METRICS)
def test_binary(name: str, kind: str, seed: int, count: int, bias: float) -> None:
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(count, 1)) + bias).astype(np.float32)
    target = (rng.random((count, 1)) < 0.4).astype(np.float32)
    output = logits if kind == "logit" else 1 / (1 + np.exp(-logits))
    expected = ORACLES[name](target[:, 0], logits[:, 0] > 0)
    for cut in CUTS:
        found = judge(name, LOGIT if kind == "logit" else PROBABILITY, output, target, cut)
        assert found == pytest.approx(expected, rel=1e-12, abs=0)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, count=counts, classes=st.integers(2, 6))
@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("name", CLASS_METRICS)
def test_several_classes(name: str, average: str, seed: int, count: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    output = rng.normal(size=(count, classes)).astype(np.float32)
    # Not every class occurs: the average is over those that do.
    target = rng.integers(0, rng.integers(1, classes + 1), count)
    expected = ORACLES[name](target, output.argmax(1), average=average)
    chosen = {} if name == "accuracy" else {"average": average}
    for cut in CUTS:
        found = judge(name, Decision("argmax", classes), output, target, cut, **chosen)
        assert found == pytest.approx(expected, rel=1e-12, abs=0)


@given(seed=seeds, count=counts)
def test_confusion_matrix(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    output, target = rng.normal(size=(count, 4)), rng.integers(0, 4, count)
    expected = sklearn.confusion_matrix(target, output.argmax(1), labels=range(4)).tolist()
    for cut in CUTS:
        assert judge("confusion", Decision("argmax", 4), output, target, cut) == expected
    binary = judge("confusion", LOGIT, output[:, :1], (target > 1)[:, None], 7)
    assert binary == sklearn.confusion_matrix(target > 1, output[:, 0] > 0, labels=[0, 1]).tolist()


@settings(max_examples=40, deadline=None)
@given(seed=seeds, count=st.integers(2, 120), width=st.integers(1, 3), offset=st.floats(-1e4, 1e4))
@pytest.mark.parametrize("name", ERROR_METRICS)
def test_regression(name: str, seed: int, count: int, width: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    target = (offset + rng.normal(size=(count, width))).astype(np.float32)
    output = (target + 0.3 * rng.normal(size=(count, width))).astype(np.float32)
    expected = ORACLES[name](target.astype(np.float64), output.astype(np.float64))
    for cut in CUTS:
        found = judge(name, Decision("none"), output, target, cut)
        assert found == pytest.approx(expected, rel=1e-9, abs=0)


def test_sequences_are_judged_position_by_position() -> None:
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(20, 5, 8)), rng.integers(0, 5, (20, 8))
    found = judge("accuracy", Decision("argmax", 5, axis=1), output, target, 7)
    assert found == float((output.argmax(1) == target).mean())
    last = judge("f1", Decision("argmax", 5, axis=-1), np.moveaxis(output, 1, -1), target, 7)
    assert last == pytest.approx(
        sklearn.f1_score(target.ravel(), output.argmax(1).ravel(), average="macro"), rel=1e-12
    )


def test_known_values() -> None:
    output = np.array([[2.0], [-1.0], [0.5], [-3.0], [0.0]])
    target = np.array([[1.0], [1.0], [0.0], [0.0], [1.0]])
    found = {name: judge(name, LOGIT, output, target, 2) for name in (*CLASS_METRICS, "confusion")}
    assert found == {
        "accuracy": 0.4,
        "precision": 0.5,
        "recall": pytest.approx(1 / 3),
        "f1": pytest.approx(0.4),
        "confusion": [[1, 1], [2, 1]],
    }


def test_nothing_decided_for_is_zero() -> None:
    output, target = np.full((3, 1), -1.0), np.ones((3, 1))
    assert [judge(name, LOGIT, output, target, 2) for name in CLASS_METRICS] == [0.0] * 4


def test_an_empty_batch_changes_nothing() -> None:
    output, target = np.array([[1.0], [2.0]]), np.array([[1.0], [4.0]])
    for name, decision in (("mse", Decision("none")), ("accuracy", LOGIT)):
        accumulator = METRICS[name]().start(decision)
        accumulator.add(output, target)
        before = accumulator.result()
        accumulator.add(output[:0], target[:0])
        assert accumulator.result() == before == {"mse": 2.0, "accuracy": 1.0}[name]


def test_r2_of_equal_targets() -> None:
    target = np.full((4, 1), 2.5)
    none = Decision("none")
    assert judge("r2", none, target, target, 3) == 1.0
    assert judge("r2", none, target + 1, target, 3) == 0.0
    assert judge("r2", none, target[:1], target[:1], 3) == 1.0


def test_target_without_its_last_dimension_is_no_broadcast() -> None:
    output, target = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])
    assert judge("mse", Decision("none"), output, target, 2) == pytest.approx(1 / 3)
    assert judge("accuracy", LOGIT, output, target, 2) == 1.0


@pytest.mark.parametrize("name", METRICS)
def test_no_samples_no_value(name: str) -> None:
    decision = Decision("argmax", 3)
    accumulator = METRICS[name]().start(decision)
    with pytest.raises(UsageError, match="no samples") as caught:
        accumulator.result()
    assert caught.value.code == "GN732"


@pytest.mark.parametrize("name", [*CLASS_METRICS, "confusion"])
def test_class_metrics_need_classes(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} needs class decisions") as caught:
        METRICS[name]().start(Decision("none"))
    assert caught.value.code == "GN731"


@pytest.mark.parametrize("label", [-1, 3])
def test_classes_out_of_range(label: int) -> None:
    accumulator = METRICS["accuracy"]().start(Decision("argmax", 3))
    with pytest.raises(DataError, match="not all in 0 to 2") as caught:
        accumulator.add(np.zeros((2, 3)), np.array([0, label]))
    assert caught.value.code == "GN323"


def test_listing_metrics_does_not_load_numpy() -> None:
    code = "import sys, graphnet.metrics; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
