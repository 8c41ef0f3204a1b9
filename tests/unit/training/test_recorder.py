"""Checkpoints within epochs, gradient norms, and what an interrupted run ends with."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from resuming import StopAfter, left, rich_spec, without_waiting

import graphnet
from graphnet.compiler import compile_spec
from graphnet.training import RunDirectory, load_checkpoint
from graphnet.training.records import read_records


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)


def train(spec: dict[str, Any], **options: Any) -> Any:
    return graphnet.train(spec, plots=False, **options)


def steps(path: Path) -> list[int]:
    return sorted(int(file.stem[5:]) for file in (path / "checkpoints").glob("step-*"))


def test_checkpoints_by_step_are_within_epochs(tmp_path: Path) -> None:
    spec = rich_spec("float64", epochs=2, checkpoint={"steps": 3, "keep": 9, "seconds": 1e9})
    train(spec, run_dir=tmp_path)
    assert steps(tmp_path) == [3, 6, 9, 10]
    state = load_checkpoint(tmp_path / "checkpoints/step-0000000006.safetensors").state
    assert (state["progress"]["epoch"], state["progress"]["batch"]) == (1, 1)


def test_checkpoints_by_minute_are_within_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(0, 100_000, 20))  # every look at the clock is 20 seconds later
    monkeypatch.setattr("graphnet.training.recorder.time.monotonic", lambda: float(next(now)))
    spec = rich_spec("float64", epochs=1, checkpoint={"minutes": 1, "keep": 9, "seconds": 1e9})
    train(spec, run_dir=tmp_path)
    assert steps(tmp_path)[-1] == 5
    assert 1 < len(steps(tmp_path)) < 5
    assert time.monotonic() >= 0


def test_a_run_goes_on_from_a_checkpoint_within_an_epoch(tmp_path: Path) -> None:
    spec = rich_spec("float64", checkpoint={"steps": 3, "keep": 99, "seconds": 1e9})
    train(spec, run_dir=tmp_path / "a")
    train(spec, run_dir=tmp_path / "b")
    for path in (tmp_path / "b/checkpoints").glob("step-*"):
        if int(path.stem[5:]) > 33:
            path.unlink()
    train(spec, run_dir=tmp_path / "b", resume=True)
    assert left(tmp_path / "a") == left(tmp_path / "b")


def test_an_interrupted_run_with_early_stopping_ends_with_its_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged, loaded and summed up as the best; resumed from the last."""
    program = compile_spec(rich_spec("float64"))
    summary = StopAfter(monkeypatch).train(program, tmp_path, until=47)
    assert summary.plain["status"] == "interrupted"
    assert summary.plain["checkpoint"].endswith("best.safetensors")
    records = read_records(tmp_path / "metrics.jsonl")
    best = min(records, key=lambda record: record["validation"]["loss"])
    assert best["epoch"] < 9
    assert summary.plain["loss"]["validation"] == best["validation"]["loss"]
    net = graphnet.load(tmp_path)
    saved = load_checkpoint(tmp_path / "checkpoints/best.safetensors").tensors
    np.testing.assert_array_equal(
        net.parameters["linear1.weight"], saved["parameter/linear1.weight"]
    )
    assert steps(tmp_path)[-1] == 47


def test_a_run_that_fails_ends_with_its_best(tmp_path: Path) -> None:
    spec = rich_spec("float32", checkpoint={"seconds": 1e9})
    spec["optimizer"] = {"type": "SGD", "lr": 1.0}
    spec["scheduler"] = {"type": "StepLR", "step_size": 1, "gamma": 1e9, "interval": "epoch"}
    run = tmp_path / "r"
    with pytest.raises(graphnet.errors.NumericError):
        train(spec, run_dir=run)
    summary = json.loads((run / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert summary["checkpoint"].endswith("best.safetensors")
    records = read_records(run / "metrics.jsonl")
    losses = [r["validation"]["loss"] for r in records]
    finite = [loss for loss in losses if loss is not None]
    assert summary["loss"]["validation"] == min(finite)
    assert np.isfinite(graphnet.load(run).parameters["linear1.weight"]).all()
    assert RunDirectory(run).checkpoints().newest() is None


def norms_by_hand(spec: dict[str, Any]) -> dict[str, float]:
    """Return the mean norms of an epoch's gradients, computed from a network outside any run."""
    net = graphnet.compile(spec)
    data = np.random.default_rng(0)
    x, y = data.standard_normal((12, 3)), data.standard_normal((12, 2))
    sums: dict[str, float] = {}
    for start in (0, 5, 10):
        batch = ({"x": x[start : start + 5]}, {"t": y[start : start + 5]})
        _, gradients = net.loss_and_gradients(*batch)
        for layer in ("linear1", "linear2"):
            parts = [g.reshape(-1) for name, g in gradients.items() if name.startswith(layer)]
            sums[layer] = sums.get(layer, 0.0) + float(np.linalg.norm(np.concatenate(parts)))
        net.train_step(*batch)
    return {layer: total / 3 for layer, total in sums.items()}


def test_gradient_norms_are_means_over_the_epoch() -> None:
    spec = {
        "dtype": "float64",
        "inputs": {"x": {"shape": [3]}},
        "targets": {"t": {"shape": [2]}},
        "layers": {"linear1": {"type": "Linear", "out_features": 4}, "tanh": "Tanh",
                   "linear2": {"type": "Linear", "out_features": 2}},
        "loss": "MSELoss",
        "optimizer": {"type": "SGD", "lr": 0.1},
        "training": {"epochs": 1, "batch_size": 5, "shuffle": False},
    }  # fmt: skip
    data = np.random.default_rng(0)
    x, y = data.standard_normal((12, 3)), data.standard_normal((12, 2))
    history = graphnet.compile(spec).fit(x, y, gradient_norms=True)
    expected = norms_by_hand(spec)
    assert history[0]["gradient_norms"].keys() == expected.keys()
    for layer, norm in expected.items():
        assert history[0]["gradient_norms"][layer] == pytest.approx(norm, rel=1e-12)
    assert "gradient_norms" not in graphnet.compile(spec).fit(x, y)[0]


def test_gradient_norms_survive_an_interruption_within_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = rich_spec("float64", gradient_norms=True, epochs=3)
    program = compile_spec(spec)
    stopping = StopAfter(monkeypatch)
    stopping.train(program, tmp_path / "a", until=8)
    stopping.train(program, tmp_path / "a", resume=True)
    stopping.train(program, tmp_path / "b")
    a, b = (read_records(tmp_path / name / "metrics.jsonl") for name in "ab")
    assert [r["gradient_norms"] for r in a] == [r["gradient_norms"] for r in b]
    assert len(a) == 3
