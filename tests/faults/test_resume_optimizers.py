"""Runs go on in the same bits whatever optimizer, schedule, accumulation or average they have."""

from __future__ import annotations

import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from resuming import StopAfter, left, rich_spec

import graphnet
from graphnet.compiler import compile_spec
from graphnet.program import Program
from graphnet.training import load_checkpoint
from graphnet.training.replay import replay
from graphnet.training.transfer import open_weights

GROUPS = [{"match": "*.bias", "lr": 0.05, "weight_decay": 0.0}]
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "accumulate": {"type": "Adam", "lr": 0.05, "accumulate": 3, "clip_grad_norm": 0.5},
    "ema": {"type": "RAdam", "lr": 0.02, "ema": 0.8, "groups": GROUPS},
    "swa": {"type": "SGD", "lr": 0.2, "momentum": 0.9, "dampening": 0.1, "swa": {"start": 3}},
    "swa by step": {"type": "Lion", "lr": 0.01, "swa": {"start": 8, "interval": "step"}},
    "lookahead": {"type": "Lookahead", "k": 3, "optimizer": {"type": "NAdam", "lr": 0.02}},
    "sam": {"type": "SAM", "rho": 0.1, "optimizer": {"type": "ASGD", "lr": 0.1, "t0": 10}},
    "adafactor": {"type": "Adafactor", "lr": 0.05, "groups": GROUPS, "decay_skip": ["norm"]},
    "muon": {"type": "Muon", "lr": 0.02},
    "rprop": {"type": "Rprop"},
}
PLATEAU = {
    "type": "ReduceLROnPlateau",
    "factor": 0.5,
    "patience": 0,
    "threshold": 0.01,
    "cooldown": 1,
}
SCHEDULERS: dict[str, Any] = {
    "plateau": PLATEAU,
    "momentum and decay": {
        "lr": {"type": "OneCycleLR", "max_lr": 0.1, "total_steps": 50},
        "weight_decay": {"type": "CosineAnnealingLR", "T_max": 40, "interval": "step"},
    },
    "chain": [
        {"type": "Warmup", "warmup": 4},
        {"type": "MultiplicativeLR", "lr_lambda": "0.9 + 0.1 / t", "interval": "step"},
        {"milestones": [6], "interval": "step"},
    ],
}


class StopAfterPasses(StopAfter):
    """Stops after a number of batches, though they need not have made an update yet."""

    @property
    def signal(self) -> int:
        if self.updates is None or self.run is None:
            return 0
        progress = self.run.trainer.progress
        passes = self.run.trainer.stepper.passes
        return signal.SIGINT if progress.clock >= self.updates * passes else 0


def program(dtype: str, **sections: Any) -> Program:
    return compile_spec({**rich_spec(dtype, epochs=6), "scheduler": None, **sections})


def require_same_bits(
    compiled: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: tuple[int, ...]
) -> None:
    stop = StopAfterPasses(monkeypatch)
    stop.train(compiled, tmp_path / "whole")
    expected = left(tmp_path / "whole")
    for count in stops:
        stop.train(compiled, tmp_path / f"parts{count}", until=count)
        stop.train(compiled, tmp_path / f"parts{count}", resume=True)
        assert left(tmp_path / f"parts{count}") == expected, count


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = program("float32", optimizer=OPTIMIZERS[name])
    require_same_bits(compiled, tmp_path, monkeypatch, (1, 5, 12, 23))


@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedulers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = {"type": "AdamW", "lr": 0.3, "weight_decay": 0.1}
    compiled = program("float32", optimizer=optimizer, scheduler=SCHEDULERS[name])
    require_same_bits(compiled, tmp_path, monkeypatch, (1, 10, 14, 27))


def test_a_plateau_lowers_the_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer = {"type": "SGD", "lr": 5.0}
    compiled = program("float64", optimizer=optimizer, scheduler=PLATEAU)
    StopAfter(monkeypatch).train(compiled, tmp_path / "run")
    rates = [record["lr"] for record in left(tmp_path / "run").metrics]
    assert rates[0] == 5.0
    assert rates[-1] < 5.0
    assert all(later in (earlier, earlier / 2) for earlier, later in pairwise(rates))


def test_what_is_saved_and_judged_are_the_averages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest checkpoint keeps live weights to go on with; opening a run gives the averages."""
    spec = {**rich_spec("float64", epochs=4), "scheduler": None}
    spec["optimizer"] = {"type": "SGD", "lr": 0.5, "ema": 0.9}
    spec["training"]["early_stopping"] = None
    StopAfter(monkeypatch).train(compile_spec(spec), tmp_path / "run")
    newest = max((tmp_path / "run/checkpoints").glob("step-*"))
    saved = load_checkpoint(newest).tensors
    opened = graphnet.load(tmp_path / "run")
    for name, array in opened.parameters.items():
        np.testing.assert_array_equal(array, saved[f"state/average/{name}"])
        assert (array != saved[f"parameter/{name}"]).any()
    summary = left(tmp_path / "run").summary
    samples = {"validation": summary["metrics"]["validation"]}
    assert left(tmp_path / "run").metrics[-1]["validation"]["loss"] == pytest.approx(
        samples["validation"].get("loss", summary["loss"]["validation"]), rel=1e-12
    )


@pytest.mark.parametrize("until", [None, 7])
@pytest.mark.parametrize("name", ["accumulate", "ema", "sam"])
def test_a_run_can_be_replayed_bit_by_bit(
    name: str, until: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was interrupted while gradients were gathered."""
    stop = StopAfterPasses(monkeypatch)
    stop.train(program("float32", optimizer=OPTIMIZERS[name]), tmp_path / "run", until=until)
    assert replay(tmp_path / "run").differences == ()


def test_fine_tuning_begins_with_the_averages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {**rich_spec("float64", epochs=3), "scheduler": None}
    spec["optimizer"] = {"type": "SGD", "lr": 0.5, "ema": 0.9}
    spec["training"]["early_stopping"] = None
    StopAfter(monkeypatch).train(compile_spec(spec), tmp_path / "run")
    opened = graphnet.load(tmp_path / "run")
    for name, array in open_weights(tmp_path / "run").items():
        if name in opened.parameters:
            np.testing.assert_array_equal(array, opened.parameters[name])
