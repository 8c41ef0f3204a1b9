"""Runs whose samples are drawn, weighed, changed and prefetched resume to the last bit."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphnet
from graphnet.backend import Array
from graphnet.training import load_checkpoint

SPEC = """\
graphnet: 1
inputs: {image: {shape: [1, 8, 8]}}
targets: {label: {shape: [], dtype: int64, classes: 2}, sample_weight: {shape: []}}
layers:
  f: Flatten
  a: {type: Linear, out_features: 6}
  t: Tanh
  b: {type: Linear, out_features: 2}
loss: {type: CrossEntropyLoss, target: label, sample_weight: sample_weight}
metrics: [accuracy, {type: accuracy, weighted: true, called: heavy}]
data:
  train: {generator: bars, samples: 90, noise: 0.3}
  test: {fraction: 0.2, stratify: label}
  validation: {folds: 4, fold: 1, stratify: label}
  transforms: [{type: standardize, per: array}]
  sampler: balanced
  class_weight: [1, 3]
  augment: [{type: crop, padding: 1}, {type: flip}, {type: noise, std: 0.1}]
  prefetch: 0
training: {epochs: 4, batch_size: 16, checkpoint: {seconds: 0}}
"""


def train(folder: Path, **changes: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    (folder / "bars.yaml").write_text(SPEC)
    run = folder / "run"
    resume = changes.pop("resume", False)
    graphnet.train(folder / "bars.yaml", overrides=changes, run_dir=run, resume=resume, plots=False)
    newest = max((run / "checkpoints").glob("step-*.safetensors"))
    return json.loads((run / "summary.json").read_text()), dict(load_checkpoint(newest).tensors)


def same(one: dict[str, Array], other: dict[str, Array]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_resumed_runs_end_in_the_same_bits(tmp_path: Path, prefetch: int) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    ahead = {"data.prefetch": prefetch}
    _, whole = train(tmp_path / "whole", **ahead)
    train(tmp_path / "parts", **ahead, **{"training.epochs": 2})
    _, resumed = train(tmp_path / "parts", **ahead, resume=True)
    assert same(whole, resumed)


def test_prefetch_changes_no_bit_and_leaves_no_thread(tmp_path: Path) -> None:
    for name in ("plain", "ahead"):
        (tmp_path / name).mkdir()
    summary, plain = train(tmp_path / "plain")
    other, ahead = train(tmp_path / "ahead", **{"data.prefetch": 3})
    assert same(plain, ahead)
    assert summary["metrics"] == other["metrics"]
    assert not [t for t in threading.enumerate() if t.name == "graphnet-prefetch"]


def test_the_summary_counts_classes(tmp_path: Path) -> None:
    summary, _ = train(tmp_path, **{"training.epochs": 1})
    assert summary["data"] == {
        "train": {"samples": 54, "classes": {"label": {"0": 27, "1": 27}}},
        "validation": {"samples": 18, "classes": {"label": {"0": 9, "1": 9}}},
        "test": {"samples": 18, "classes": {"label": {"0": 9, "1": 9}}},
    }
    # Weights of classes are the training set's alone.
    metrics = summary["metrics"]
    assert metrics["validation"]["heavy"] == metrics["validation"]["accuracy"]
