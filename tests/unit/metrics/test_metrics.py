"""Metrics agree with scikit-learn, whatever way a set falls into batches."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.errors import DataError, UsageError
from graphnet.metrics import METRICS, Decision, Result

sk = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn")
CUTS = (7, 50, 1000)
LOGIT, PROBABILITY, NONE = Decision("logit"), Decision("probability"), Decision("none")
REQUIRED = {"fbeta": {"beta": 2.0}}
AVERAGED = ("precision", "recall", "f1", "fbeta", "jaccard", "specificity")
AVERAGES = ("micro", "macro", "weighted", "none")


def judge(
    name: str,
    decision: Decision,
    output: Any,
    target: Any,
    cut: int = 1000,
    weight: Any = None,
    **settings_: Any,
) -> Result:
    accumulator = METRICS[name](**(REQUIRED.get(name, {}) | settings_)).start(decision)
    for start in range(0, len(output), cut):
        part = slice(start, start + cut)
        accumulator.add(output[part], target[part], None if weight is None else weight[part])
    return accumulator.result()


def softmax(scores: Any) -> Any:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(scores: Any) -> Any:
    return 1 / (1 + np.exp(-scores))


def specificity(
    t: Any, d: Any, average: str = "binary", sample_weight: Any = None, **k: Any
) -> Any:
    """Right refusals among the samples of other classes, from scikit-learn's own counts."""
    labels = k.get("labels")
    tables = sk.multilabel_confusion_matrix(t, d, labels=labels, sample_weight=sample_weight)
    no, false_yes = tables[:, 0, 0], tables[:, 0, 1]
    each = np.divide(no, no + false_yes, out=np.zeros(len(no)), where=no + false_yes > 0)
    if average == "binary":
        return each[1]
    if average == "micro":
        return no.sum() / max((no + false_yes).sum(), 1e-300)
    if average in (None, "none"):
        return each
    actual = tables[:, 1].sum(axis=1)
    if average == "weighted":
        return each @ actual / max(actual.sum(), 1e-300)
    return each.mean()


