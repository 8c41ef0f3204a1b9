"""Callbacks hear of a training, may stop it, and leave it resumable when they fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from resuming import rich_spec, without_waiting

import graphnet
from graphnet.training import load_checkpoint
from graphnet.training.records import read_records

SPEC = rich_spec("float64", epochs=4)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_waiting(monkeypatch)


def train(spec: dict[str, Any], **options: Any) -> Any:
    return graphnet.train(spec, plots=False, **options)


class Diary(graphnet.Callback):
    """Notes all that it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def on_train_begin(self, state: Any) -> None:
        self.heard.append(("begin", state.epoch, state.updates))

    def on_batch_end(self, state: Any) -> None:
        self.heard.append(("batch", state.epoch, state.updates))

    def on_epoch_end(self, state: Any, record: Mapping[str, Any]) -> None:
        self.heard.append(("epoch", state.epoch, record["epoch"]))

    def on_train_end(self, state: Any) -> None:
        self.heard.append(("end", state.epoch, state.updates))


def expected(epochs: int, batches: int) -> list[tuple[Any, ...]]:
    heard: list[tuple[Any, ...]] = [("begin", 0, 0)]
    for epoch in range(epochs):
        heard += [("batch", epoch, epoch * batches + batch + 1) for batch in range(batches)]
        heard.append(("epoch", epoch + 1, epoch + 1))
    return [*heard, ("end", epochs, epochs * batches)]


def test_a_run_tells_everything_in_order(tmp_path: Path) -> None:
    diary = Diary()
    train(SPEC, run_dir=tmp_path / "r", callbacks=[diary])
    assert diary.heard == expected(4, 5)


def test_fit_tells_everything_in_order() -> None:
    diary = Diary()
    graphnet.compile(SPEC).fit(callbacks=[diary])
    assert diary.heard == expected(4, 5)


def test_a_function_hears_of_epochs() -> None:
    losses: list[float] = []
    history = graphnet.compile(SPEC).fit(
        callbacks=[lambda state, record: losses.append(record["loss"])]
    )
    assert losses == [record["loss"] for record in history]


def test_the_state_shows_live_arrays() -> None:
    seen: list[Any] = []

    def look(state: Any, record: Mapping[str, Any]) -> None:
        seen.append((state.loss, state.gradients.keys(), state.directory, state.stopped))
        state.parameters["linear1.bias"][...] = 7.0

    net = graphnet.compile({**SPEC, "training": {"epochs": 1, "batch_size": 7}})
    history = net.fit(callbacks=[look])
    assert seen[0][0] == history[0]["last_batch"]
    assert {"linear1.weight", "linear2.bias"} <= set(seen[0][1])
    assert seen[0][2:] == (None, "")
    np.testing.assert_array_equal(net.parameters["linear1.bias"], 7.0)


def test_a_callback_stops_after_an_epoch(tmp_path: Path) -> None:
    def stop(state: Any, record: Mapping[str, Any]) -> None:
        if record["epoch"] == 2:
            state.stop("enough")

    summary = train(SPEC, run_dir=tmp_path, callbacks=[stop])
    assert (summary.plain["status"], summary.plain["epochs"]) == ("stopped", 2)
    assert read_records(tmp_path / "metrics.jsonl")[-1]["stopped"] == "enough"


def test_a_callback_stops_within_an_epoch(tmp_path: Path) -> None:
    class Stop(graphnet.Callback):
        def on_batch_end(self, state: Any) -> None:
            if state.updates == 7:
                state.stop()

    summary = train(SPEC, run_dir=tmp_path, callbacks=[Stop()])
    assert (summary.plain["status"], summary.plain["updates"]) == ("stopped", 7)
    again = train(SPEC, run_dir=tmp_path, resume=True)
    assert (again.plain["status"], again.plain["updates"]) == ("stopped", 7)


class Trip(graphnet.Callback):
    """Fails where it is told to."""

    def __init__(self, where: str, at: int) -> None:
        self._where, self._at = where, at

    def _fail(self, where: str, state: Any) -> None:
        if where == self._where and state.updates == self._at:
            raise LookupError("tripped")

    def on_batch_end(self, state: Any) -> None:
        self._fail("batch", state)

    def on_epoch_end(self, state: Any, record: Mapping[str, Any]) -> None:
        self._fail("epoch", state)

    def on_train_end(self, state: Any) -> None:
        self._fail("end", state)


@pytest.mark.parametrize(
    ("where", "at", "status"),
    [("batch", 3, "interrupted"), ("batch", 10, "interrupted"), ("epoch", 10, "interrupted"),
     ("end", 20, "finished")],
)  # fmt: skip
def test_a_run_whose_callback_failed_goes_on_to_the_same_end(
    tmp_path: Path, where: str, at: int, status: str
) -> None:
    with pytest.raises(LookupError, match="tripped"):
        train(SPEC, run_dir=tmp_path / "a", callbacks=[Trip(where, at)])
    assert json.loads((tmp_path / "a/summary.json").read_text())["status"] == status
    train(SPEC, run_dir=tmp_path / "a", resume=True)
    train(SPEC, run_dir=tmp_path / "b")
    assert_same_run(tmp_path / "a", tmp_path / "b")


def assert_same_run(one: Path, other: Path) -> None:
    """Compare the last checkpoints and all lines of metrics of two runs."""
    first, second = (
        load_checkpoint(path / "checkpoints/step-0000000020.safetensors") for path in (one, other)
    )
    assert first.tensors.keys() == second.tensors.keys()
    for name, array in first.tensors.items():
        np.testing.assert_array_equal(array, second.tensors[name])
    timeless: Callable[[Path], list[Any]] = lambda path: [  # noqa: E731 - used on this line alone
        {**record, "seconds": 0} for record in read_records(path / "metrics.jsonl")
    ]
    assert timeless(one) == timeless(other)


def test_fit_ends_with_the_best_also_when_a_callback_fails() -> None:
    kept: dict[int, np.ndarray[Any, Any]] = {}
    best: list[int] = []

    def keep(state: Any, record: Mapping[str, Any]) -> None:
        kept[record["epoch"]] = state.parameters["linear2.weight"].copy()
        best.append(int(np.argmin([*losses, record["validation"]["loss"]])) + 1)
        losses.append(record["validation"]["loss"])
        if record["epoch"] == 9:
            raise LookupError("tripped")

    losses: list[float] = []
    net = graphnet.compile(rich_spec("float64"))
    with pytest.raises(LookupError):
        net.fit(callbacks=[keep])
    assert best[-1] < 9, "the rate rises until it spoils what was learned"
    np.testing.assert_array_equal(net.parameters["linear2.weight"], kept[best[-1]])
