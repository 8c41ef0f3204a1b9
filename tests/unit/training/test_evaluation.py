"""Evaluation over whole sets: several outputs and losses, weights, thresholds, any batch size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.backend import Array
from graphnet.data import Samples
from graphnet.errors import UsageError
from graphnet.metrics import METRICS
from graphnet.training import Evaluator, judged_by, metrics_of

sk = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn")

TWO = {
    "graphnet": 1,
    "dtype": "float64",
    "inputs": {"x": {"shape": [4]}},
    "targets": {
        "kind": {"shape": [], "dtype": "int64", "classes": 3},
        "size": {"shape": [1]},
        "sure": {"shape": [1]},
        "other": {"shape": [1]},
    },
    "layers": {
        "kinds": {"type": "Linear", "inputs": "x", "out_features": 3},
        "sizes": {"type": "Linear", "inputs": "x", "out_features": 1},
        "answer": {"type": "Linear", "inputs": "x", "out_features": 1},
    },
    "outputs": ["kinds", "sizes", "answer"],
    "loss": {
        "a": {"type": "CrossEntropyLoss", "input": "kinds", "target": "kind"},
        "b": {"type": "MSELoss", "input": "sizes", "target": "size"},
        "c": {"type": "BCEWithLogitsLoss", "input": "answer", "target": "sure"},
    },
    "metrics": [
        "accuracy",
        "confusion",
        {"type": "recall", "average": "none"},
        {"type": "mae", "output": "sizes"},
        {"type": "mse", "output": "sizes", "target": "other"},
        {"type": "f1", "output": "answer"},
        {"type": "roc_auc", "output": "answer", "called": "auc"},
    ],
}


def given() -> tuple[dict[str, Array], dict[str, Array]]:
    rng = np.random.default_rng(0)
    inputs = {"x": rng.normal(size=(53, 4))}
    targets = {
        "kind": rng.integers(0, 3, 53),
        "size": rng.normal(size=(53, 1)),
        "sure": rng.integers(0, 2, (53, 1)).astype(float),
        "other": rng.normal(size=(53, 1)),
    }
    return inputs, targets


@pytest.mark.parametrize("batch", [7, 50, 53])
def test_several_outputs_whatever_the_batches(batch: int) -> None:
    inputs, targets = given()
    net = graphnet.compile(TWO, batch_size=batch)
    found = net.evaluate(inputs, targets)
    outputs = net.predict(inputs)
    assert isinstance(outputs, dict)
    kinds, said = outputs["kinds"].argmax(1), outputs["answer"] > 0
    kind, sure = targets["kind"], targets["sure"]
    expected: dict[str, Any] = {
        "loss": found["loss"],
        "accuracy": sk.accuracy_score(kind, kinds),
        "confusion": sk.confusion_matrix(kind, kinds, labels=range(3)).tolist(),
        "recall": sk.recall_score(kind, kinds, average=None, zero_division=0),
        "sizes.mae": sk.mean_absolute_error(targets["size"], outputs["sizes"]),
        "sizes.mse": sk.mean_squared_error(targets["other"], outputs["sizes"]),
        "answer.f1": sk.f1_score(sure[:, 0], said[:, 0]),
        "auc": sk.roc_auc_score(sure[:, 0], outputs["answer"][:, 0]),
    }
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert np.asarray(found[name]) == pytest.approx(np.asarray(value), rel=1e-12), name


def test_the_loss_does_not_depend_on_batches() -> None:
    inputs, targets = given()
    nets = [graphnet.compile(TWO, batch_size=batch) for batch in (7, 50, 53)]
    for net in nets[1:]:
        net.load_state_dict(nets[0].state_dict())
    losses = [net.evaluate(inputs, targets)["loss"] for net in nets]
    assert losses[1:] == pytest.approx([losses[0]] * 2, rel=1e-13)


def test_thresholds_move_decisions() -> None:
    inputs, targets = given()
    net = graphnet.compile(TWO, batch_size=16)
    samples = Samples(inputs, targets, 53)
    metrics = {"recall": METRICS["recall"](output="answer")}
    shares = 1 / (1 + np.exp(-net.forward({"x": inputs["x"][:16]})["answer"]))
    assert shares.max() > 0.6
    for threshold in (0.2, 0.6):
        everything = net.predict(inputs)
        assert isinstance(everything, dict)
        said = 1 / (1 + np.exp(-everything["answer"][:, 0])) > threshold
        found = Evaluator(net._executable, samples, metrics, {"answer": threshold}).run()
        expected = sk.recall_score(targets["sure"][:, 0], said, zero_division=0)
        assert found["recall"] == pytest.approx(expected, rel=1e-12)


def test_metrics_count_samples_by_their_weight_where_asked() -> None:
    spec: dict[str, Any] = {
        **TWO,
        "targets": {**TWO["targets"], "sample_weight": {"shape": []}},  # type: ignore[dict-item]
        "metrics": ["accuracy", {"type": "accuracy", "weighted": True, "called": "heavy"}],
    }
    inputs, targets = given()
    targets["sample_weight"] = np.random.default_rng(1).uniform(0.5, 2, 53)
    net = graphnet.compile(spec, batch_size=7)
    found = net.evaluate(inputs, targets)
    outputs = net.predict(inputs)
    assert isinstance(outputs, dict)
    said, kind = outputs["kinds"].argmax(1), targets["kind"]
    heavy = sk.accuracy_score(kind, said, sample_weight=targets["sample_weight"])
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(kind, said), rel=1e-12)
    assert found["heavy"] == pytest.approx(heavy, rel=1e-12)


def test_what_each_metric_looks_at() -> None:
    program = graphnet.compile(TWO).program
    judged = {name: judged_by(program, metric) for name, metric in metrics_of(program).items()}
    assert (judged["accuracy"].output, judged["accuracy"].target) == ("kinds", "kind")
    assert judged["accuracy"].decision.classes == 3
    assert judged["sizes.mae"].target == "size"
    assert judged["auc"].decision.kind == "logit"
    with pytest.raises(UsageError, match="no output 'size'") as caught:
        judged_by(program, METRICS["mse"](output="size"))
    assert caught.value.code == "GN731"


def test_several_labels_at_once() -> None:
    spec = {
        "graphnet": 1,
        "dtype": "float64",
        "inputs": {"x": {"shape": [4]}},
        "targets": {"tags": {"shape": [3]}},
        "layers": {"tag": {"type": "Linear", "out_features": 3}},
        "loss": "BCEWithLogitsLoss",
        "metrics": [
            "accuracy",
            "hamming",
            "f1",
            {"type": "f1", "average": "micro", "called": "micro"},
        ],
    }
    rng = np.random.default_rng(0)
    x, tags = rng.normal(size=(40, 4)), rng.integers(0, 2, (40, 3)).astype(float)
    net = graphnet.compile(spec, batch_size=9)
    said = np.asarray(net.predict(x)) > 0
    found = net.evaluate({"x": x}, {"tags": tags})
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(tags > 0, said))
    assert found["hamming"] == pytest.approx(sk.hamming_loss(tags > 0, said))
    assert found["f1"] == pytest.approx(sk.f1_score(tags > 0, said, average="macro"))
    assert found["micro"] == pytest.approx(sk.f1_score(tags > 0, said, average="micro"))
