"""Sweeps: trials as if they were trained alone, failures that stay their own, nothing done twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_array_equal
from resuming import without_waiting

import graphnet
from graphnet.errors import ResourceError, SpecError, UsageError
from graphnet.sweeps import Space, Sweep, in_turn, processes, sweep
from graphnet.training import load_checkpoint

SPEC: dict[str, Any] = {
    "name": "swept",
    "inputs": {"point": {"shape": [2]}},
    "targets": {"label": {"shape": [1]}},
    "layers": {"linear1": {"type": "Linear", "out_features": 3}, "tanh1": "Tanh",
               "linear2": {"type": "Linear", "out_features": 1}},
    "loss": "BCEWithLogitsLoss",
    "metrics": ["accuracy"],
    "optimizer": {"type": "SGD", "lr": 0.1},
    "data": {"train": {"generator": "moons", "samples": 40, "seed": 1},
             "validation": {"fraction": 0.2}},
    "training": {"epochs": 2, "batch_size": 8},
}  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    without_waiting(monkeypatch)
    return tmp_path


@pytest.mark.slow
def test_trials_are_what_training_alone_gives(place: Path) -> None:
    """Two processes, a grid and a random setting, one trial that overflows."""
    result = sweep(
        SPEC,
        grid={"optimizer.lr": [0.5, 1e300], "layers.linear1.out_features": [3, 4]},
        random={"optimizer.momentum": "uniform:0:0.5"},
        overrides={"loss": "MSELoss", "metrics": []},
        jobs=2,
    )
    assert result.directory == Path("sweeps/swept/0001")
    assert (result.metric, result.mode) == ("validation.loss", "min")
    assert [row["status"] for row in result.trials] == ["finished"] * 2 + ["failed"] * 2
    assert "error[GN60" in result.trials[-1]["error"]
    values = [row["value"] for row in result.trials]
    assert values[:2] == sorted(values[:2])
    assert values[2:] == [None, None]
    best = result.best
    assert best is result.trials[0]
    alone = graphnet.train(
        SPEC,
        overrides={"loss": "MSELoss", "metrics": [], **best["overrides"]},
        run_dir="alone",
        plots=False,
    )
    assert alone.plain["loss"] == best["summary"]["loss"]
    assert alone.plain["loss"]["validation"] == best["value"]
    one, other = (Path(p) / "checkpoints/best.safetensors" for p in ("alone", best["directory"]))
    for name, array in load_checkpoint(one).tensors.items():
        assert_array_equal(array, load_checkpoint(other).tensors[name])

    again: list[Mapping[str, Any]] = []
    whole = Sweep(
        SPEC,
        Space({"optimizer.lr": ("0.5", "1e+300"), "layers.linear1.out_features": ("3", "4")},
              _momentum()),
        overrides={"loss": "MSELoss", "metrics": []}, trials=5, directory=result.directory,
    )  # fmt: skip
    files = {path: path.stat().st_mtime_ns for path in result.directory.rglob("summary.json")}
    second = whole.run(told=again.append)
    assert len(again) == 5, "four that were done, and a new one"
    assert {path: path.stat().st_mtime_ns for path in files} == files, "nothing is done twice"
    assert [r for r in second.trials if r["index"] < 4] == list(result.trials)


def _momentum() -> Any:
    from graphnet.sweeps import read_random

    return dict([read_random("optimizer.momentum=uniform:0:0.5")])


@pytest.mark.slow
def test_a_process_that_dies_takes_only_its_trial_with_it() -> None:
    whole = Sweep(SPEC, Space({"seed": tuple("12345")}, {}), overrides={"training.epochs": 3})
    killed: list[int] = []

    def kill(row: Mapping[str, Any]) -> None:
        if not killed:
            killed.append(row["index"])
            multiprocessing.active_children()[0].kill()

    result = whole.run(jobs=2, told=kill)
    assert len(result.trials) == 5
    failed = [row for row in result.trials if row["status"] == "failed"]
    assert len(failed) == 1
    assert failed[0]["error"] == "the process of the trial ended with signal 9"
    assert not multiprocessing.active_children()


SCRIPT = """
import os, sys
from pathlib import Path
import graphnet
with Path("ran.txt").open("a") as file:
    file.write("once ")
