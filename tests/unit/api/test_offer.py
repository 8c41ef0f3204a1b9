"""What `import graphnet` offers beside Network: compile, load, train, draw, learning_rates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, linear, network

import graphnet
from graphnet.errors import GraphNetError, ResourceError, SpecError, UsageError

TEXT = """\
graphnet: 1
name: small
inputs: {x: {shape: [2]}}
layers:
  a: {type: Linear, out_features: 3}
"""


def trainable(**rest: Any) -> dict[str, Any]:
    return network(
        {"a": linear(4), "t": "Tanh", "b": linear(1)},
        inputs={"x": {"shape": [2]}},
        targets={"label": {"shape": [1]}},
        loss="BCEWithLogitsLoss",
        metrics=["accuracy"],
        optimizer={"type": "AdamW", "lr": 0.02},
        data={"train": {"generator": "moons", "samples": 40, "seed": 1}},
        **rest,
    )


def test_everything_offered_is_there_and_nothing_else() -> None:
    for name in (
        "Network",
        "compile",
        "draw",
        "learning_rates",
        "load",
        "predict",
        "train",
        "__version__",
    ):
        assert name in dir(graphnet)
        assert getattr(graphnet, name)
    with pytest.raises(AttributeError, match="module 'graphnet' has no attribute 'trian'"):
        graphnet.trian  # noqa: B018


def test_sources_of_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    mapping = {"name": "small", "inputs": {"x": {"shape": [2]}}, "layers": {"a": linear(3)}}
    programs = [graphnet.compile(source).program for source in (path, str(path), TEXT, mapping)]
    assert all(program == programs[0] for program in programs)
    assert programs[0].name == "small"


def test_overrides_and_batch_size() -> None:
    net = graphnet.compile(
        TEXT, overrides={"layers.a.out_features": 7, "dtype": "float64"}, batch_size=9
    )
    assert net.parameters["a.weight"].shape == (7, 2)
    assert net.parameters["a.weight"].dtype == np.float64
    assert net.program.batch_size == 9
    assert graphnet.compile(TEXT).program.batch_size == 32


@pytest.mark.parametrize("size", [0, -1, True, 2.5, "8", 10**9])
def test_wrong_batch_sizes(size: Any) -> None:
    with pytest.raises(UsageError) as caught:
        graphnet.compile(TEXT, batch_size=size)
    assert caught.value.code == "GN719"
    assert caught.value.message.startswith("wrong batch_size: expected a whole number >= 1")


def test_errors_carry_their_place() -> None:
    with pytest.raises(SpecError) as caught:
        graphnet.compile(TEXT.replace("out_features", "out_feature"))
    error = caught.value
    assert isinstance(error, GraphNetError)
    assert isinstance(error, ValueError)
    assert (error.file, error.line) == ("<text>", 5)
    with pytest.raises(SpecError) as caught:
        graphnet.compile(TEXT, overrides={"layers.a.out_features": "many"})
    assert "--set layers.a.out_features" in str(caught.value) or "layers.a.out_features" in str(
        caught.value
    )
    with pytest.raises(GraphNetError) as missing:
        graphnet.compile("no/such/file.yaml")
    assert missing.value.code == "GN505"


def test_memory_limits() -> None:
    needed = graphnet.compile(TEXT).memory_bytes
    assert graphnet.compile(TEXT, max_memory=needed).memory_bytes == needed
    with pytest.raises(ResourceError) as caught:
        graphnet.compile(TEXT, max_memory=needed - 1)
    assert caught.value.code == "GN531"


def test_learning_rates_are_known_before_the_run() -> None:
    plain = trainable(scheduler={"type": "StepLR", "step_size": 2, "gamma": 0.5})
    rates = graphnet.learning_rates(plain, epochs=4, batches_per_epoch=3)
    assert rates.tolist() == [0.02] * 6 + [0.01] * 6
    constant = graphnet.learning_rates(trainable(), epochs=2, batches_per_epoch=2)
    assert constant.tolist() == [0.02] * 4


def test_training_with_a_run_directory_and_loading(tmp_path: Path) -> None:
    summary = graphnet.train(
        trainable(), overrides={"training.epochs": 3}, run_dir=tmp_path / "run"
    )
    plain = summary.plain
    assert (plain["status"], plain["epochs"], plain["updates"]) == ("finished", 3, 21)
    assert json.loads((tmp_path / "run" / "summary.json").read_text()) == plain
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]
    net = graphnet.load(tmp_path / "run")
    again = graphnet.load(next((tmp_path / "run" / "checkpoints").glob("*.safetensors")))
    for name, array in net.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    in_memory = graphnet.compile(trainable(), overrides={"training.epochs": 3})
    history = in_memory.fit()
    for name, array in in_memory.parameters.items():
        np.testing.assert_array_equal(net.parameters[name], array)
    assert plain["loss"]["last_batch"] == history[-1]["last_batch"]


def test_runs_get_the_next_free_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        graphnet.train(trainable(name="it"), overrides={"training.epochs": 1})
    assert sorted(path.name for path in (tmp_path / "runs" / "it").iterdir()) == ["0001", "0002"]


def test_resuming_goes_on_where_the_run_stood(tmp_path: Path) -> None:
    whole = graphnet.train(
        trainable(), overrides={"training.epochs": 4}, run_dir=tmp_path / "whole"
    )
    resumed = graphnet.train(
        trainable(), overrides={"training.epochs": 4}, run_dir=tmp_path / "whole", resume=True
    )
    assert resumed.plain["loss"] == whole.plain["loss"]


def test_a_run_that_is_not_there() -> None:
    with pytest.raises(ResourceError) as caught:
        graphnet.load("no/such/run")
    assert caught.value.code == "GN513"


@pytest.mark.parametrize("suffix", ["dot", "mmd", "txt"])
def test_drawing(tmp_path: Path, suffix: str) -> None:
    path = graphnet.draw(NETWORKS["residual"], tmp_path / f"it.{suffix}")
    assert path == tmp_path / f"it.{suffix}"
    text = path.read_text()
    for name in NETWORKS["residual"]["layers"]:
        assert name in text


def test_drawing_in_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        graphnet.draw(NETWORKS["tanh"], tmp_path / "it.jpg")
    assert caught.value.code == "GN734"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("level", ["ops", "program", "memory"])
def test_levels_are_drawn_from_python_too(tmp_path: Path, level: str) -> None:
    path = graphnet.draw(NETWORKS["residual"], tmp_path / "it.svg", level=level)
    assert path.read_bytes().startswith(b"<svg")


def test_layers_are_folded_and_coloured_from_python_too(tmp_path: Path) -> None:
    path = graphnet.draw(NETWORKS["residual"], tmp_path / "it.txt", fold=True, overlay="bytes")
    assert "bytes for 6 samples" in path.read_text()


@pytest.mark.parametrize(
    "wrong", [{"level": "layer"}, {"overlay": "cost"}, {"overlay": "gradients"}]
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        graphnet.draw(NETWORKS["tanh"], tmp_path / "it.txt", **wrong)  # type: ignore[arg-type]
    assert caught.value.code == "GN736"
    assert list(tmp_path.iterdir()) == []