def of_decisions(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function of scikit-learn whose averages have zero_division."""
    return lambda t, d, average="binary", **k: function(
        t, d, average=None if average == "none" else average, zero_division=0, **k
    )


def hamming(t: Any, d: Any, **k: Any) -> Any:
    return sk.hamming_loss(t, d, **k)


def rmse(t: Any, o: Any, **k: Any) -> float:
    return math.sqrt(sk.mean_squared_error(t, o, **k))


DECIDED: dict[str, Callable[..., Any]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "hamming": hamming,
    "mcc": sk.matthews_corrcoef,
    "cohen_kappa": sk.cohen_kappa_score,
    "precision": of_decisions(sk.precision_score),
    "recall": of_decisions(sk.recall_score),
    "f1": of_decisions(sk.f1_score),
    "fbeta": of_decisions(lambda t, d, **k: sk.fbeta_score(t, d, beta=2.0, **k)),
    "jaccard": of_decisions(sk.jaccard_score),
    "specificity": specificity,
}
"""What scikit-learn says of targets and decisions."""
ERRORS: dict[str, Callable[..., Any]] = {
    "mse": sk.mean_squared_error,
    "mae": sk.mean_absolute_error,
    "rmse": rmse,
    "r2": sk.r2_score,
    "explained_variance": sk.explained_variance_score,
    "mape": sk.mean_absolute_percentage_error,
    "median_ae": sk.median_absolute_error,
    "max_error": sk.max_error,
}
SCORES = ("roc_auc", "pr_auc", "log_loss", "perplexity", "brier", "top_k", "ece")

seeds = st.integers(0, 2**32 - 1)
counts = st.integers(1, 120)


def test_every_metric_is_compared() -> None:
    assert {*DECIDED, *ERRORS, *SCORES, "confusion"} == set(METRICS)
    assert {name for name in METRICS if not METRICS[name].needs_classes} == set(ERRORS)


def near(found: Result, expected: Any, rel: float = 1e-9) -> None:
    assert np.asarray(found) == pytest.approx(np.asarray(expected), rel=rel, abs=1e-12)


def quietly(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call scikit-learn, which warns where a value is not defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, count=counts, bias=st.floats(-2, 2))
@pytest.mark.parametrize("name", DECIDED)
def test_binary(name: str, seed: int, count: int, bias: float) -> None:
    rng = np.random.default_rng(seed)
    logits = (rng.normal(size=(count, 1)) + bias).astype(np.float32)
    target = (rng.random((count, 1)) < 0.4).astype(np.float32)
    weight = rng.integers(0, 3, count).astype(np.float32) + rng.integers(0, 2)
    weight[0] = 1.0
    said, labels = logits[:, 0] > 0, {"labels": [False, True]} if name == "specificity" else {}
    for given_ in (None, weight):
        expected = quietly(DECIDED[name], target[:, 0] > 0.5, said, sample_weight=given_, **labels)
        for cut in CUTS:
            near(judge(name, LOGIT, logits, target, cut, given_), _defined(expected))
            near(judge(name, PROBABILITY, sigmoid(logits), target, cut, given_), _defined(expected))


def _defined(value: Any) -> Any:
    """Return 0 where scikit-learn gives no value: a ratio with nothing below the line."""
    return 0.0 if np.isscalar(value) and np.isnan(value) else value


@settings(max_examples=12, deadline=None)
@given(seed=seeds, count=counts, classes=st.integers(2, 6))
@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("name", AVERAGED)
def test_several_classes(name: str, average: str, seed: int, count: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    output = rng.normal(size=(count, classes)).astype(np.float32)
    # Not every class occurs: averages are over those that do.
    target = rng.integers(0, rng.integers(1, classes + 1), count)
    labels = {"labels": list(range(classes))} if average == "none" else {}
    expected = quietly(DECIDED[name], target, output.argmax(1), average=average, **labels)
    for cut in CUTS:
        near(
            judge(name, Decision("argmax", classes), output, target, cut, average=average), expected
        )


@settings(max_examples=12, deadline=None)
@given(seed=seeds, count=counts, classes=st.integers(2, 6))
@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("accuracy", {}),
        ("balanced_accuracy", {}),
        ("balanced_accuracy", {"adjusted": True}),
        ("hamming", {}),
        ("mcc", {}),
        ("cohen_kappa", {}),
        ("cohen_kappa", {"weights": "linear"}),
        ("cohen_kappa", {"weights": "quadratic"}),
    ],
)
def test_several_classes_as_a_whole(
    name: str, chosen: dict[str, Any], seed: int, count: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    output, target = rng.normal(size=(count, classes)), rng.integers(0, classes, count)
    if chosen.get("adjusted"):  # scikit-learn divides by zero where only one class occurs
        output, target = (
            np.vstack([output, output[:1]]),
            np.append(target, (target[0] + 1) % classes),
        )
    labels = {"labels": list(range(classes))} if name == "cohen_kappa" else {}
    expected = _defined(quietly(DECIDED[name], target, output.argmax(1), **chosen, **labels))
    for cut in CUTS:
        near(judge(name, Decision("argmax", classes), output, target, cut, **chosen), expected)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, count=counts, labels=st.integers(2, 4))
@pytest.mark.parametrize(
    ("name", "average"),
    [
        *((name, average) for name in AVERAGED for average in AVERAGES),
        ("accuracy", ""),
        ("hamming", ""),
    ],
)
def test_several_labels(name: str, average: str, seed: int, count: int, labels: int) -> None:
    rng = np.random.default_rng(seed)
    output = rng.normal(size=(count, labels))
    target = (rng.random((count, labels)) < 0.4).astype(np.float32)
    chosen = {"average": average} if average else {}
    expected = quietly(DECIDED[name], target > 0.5, output > 0, **chosen)
    for cut in CUTS:
        near(judge(name, Decision("logit", labels), output, target, cut, **chosen), expected)


@pytest.mark.parametrize("average", AVERAGES)
def test_averages_of_yes_and_no(average: str) -> None:
    rng = np.random.default_rng(3)
    output, target = rng.normal(size=(60, 1)), rng.integers(0, 2, (60, 1)).astype(np.float32)
    for name in AVERAGED:
        expected = DECIDED[name](target[:, 0] > 0.5, output[:, 0] > 0, average=average)
        near(judge(name, LOGIT, output, target, 7, average=average), expected)
        automatic = judge(name, LOGIT, output, target, 7)
        assert automatic == judge(name, LOGIT, output, target, 7, average="binary")


@settings(deadline=None)
@given(seed=seeds, count=counts)
def test_confusion_matrix(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    output, target = rng.normal(size=(count, 4)), rng.integers(0, 4, count)
    expected = sk.confusion_matrix(target, output.argmax(1), labels=range(4)).tolist()
    for cut in CUTS:
        assert judge("confusion", Decision("argmax", 4), output, target, cut) == expected
    binary = judge("confusion", LOGIT, output[:, :1], (target > 1)[:, None], 7)
    assert binary == sk.confusion_matrix(target > 1, output[:, 0] > 0, labels=[0, 1]).tolist()


@settings(max_examples=20, deadline=None)
@given(seed=seeds, count=st.integers(3, 120), width=st.integers(1, 3), offset=st.floats(-1e4, 1e4))
@pytest.mark.parametrize("name", ERRORS)
def test_regression(name: str, seed: int, count: int, width: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    target = (offset + rng.normal(size=(count, width))).astype(np.float32)
    output = (target + 0.3 * rng.normal(size=(count, width))).astype(np.float32)
    weight = rng.uniform(0.5, 2.0, count)
    for given_ in (None, weight):
        options = {} if given_ is None or name == "max_error" else {"sample_weight": given_}
        exact = target.astype(np.float64), output.astype(np.float64)
        if name == "max_error":
            expected = max(ERRORS[name](exact[0][:, k], exact[1][:, k]) for k in range(width))
        else:
            expected = ERRORS[name](*exact, **options)
        for cut in CUTS:
            near(judge(name, NONE, output, target, cut, given_), expected)


def test_weighted_median_where_exactly_half_lies_below() -> None:
    target, output = np.zeros((4, 1)), np.array([[1.0], [2.0], [3.0], [4.0]])
    for weight in ([1.0, 2.0, 2.0, 1.0], [3.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0], [0.1] * 4):
        expected = sk.median_absolute_error(target, output, sample_weight=weight)
        near(judge("median_ae", NONE, output, target, 3, np.array(weight)), expected)


def test_errors_near_a_target_of_zero() -> None:
    target, output = np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]])
    near(judge("mape", NONE, output, target), sk.mean_absolute_percentage_error(target, output))


@settings(max_examples=15, deadline=None)
@given(seed=seeds, count=st.integers(20, 120), ties=st.booleans())
@pytest.mark.parametrize("name", ["roc_auc", "pr_auc", "log_loss", "brier"])
def test_scores_of_yes_and_no(name: str, seed: int, count: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 1))
    logits = np.round(logits, 1) if ties else logits
    target = (rng.random((count, 1)) < 0.5).astype(np.float32)
    target[:2, 0] = 0, 1
    weight = rng.uniform(0.1, 2.0, count)
    function = {
        "roc_auc": sk.roc_auc_score,
        "pr_auc": sk.average_precision_score,
        "log_loss": sk.log_loss,
        "brier": sk.brier_score_loss,
    }[name]
    for given_ in (None, weight):
        expected = function(target[:, 0], sigmoid(logits[:, 0]), sample_weight=given_)
        for cut in CUTS:
            near(judge(name, LOGIT, logits, target, cut, given_), expected)
            near(judge(name, PROBABILITY, sigmoid(logits), target, cut, given_), expected)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, count=st.integers(30, 120), classes=st.integers(3, 5))
def test_scores_of_several_classes(seed: int, count: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    scores, target = rng.normal(size=(count, classes)), rng.integers(0, classes, count)
    target[:classes] = range(classes)
    shares, decision = softmax(scores), Decision("argmax", classes)
    one_hot = np.eye(classes)[target]
    every = {"labels": range(classes)}

    def agree(name: str, expected: Any, **chosen: Any) -> None:
        for cut in CUTS:
            near(judge(name, decision, scores, target, cut, **chosen), expected)

    loss = sk.log_loss(target, shares, **every)
    agree("log_loss", loss)
    agree("perplexity", math.exp(loss))
    agree("brier", np.square(shares - one_hot).sum(axis=1).mean())
    for k in range(1, classes):
        agree("top_k", sk.top_k_accuracy_score(target, scores, k=k, **every), k=k)
    for average in AVERAGES:
        given_ = None if average == "none" else average
        auc = sk.roc_auc_score(target, shares, multi_class="ovr", average=given_)
        agree("roc_auc", auc, average=average)
        agree(
            "pr_auc", sk.average_precision_score(one_hot, shares, average=given_), average=average
        )
    for average in ("macro", "weighted"):
        pairs = sk.roc_auc_score(target, shares, multi_class="ovo", average=average)
        agree("roc_auc", pairs, multi_class="ovo", average=average)


def test_scores_of_several_labels() -> None:
    rng = np.random.default_rng(0)
    scores, target = rng.normal(size=(80, 3)), rng.integers(0, 2, (80, 3)).astype(np.float32)
    weight = rng.uniform(0.1, 2, 80)
    for average in AVERAGES:
        given_ = None if average == "none" else average
        for name, function in (
            ("roc_auc", sk.roc_auc_score),
            ("pr_auc", sk.average_precision_score),
        ):
            expected = function(target, scores, average=given_, sample_weight=weight)
            near(
                judge(name, Decision("logit", 3), scores, target, 7, weight, average=average),
                expected,
            )


def test_equal_scores_among_the_first_k() -> None:
    rng = np.random.default_rng(1)
    scores, target = rng.integers(0, 3, (200, 5)).astype(float), rng.integers(0, 5, 200)
    for k in (1, 2, 3, 4):
        expected = sk.top_k_accuracy_score(target, scores, k=k, labels=range(5))
        near(judge("top_k", Decision("argmax", 5), scores, target, 7, k=k), expected)


def test_calibration_error_by_its_formula() -> None:
    rng = np.random.default_rng(0)
    shares = softmax(rng.normal(size=(300, 3)) * 2)
    target = rng.integers(0, 3, 300)
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == target
    expected = 0.0
    for low in range(10):
        inside = (sure > low / 10) & (sure <= (low + 1) / 10)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    for cut in CUTS:
        near(judge("ece", Decision("argmax", 3), np.log(shares), target, cut, bins=10), expected)
    sure_yes = judge(
        "ece", PROBABILITY, np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]]), bins=10
    )
    assert sure_yes == 0.0


def test_a_set_of_one_class_has_no_order() -> None:
    assert np.isnan(judge("roc_auc", LOGIT, np.ones((3, 1)), np.ones((3, 1))))
    assert judge("pr_auc", LOGIT, np.ones((3, 1)), np.zeros((3, 1))) == 0.0


def test_sequences_are_judged_position_by_position() -> None:
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(20, 5, 8)), rng.integers(0, 5, (20, 8))
    found = judge("accuracy", Decision("argmax", 5, axis=1), output, target, 7)
    assert found == float((output.argmax(1) == target).mean())
    moved = np.moveaxis(output, 1, -1)
    last = judge("f1", Decision("argmax", 5, axis=-1), moved, target, 7)
    near(last, sk.f1_score(target.ravel(), output.argmax(1).ravel(), average="macro"))
    weight = rng.uniform(0.5, 2, 20)
    heavy = judge("accuracy", Decision("argmax", 5, axis=-1), moved, target, 7, weight)
    each = np.repeat(weight, 8)
    near(heavy, sk.accuracy_score(target.ravel(), output.argmax(1).ravel(), sample_weight=each))
    loss = judge("log_loss", Decision("argmax", 5, axis=-1), moved, target, 7)
    near(loss, sk.log_loss(target.ravel(), softmax(moved.reshape(-1, 5)), labels=range(5)))


def test_positions_that_do_not_count() -> None:
    rng = np.random.default_rng(0)
    output, target = rng.normal(size=(20, 8, 5)), rng.integers(0, 5, (20, 8))
    target[rng.random((20, 8)) < 0.3] = -100
    decision = Decision("argmax", 5, axis=-1, ignore=-100)
    counts_ = target != -100
    for name in ("accuracy", "mcc", "cohen_kappa"):
        expected = DECIDED[name](target[counts_], output.argmax(-1)[counts_])
        near(judge(name, decision, output, target, 7), expected)


def test_shares_of_classes_as_targets() -> None:
    rng = np.random.default_rng(0)
    output, shares = rng.normal(size=(20, 5)), softmax(rng.normal(size=(20, 5)))
    found = judge("accuracy", Decision("argmax", 5), output, shares, 7)
    assert found == float((output.argmax(1) == shares.argmax(1)).mean())


def test_known_values() -> None:
    output = np.array([[2.0], [-1.0], [0.5], [-3.0], [0.0]])
    target = np.array([[1.0], [1.0], [0.0], [0.0], [1.0]])
    names = ("accuracy", "precision", "recall", "f1", "confusion")
    found = {name: judge(name, LOGIT, output, target, 2) for name in names}
    assert found == {
        "accuracy": 0.4,
        "precision": 0.5,
        "recall": pytest.approx(1 / 3),
        "f1": pytest.approx(0.4),
        "confusion": [[1, 1], [2, 1]],
    }


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_another_threshold(threshold: float) -> None:
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(60, 1)), rng.integers(0, 2, (60, 1)).astype(np.float32)
    said = sigmoid(logits[:, 0]) > threshold
    expected = sk.recall_score(target[:, 0], said, zero_division=0)
    for decision, output in ((LOGIT, logits), (PROBABILITY, sigmoid(logits))):
        near(judge("recall", replace(decision, threshold=threshold), output, target, 7), expected)


def test_nothing_decided_for_is_zero() -> None:
    output, target = np.full((3, 1), -1.0), np.ones((3, 1))
    names = ("accuracy", "precision", "recall", "f1")
    assert [judge(name, LOGIT, output, target, 2) for name in names] == [0.0] * 4


@pytest.mark.parametrize("name", METRICS)
def test_an_empty_batch_changes_nothing(name: str) -> None:
    rng = np.random.default_rng(0)
    decision = NONE if name in ERRORS else Decision("argmax", 3)
    output = rng.normal(size=(12, 1 if name in ERRORS else 3))
    target = rng.normal(size=(12, 1)) if name in ERRORS else np.arange(12) % 3
    accumulator = METRICS[name](**REQUIRED.get(name, {})).start(decision)
    accumulator.add(output, target)
    before = accumulator.result()
    accumulator.add(output[:0], target[:0])
    assert accumulator.result() == before


def test_r2_of_equal_targets() -> None:
    target = np.full((4, 1), 2.5)
    for name in ("r2", "explained_variance"):
        assert judge(name, NONE, target, target, 3) == 1.0
        assert judge(name, NONE, target[:1], target[:1], 3) == 1.0
    assert judge("r2", NONE, target + 1, target, 3) == 0.0
    assert judge("explained_variance", NONE, target + 1, target, 3) == 1.0


def test_target_without_its_last_dimension_is_no_broadcast() -> None:
    output, target = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 3.0])
    assert judge("mse", NONE, output, target, 2) == pytest.approx(1 / 3)
    assert judge("accuracy", LOGIT, output, target, 2) == 1.0


@pytest.mark.parametrize("name", METRICS)
def test_no_samples_no_value(name: str) -> None:
    accumulator = METRICS[name](**REQUIRED.get(name, {})).start(Decision("argmax", 3))
    with pytest.raises(UsageError, match="no samples") as caught:
        accumulator.result()
    assert caught.value.code == "GN732"


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].needs_classes])
def test_class_metrics_need_classes(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} needs class decisions") as caught:
        METRICS[name](**REQUIRED.get(name, {})).start(NONE)
    assert caught.value.code == "GN731"


@pytest.mark.parametrize(
    ("name", "decision", "chosen"),
    [
        ("top_k", LOGIT, {}),
        ("precision", Decision("argmax", 3), {"average": "binary"}),
        ("f1", Decision("logit", 3), {"average": "binary"}),
        ("mcc", Decision("logit", 3), {}),
        ("balanced_accuracy", Decision("probability", 2), {}),
    ],
)
def test_metrics_that_do_not_fit(name: str, decision: Decision, chosen: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        METRICS[name](**chosen).start(decision)
    assert caught.value.code == "GN731"


@pytest.mark.parametrize("label", [-1, 3])
def test_classes_out_of_range(label: int) -> None:
    accumulator = METRICS["accuracy"]().start(Decision("argmax", 3))
    with pytest.raises(DataError, match="not all in 0 to 2") as caught:
        accumulator.add(np.zeros((2, 3)), np.array([0, label]))
    assert caught.value.code == "GN323"


def test_names_in_results() -> None:
    kinds = METRICS["accuracy"](output="kinds")
    assert (METRICS["f1"]().key, kinds.key) == ("f1", "kinds.accuracy")
    assert METRICS["top_k"](k=3, called="top3").key == "top3"
    several = {name for name in METRICS if not METRICS[name](**REQUIRED.get(name, {})).single}
    assert several == {"confusion"}
    assert not METRICS["recall"](average="none").single
    assert not METRICS["roc_auc"](average="none").single


def test_listing_metrics_does_not_load_numpy() -> None:
    code = "import sys, graphnet.metrics; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