result = graphnet.sweep(Path("swept.json"), grid={"optimizer.lr": [0.1, 0.2]}, jobs=JOBS)
print([row["status"] for row in result.trials], result.best["value"] > 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["script", "standard input"])
def test_a_plain_script_needs_no_guard(place: Path, way: str) -> None:
    (place / "swept.json").write_text(json.dumps({"graphnet": 1, **SPEC}))
    text = SCRIPT.replace("JOBS", "2")
    (place / "script.py").write_text(text)
    words = ["script.py"] if way == "script" else ["-"]
    done = subprocess.run(
        [sys.executable, *words], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "['finished', 'finished'] True\n"
    assert (place / "ran.txt").read_text() == "once "


def test_one_job_runs_here_and_a_failure_stays_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(kind: str) -> None:
        raise AssertionError(kind)

    monkeypatch.setattr("multiprocessing.get_context", refuse)
    real = in_turn.run_trial
    monkeypatch.setattr(
        in_turn, "run_trial", lambda trial: {}["gone"] if trial.index == 1 else real(trial)
    )
    result = sweep(SPEC, grid={"seed": [1, 2, 3]})
    assert [row["status"] for row in result.trials] == ["finished", "finished", "failed"]
    assert result.trials[-1]["error"] == "KeyError: 'gone'"


def test_a_signal_ends_the_sweep_after_the_trial_it_came_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = in_turn.run_trial

    def interrupted(trial: Any) -> dict[str, Any]:
        return {**real(trial), "status": "interrupted", "signal": 2}

    monkeypatch.setattr(in_turn, "run_trial", interrupted)
    result = sweep(SPEC, grid={"seed": [1, 2, 3]})
    assert result.interrupted == 2
    assert [row["status"] for row in result.trials] == ["interrupted"]


def _die(connection: object) -> None:
    os._exit(7)


def _die_of_a_trial(connection: Any) -> None:
    connection.send(processes.READY)
    connection.recv()
    os._exit(7)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("serve", "message"),
    [
        (_die, "a process of the sweep ended with exit code 7 before it could train"),
        (
            _die_of_a_trial,
            "no trial lived to its end: the process of the trial ended with exit code 7",
        ),
    ],
)
def test_processes_that_all_die_are_an_error(
    monkeypatch: pytest.MonkeyPatch, serve: Any, message: str
) -> None:
    monkeypatch.setattr(processes, "_serve", serve)
    with pytest.raises(ResourceError) as caught:
        sweep(SPEC, grid={"seed": [1, 2]}, jobs=2)
    assert (caught.value.code, caught.value.message) == ("GN533", message)
    assert "jobs=1" in caught.value.help


def test_a_wrong_setting_is_told_before_anything_is_made(place: Path) -> None:
    with pytest.raises(SpecError, match="GN104") as caught:
        sweep(SPEC, grid={"optimizer.lrr": [1, 2]})
    assert caught.value.file == "--set optimizer.lrr=1"
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("metric", "mode"),
    [("validation.accuracy", "max"), ("train.loss", "min"), (None, "min")],
)
def test_which_is_better_follows_from_the_metric(metric: str | None, mode: str) -> None:
    assert Sweep(SPEC, Space({"seed": ("1",)}, {}), metric=metric).mode == mode


@pytest.mark.parametrize("metric", ["loss", "test.loss", "validation.f1", "validation"])
def test_a_metric_that_is_not_computed(metric: str) -> None:
    with pytest.raises(UsageError) as caught:
        Sweep(SPEC, Space({"seed": ("1",)}, {}), metric=metric)
    assert caught.value.code == "GN762"
    assert caught.value.notes == ("parts: train, validation", "names: loss, accuracy")


def test_another_sweep_is_not_mixed_in(place: Path) -> None:
    (place / "s").mkdir()
    (place / "s/sweep.json").write_text(json.dumps({"name": "other"}))
    with pytest.raises(ResourceError) as caught:
        Sweep(SPEC, Space({"seed": ("1",)}, {}), directory=place / "s").run()
    assert caught.value.code == "GN515"
    assert sorted(path.name for path in (place / "s").iterdir()) == ["lock", "sweep.json", "trials"]


@pytest.mark.slow
def test_a_cluster_gives_the_same(place: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra: dask)")
    space = Space({"seed": ("1", "2"), "optimizer.lr": ("0.1", "1e300")}, {})
    options: dict[str, Any] = {"overrides": {"loss": "MSELoss", "metrics": []}}
    here = Sweep(SPEC, space, **options, directory=place / "here").run()
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None,
        host="127.0.0.1", protocol="tcp",
    ) as cluster:  # fmt: skip
        there = Sweep(SPEC, space, **options, directory=place / "there").run(
            dask=cluster.scheduler_address
        )
    assert len(there.trials) == 4
    for one, other in zip(here.trials, there.trials, strict=True):
        assert (one["index"], one["status"], one["value"]) == (
            other["index"], other["status"], other["value"],
        )  # fmt: skip
    weights = [graphnet.load(r.trials[0]["directory"]).state_dict() for r in (here, there)]
    for name, array in weights[0].items():
        assert_array_equal(array, weights[1][name])


@pytest.mark.slow
def test_a_cluster_that_does_not_answer(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (extra: dask)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"

    class Client(distributed.Client):  # type: ignore[misc, name-defined]
        def __init__(self, address: str, timeout: float) -> None:
            super().__init__(address, timeout=0.3)

    monkeypatch.setattr(distributed, "Client", Client)
    with pytest.raises(ResourceError) as caught:
        Sweep(SPEC, Space({"seed": ("1",)}, {}), directory=place / "s").run(dask=address)
    assert caught.value.code == "GN527"


def test_dask_that_is_not_installed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise ImportError("distributed")

    monkeypatch.setattr("graphnet.sweeps.cluster._library", missing)
    with pytest.raises(ResourceError) as caught:
        Sweep(SPEC, Space({"seed": ("1",)}, {}), directory=place / "s").run(dask="tcp://x:1")
    assert caught.value.code == "GN526"
