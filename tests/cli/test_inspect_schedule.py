"""`graphnet inspect --schedule`: the rates that a run really has, in a table, a plot and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Command

import graphnet

SPEC = """graphnet: 1
inputs: {point: {shape: [2]}}
targets: {label: {shape: [1]}}
layers:
  linear1: {type: Linear, out_features: 4}
  tanh1: Tanh
  linear2: {type: Linear, out_features: 1}
loss: BCEWithLogitsLoss
optimizer:
  type: AdamW
  lr: 0.1
  accumulate: 2
  groups: [{match: "*.bias", lr: 0.5}]
scheduler:
  lr: {type: CosineAnnealingLR, T_max: 3}
  weight_decay: {type: ExponentialLR, gamma: 0.5, interval: step}
data: {train: {generator: moons, samples: 50}}
training: {epochs: 4, batch_size: 10}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SPEC)
    return Path("s.yaml")


def test_json_is_what_a_run_has(cli: Command, spec: Path) -> None:
    found: dict[str, Any] = cli.good("inspect", spec, "--schedule", "--format", "json").document[
        "schedule"
    ]
    assert (found["batches_per_epoch"], found["updates_per_epoch"], found["updates"]) == (5, 3, 12)
    assert set(found["settings"]) == {"lr", "lr.1", "weight_decay", "weight_decay.1"}
    expected = graphnet.learning_rates(spec, epochs=4, batches_per_epoch=5)
    assert found["settings"]["lr"] == expected.tolist()
    assert found["settings"]["lr.1"] == pytest.approx((expected * 5).tolist(), rel=1e-12)
    assert found["settings"]["weight_decay"] == [0.01 * 0.5**update for update in range(12)]
    cli.good("train", spec, "--run-dir", "run", "--quiet")
    lines = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    assert [line["lr"] for line in lines] == expected[2::3].tolist()


def test_text(cli: Command, spec: Path) -> None:
    text = cli.good("inspect", spec, "--schedule").out
    assert "| update | epoch |    lr |  lr.1 | weight_decay |" in text
    assert "12 updates: 4 epochs of 3, from 5 batches" in text
    assert text.count("*") > 3 * 12


def test_batches_can_be_given(cli: Command, spec: Path) -> None:
    spec.write_text("\n".join(line for line in SPEC.splitlines() if not line.startswith("data:")))
    error = cli("inspect", spec, "--schedule").err
    assert "GN715" in error
    assert "--batches 100" in error
    document = cli.good(
        "inspect", spec, "--schedule", "--batches", "7", "--format", "json"
    ).document
    assert document["schedule"]["updates"] == 16


def test_long_schedules_are_sampled(cli: Command, spec: Path) -> None:
    words = [
        "--schedule",
        "--batches",
        "40000",
        "--format",
        "json",
        "--set",
        "optimizer.accumulate=1",
    ]
    found = cli.good("inspect", spec, *words).document["schedule"]
    assert found["updates"] == 160_000
    assert len(found["update"]) == len(found["settings"]["lr"]) == 10_000
    assert (found["update"][0], found["update"][-1]) == (0, 159_999)


def test_what_depends_on_results_is_said(cli: Command, spec: Path) -> None:
    words = ["--set", "scheduler={type: ReduceLROnPlateau}"]
    assert "when results stand still" in cli.good("inspect", spec, "--schedule", *words).out
