"""Lines of JSON by update, and what is said where TensorBoard or its directory is missing."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from commands import TINY

import graphnet
from graphnet.errors import ResourceError
from graphnet.training import JsonLines, TensorBoard
from graphnet.training.logs import numbers
from graphnet.training.records import read_records


def test_a_line_for_every_second_update(tmp_path: Path) -> None:
    net = graphnet.compile(TINY)
    history = net.fit(epochs=3, callbacks=[JsonLines(tmp_path / "steps.jsonl", every=2)])
    lines = read_records(tmp_path / "steps.jsonl")
    assert [line["update"] for line in lines] == [2, 4, 6, 8, 10, 12, 14]
    assert [line["epoch"] for line in lines] == [1, 1, 2, 2, 2, 3, 3]
    assert lines[4]["loss"] == history[1]["last_batch"]


def test_lines_of_an_unfinished_epoch_are_written_too(tmp_path: Path) -> None:
    class Stop(graphnet.Callback):
        def on_batch_end(self, state: Any) -> None:
            if state.updates == 7:
                state.stop()

    graphnet.compile(TINY).fit(callbacks=[JsonLines(tmp_path / "steps.jsonl"), Stop()])
    assert [line["update"] for line in read_records(tmp_path / "steps.jsonl")] == list(range(1, 8))


def test_numbers_have_names_by_group() -> None:
    record = {"epoch": 3, "updates": 9, "loss": 1, "lr": 0.5, "stopped": "x",
              "validation": {"loss": 2.0, "confusion": [[1]]}, "gradient_norms": {"a": 3.0}}  # fmt: skip
    assert dict(numbers(record)) == {
        "train/loss": 1.0, "train/lr": 0.5, "validation/loss": 2.0, "gradient_norms/a": 3.0,
    }  # fmt: skip


def test_what_is_said_without_tensorboard_or_a_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    with pytest.raises(ResourceError) as caught:
        graphnet.compile(TINY).fit(callbacks=[TensorBoard()])
    assert caught.value.code == "GN525"

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ResourceError) as caught:
        TensorBoard()
    assert caught.value.code == "GN524"
