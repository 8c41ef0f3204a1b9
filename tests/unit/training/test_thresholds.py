"""Thresholds: swept on the validation set, stored with the run, used by whatever judges it later."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphnet
from graphnet.backend import NumpyExecutable
from graphnet.data import load_samples
from graphnet.errors import ArtifactError, GraphNetError, UsageError
from graphnet.training import (
    Evaluator,
    Predictions,
    declarations,
    load_checkpoint,
    load_parts,
    metrics_of,
    open_saved,
    save_checkpoint,
)
from graphnet.training.thresholds import RATES, best_threshold, choose_thresholds

sk = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn")
ORACLES = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "f1": lambda t, s: sk.f1_score(t, s, zero_division=0),
    "jaccard": lambda t, s: sk.jaccard_score(t, s, zero_division=0),
    "mcc": sk.matthews_corrcoef,
}


def test_every_choice_is_compared() -> None:
    from graphnet.recipe import Threshold

    assert set(ORACLES) == set(RATES) == set(Threshold.settings()["choose"].kind.options)  # type: ignore[attr-defined]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(4, 20), digits=st.integers(1, 6))
@pytest.mark.parametrize("metric", RATES)
def test_no_other_threshold_is_better(metric: str, seed: int, count: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    shares = np.round(rng.uniform(0.06, 0.94, count), digits)  # several are alike
    wanted = rng.random(count) < 0.4
    wanted[:2] = True, False
    best = best_threshold(metric, shares, wanted)
    assert 0 <= best <= 1
    values = {
        cut: ORACLES[metric](wanted, shares > cut)
        for cut in [*np.linspace(0, 1, 21), *shares, best]
    }
    assert values[best] == pytest.approx(max(values.values()), abs=1e-12)


SPEC = """\
graphnet: 1
inputs: {x: {shape: [2]}}
targets: {label: {shape: [1]}}
layers: {a: {type: Linear, out_features: 1}}
loss: BCEWithLogitsLoss
metrics: [f1, accuracy]
data:
  train: {path: a.csv, inputs: {x: [x, y]}}
  validation: {fraction: 0.3}
training: {epochs: 3, batch_size: 20, threshold: %s%s}
"""


def train(folder: Path, threshold: str, more: str = "") -> dict[str, Any]:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(200, 2))
    rare = (points.sum(axis=1) + rng.normal(size=200) > 1.8).astype(int)
    lines = [f"{x:.4f},{y:.4f},{label}" for (x, y), label in zip(points, rare, strict=True)]
    (folder / "a.csv").write_text("\n".join(["x,y,label", *lines]))
    (folder / "rare.yaml").write_text(SPEC % (threshold, more))
    graphnet.train(folder / "rare.yaml", run_dir=folder / "run", plots=False)
    found: dict[str, Any] = json.loads((folder / "run" / "summary.json").read_text())
    return found


@pytest.mark.parametrize("more", ["", ", early_stopping: {patience: 2}"])
def test_it_is_chosen_stored_and_used(tmp_path: Path, more: str) -> None:
    summary = train(tmp_path, "{choose: f1}", more)
    saved = open_saved(tmp_path / "run")
    assert saved.thresholds == summary["thresholds"]
    threshold = saved.thresholds["a"]
    assert abs(threshold - 0.5) > 0.02
    parts = load_parts(saved.program, saved.folder, saved.prepared)
    assert parts.validation is not None
    metrics = metrics_of(saved.program)
    found = Evaluator(saved.executable, parts.validation, metrics, saved.thresholds).run()
    assert found["f1"] == summary["metrics"]["validation"]["f1"]
    plain = Evaluator(saved.executable, parts.validation, metrics, {}).run()
    assert found["f1"] > plain["f1"]


def test_a_given_threshold_is_used_from_the_start(tmp_path: Path) -> None:
    summary = train(tmp_path, "0.2")
    saved = open_saved(tmp_path / "run")
    assert saved.thresholds == summary["thresholds"] == {"a": 0.2}
    last = json.loads((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["validation"]["f1"] == summary["metrics"]["validation"]["f1"]


@pytest.mark.parametrize("wrong", [3, {"a": "x"}, {"a": 1.5}, [0.5]])
def test_thresholds_that_are_none_are_refused(tmp_path: Path, wrong: Any) -> None:
    train(tmp_path, "0.2")
    newest = max((tmp_path / "run" / "checkpoints").glob("step-*.safetensors"))
    old = load_checkpoint(newest)
    save_checkpoint(newest, replace(old, state={**old.state, "thresholds": wrong}))
    with pytest.raises(ArtifactError, match="no numbers from 0 to 1") as caught:
        open_saved(tmp_path / "run")
    assert caught.value.code == "GN460"


def test_predictions_use_it(tmp_path: Path) -> None:
    train(tmp_path, "0.65")
    saved = open_saved(tmp_path / "run")
    source = saved.source(str(tmp_path / "a.csv"), targets=False)
    samples = load_samples(source, Path(), declarations(saved.program.inputs), [])
    found = Predictions(saved, samples).whole()
    assert np.array_equal(found["class"], found["probability"] > 0.65)
    assert 0 < found["class"].sum() < 200


def test_scores_of_classes_have_no_threshold(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text(
        "graphnet: 1\ninputs: {x: {shape: [2]}}\n"
        "targets: {label: {shape: [], dtype: int64, classes: 3}}\n"
        "layers: {a: {type: Linear, out_features: 3}}\nloss: CrossEntropyLoss\n"
        "data: {train: {generator: blobs, inputs: {x: [x, y]}}}\ntraining: {epochs: 1%s}\n"
    )
    text = (tmp_path / "k.yaml").read_text()
    with pytest.raises(GraphNetError, match="one answer of yes or no") as caught:
        graphnet.compile(text % ", threshold: 0.4")
    assert caught.value.code == "GN125"
    # A program that was made otherwise is refused when the threshold is wanted.
    net = graphnet.compile(text % "")
    training = {**net.program.spec["training"], "threshold": 0.4}
    made = replace(net.program, spec={**net.program.spec, "training": training})
    parts = load_parts(net.program, tmp_path)
    with pytest.raises(UsageError, match="one answer of yes or no") as late:
        choose_thresholds(NumpyExecutable(made), parts.train)
    assert late.value.code == "GN731"
