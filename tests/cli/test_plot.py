"""`graphnet plot`: everything that a saved run can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Command, files_of

from graphnet.api import report
from graphnet.api.run_view import RunView
from graphnet.training.run_directory import PICTURES

pytest.importorskip("matplotlib", reason="plots need matplotlib")

RECORDED = {"loss", "metrics", "learning-rate", "gradient-norms", "weight-norms"}
NORMS = ("--set", "training.gradient_norms=true", "--set", "data.validation={fraction: 0.25}")
CLASSES = """\
graphnet: 1
inputs: {image: {shape: [1, 4, 5]}}
targets: {kind: {shape: [], dtype: int64, classes: 3}}
layers:
  flat: Flatten
  linear1: {type: Linear, out_features: 3}
loss: CrossEntropyLoss
metrics: [accuracy]
optimizer: {type: Adam, lr: 0.01}
data:
  train: {path: images.npz}
  validation: {fraction: 0.25}
training: {epochs: 2, batch_size: 10, gradient_norms: true}
"""
NUMBERS = """\
graphnet: 1
inputs: {x: {shape: [2]}}
targets: {y: {shape: [1]}}
layers:
  linear1: {type: Linear, out_features: 1}
loss: MSELoss
optimizer: {type: SGD, lr: 0.01}
data:
  train: {path: numbers.npz}
training: {epochs: 2, batch_size: 10}
"""


def plotted(cli: Command, *arguments: object) -> set[str]:
    document = cli.good("plot", *arguments, "--format", "json").document
    assert document["notes"] == []
    for path in document["plots"]:
        assert Path(path).read_bytes().startswith(b"\x89PNG")
    return {Path(path).stem for path in document["plots"]}


def test_a_run_that_decides_yes_or_no(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "run", *NORMS)
    assert plotted(cli, "run") == {*RECORDED, "decision", "confusion", "ranking"}


def test_a_run_that_decides_classes_of_images(cli: Command, place: Path) -> None:
    random = np.random.default_rng(0)
    kinds = random.integers(0, 3, 60)
    np.savez(place / "images.npz", image=random.random((60, 1, 4, 5)), kind=kinds)
    (place / "classes.yaml").write_text(CLASSES)
    cli.good("train", "classes.yaml", "--run-dir", "run")
    assert plotted(cli, "run") == {*RECORDED, "confusion", "ranking", "mistakes"}


def test_a_run_that_predicts_numbers(cli: Command, place: Path) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((40, 2))
    np.savez(place / "numbers.npz", x=x, y=x.sum(axis=1, keepdims=True))
    (place / "numbers.yaml").write_text(NUMBERS)
    cli.good("train", "numbers.yaml", "--run-dir", "run")
    names = {"loss", "learning-rate", "weight-norms", "predicted"}
    checkpoint = max(place.glob("run/checkpoints/step-*.safetensors"))
    assert plotted(cli, checkpoint, "-o", "elsewhere") == names
    assert {path.stem for path in (place / "elsewhere").iterdir()} == names


def test_training_on_leaves_no_picture_of_before(cli: Command, place: Path) -> None:
    """Those of `graphnet plot` go when the run goes on; what the user put there stays."""
    cli.good("train", "tiny.yaml", "--run-dir", "run", *NORMS)
    first = plotted(cli, "run")
    plots = place / "run" / "plots"
    (plots / "mine.png").write_bytes(b"mine")
    cli.good("resume", "run")  # nothing is left to do
    assert {path.stem for path in plots.iterdir()} == {*first, "mine"}
    cli.good("resume", "run", "--epochs", 7)
    assert {path.stem for path in plots.iterdir()} == {"loss", "decision", "confusion", "mine"}
    plotted(cli, "run")
    cli.good("resume", "run", "--epochs", 8, "--no-plots")
    assert [path.name for path in plots.iterdir()] == ["mine.png"]


def test_train_and_plot_draw_the_same_set(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "run", *NORMS)
    drawn = {
        name: (place / f"run/plots/{name}.png").read_bytes() for name in ("decision", "confusion")
    }
    plotted(cli, "run")
    for name, content in drawn.items():
        assert (place / f"run/plots/{name}.png").read_bytes() == content


def test_every_picture_is_one_that_training_on_removes() -> None:
    assert set(report._PLOTS) == set(PICTURES)


def test_layers_come_in_the_order_of_their_computation(cli: Command, place: Path) -> None:
    layers = "layers:\n  z: {type: Linear, out_features: 3}\n  a: {type: Linear, out_features: 1}\n"
    one = "layers:\n  linear1: {type: Linear, out_features: 1}\n"
    random = np.random.default_rng(0)
    np.savez(place / "numbers.npz", x=random.random((40, 2)), y=random.random((40, 1)))
    (place / "numbers.yaml").write_text(NUMBERS.replace(one, layers))
    cli.good("train", "numbers.yaml", "--run-dir", "run", *NORMS[:2], "--no-plots")
    view = RunView.of_path(place / "run")
    assert list(view.weight_norms()) == ["z", "a"]
    assert view.in_order(view.records[0]["gradient_norms"]) == ["z", "a"]


def test_several_classes_in_the_plane(cli: Command, place: Path) -> None:
    random = np.random.default_rng(0)
    np.savez(place / "images.npz", image=random.random((60, 2)), kind=random.integers(0, 3, 60))
    plane = CLASSES.replace("[1, 4, 5]", "[2]").replace("  flat: Flatten\n", "")
    (place / "plane.yaml").write_text(plane)
    result = cli.good("train", "plane.yaml", "--run-dir", "run")
    assert "decision.png" in result.out
    assert plotted(cli, "run") == {*RECORDED, "decision", "confusion", "ranking"}


def test_a_run_whose_data_is_gone_shows_what_it_recorded(cli: Command, place: Path) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((40, 2))
    np.savez(place / "numbers.npz", x=x, y=x.sum(axis=1, keepdims=True))
    (place / "numbers.yaml").write_text(NUMBERS)
    cli.good("train", "numbers.yaml", "--run-dir", "run")
    (place / "numbers.npz").unlink()
    result = cli.good("plot", "run", "--format", "json")
    (note,) = result.document["notes"]
    assert note.startswith("plots that need the data are left out: ")
    assert {Path(path).stem for path in result.document["plots"]} == {
        "loss", "learning-rate", "weight-norms",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["nowhere", "tiny.yaml"])
def test_what_is_no_run_is_refused(cli: Command, place: Path, path: str) -> None:
    before = files_of(place)
    result = cli("plot", path)
    assert result.code == 4
    assert "GN513" in result.err
    assert files_of(place) == before


def test_metrics_by_epoch() -> None:
    from graphnet.api.run_plots import metrics_by_epoch

    records: list[dict[str, Any]] = [
        {"epoch": 1, "loss": 0.5, "validation": {"loss": 0.6, "confusion": [[1]], "accuracy": 1}},
        {"epoch": 2, "loss": 0.4, "validation": {"loss": None, "accuracy": 0.5}},
    ]
    assert metrics_by_epoch(records) == {
        "loss": {"train": [(1, 0.5), (2, 0.4)], "validation": [(1, 0.6)]},
        "accuracy": {"validation": [(1, 1.0), (2, 0.5)]},
    }
