"""Trainings that overflow: they stop with a code of their own, and say where it began."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import TINY, Command, files_of
from resuming import rich_spec, without_waiting

from graphnet.api import train
from graphnet.errors import NumericError
from graphnet.training import Observer, load_checkpoint, save_checkpoint

DEEP = TINY.replace(
    "  linear2: {type: Linear, out_features: 1}\n",
    "  relu1: ReLU\n"
    "  wide: {type: Linear, out_features: 4, init: {weight: {type: constant, val: 1e30}}}\n"
    "  linear2: {type: Linear, out_features: 1, init: {weight: {type: constant, val: 1e30}}}\n",
).replace("loss: BCEWithLogitsLoss\nmetrics: [accuracy, confusion]\n", "loss: MSELoss\n")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    without_waiting(monkeypatch)
    monkeypatch.setattr("graphnet.api.offer.plot_run", lambda run: [])
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", ["1e30", "1e38", "1e300"])
@pytest.mark.parametrize("optimizer", ["SGD", "AdamW"])
@pytest.mark.parametrize("loss", ["MSELoss", "BCEWithLogitsLoss"])
def test_absurd_learning_rate(
    cli: Command, place: Path, dtype: str, rate: str, optimizer: str, loss: str
) -> None:
    """Whatever becomes of the weights, the run is over soon, and says what became of it."""
    settings = {"dtype": dtype, "optimizer": f"{{type: {optimizer}, lr: {rate}}}", "loss": loss}
    words = [word for item in settings.items() for word in ("--set", "=".join(item))]
    words += ["--set", "metrics=[]", "--epochs", "60"]
    result = cli("train", "tiny.yaml", *words, "--run-dir", "r", "--no-plots")
    summary = json.loads((place / "r/summary.json").read_text())
    # Plain steps of this loss end once its sigmoid saturates, however large the weights are.
    ends = optimizer == "SGD" and loss != "MSELoss" and (dtype == "float64" or rate == "1e30")
    assert (result.code, summary["status"]) == ((0, "finished") if ends else (3, "failed"))
    if result.code == 3:
        assert result.err.count("error[GN60") == 1
        assert summary["metrics"] == {}
        assert summary["loss"]["train"] is None
    for path in (place / "r/checkpoints").glob("*.safetensors"):
        for array in load_checkpoint(path).tensors.values():
            assert np.isfinite(array).all()


def test_failure_in_the_terminal(cli: Command, place: Path) -> None:
    words = ["--set", "optimizer.lr=1e30", "--set", "loss=MSELoss", "--set", "metrics=[]"]
    result = cli("train", "tiny.yaml", *words, "--run-dir", "r", "--no-plots")
    assert (result.code, result.out) == (3, "")
    assert "error[GN60" in result.err
    assert "help: lower the learning rate (--set optimizer.lr=...), or scale the inputs" in (
        result.err
    )
    assert "note: it failed before the first checkpoint" in result.err
    assert "next:" not in result.err
    assert not list((place / "r/plots").iterdir())


def test_failure_in_json_is_one_document(cli: Command, place: Path) -> None:
    words = ["--set", "optimizer.lr=1e30", "--set", "loss=MSELoss", "--set", "metrics=[]"]
    result = cli("train", "tiny.yaml", *words, "--run-dir", "r", "--format", "json")
    assert result.code == 3
    assert result.document == json.loads((place / "r/summary.json").read_text())
    assert (result.document["status"], result.document["checkpoint"]) == ("failed", None)


def test_first_layer_to_blame_is_named(cli: Command, place: Path) -> None:
    """1e30 survives one layer and not the next: the layer where it overflows is told."""
    (place / "deep.yaml").write_text(DEEP)
    result = cli("train", "deep.yaml", "--run-dir", "r", "--no-plots")
    assert result.code == 3
    expected = "the loss became non-finite in update 1 (epoch 1, batch 1): layer 'linear2' gave it"
    assert expected in result.err


class Blow(Observer):
    """Lets a run go on well for some epochs, then spoils a weight."""

    def __init__(self, epoch: int, name: str, value: float) -> None:
        self._epoch, self._name, self._value = epoch, name, value
        self._run: Any = None

    def started(self, run: Any) -> None:
        self._run = run

    def epoch(self, record: Any) -> None:
        if record["epoch"] == self._epoch:
            self._run.executable.parameters[self._name][...] = self._value


def spec(**training: Any) -> dict[str, Any]:
    return rich_spec("float32", checkpoint={"seconds": 0}, early_stopping=None, **training)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_last_good_checkpoint_stays(place: Path, value: float) -> None:
    """What is spoiled is never saved over what was good; the run can go on from there."""
    with pytest.raises(NumericError) as caught:
        train(spec(), run_dir="r", observer=Blow(4, "linear2.weight", value))
    assert caught.value.code == "GN602"
    assert "after update 20 (epoch 4) the parameter 'linear2.weight' is no longer finite" in str(
        caught.value
    )
    summary = json.loads((place / "r/summary.json").read_text())
    assert (summary["status"], summary["updates"]) == ("failed", 20)
    assert summary["checkpoint"] == "r/checkpoints/step-0000000015.safetensors"
    assert load_checkpoint(place / summary["checkpoint"]).updates == 15
    done = train(spec(), run_dir="r", resume=True)
    assert done.plain["status"] == "finished"
    assert done.plain["loss"] == train(spec(), run_dir="whole").plain["loss"]


def test_last_good_checkpoint_is_named(cli: Command, place: Path) -> None:
    """A run that went well at first, from a rate that is raised within it."""
    rising = TINY.replace(
        "data:", "scheduler: {type: StepLR, step_size: 3, gamma: 1e30}\ndata:"
    ).replace("batch_size: 8", "batch_size: 8, checkpoint: {seconds: 0}")
    (place / "rising.yaml").write_text(rising.replace("epochs: 4", "epochs: 40"))
    result = cli("train", "rising.yaml", "--run-dir", "r", "--no-plots")
    assert result.code == 3
    name = json.loads((place / "r/summary.json").read_text())["checkpoint"]
    assert f"note: the last good checkpoint is {name}\n" in result.err
    assert max(p.name for p in (place / "r/checkpoints").glob("step-*")) == Path(name).name
    cli.good("evaluate", "r", "-q")


def test_weights_spoiled_by_the_very_last_update(place: Path) -> None:
    """No loss shows it any more, but it is not what a finished run may end with."""
    with pytest.raises(NumericError) as caught:
        train(spec(epochs=3), run_dir="r", observer=Blow(3, "linear1.bias", float("inf")))
    assert caught.value.code == "GN602"
    assert json.loads((place / "r/summary.json").read_text())["status"] == "failed"
    assert (place / "r/checkpoints/step-0000000010.safetensors").is_file()


def test_validation_that_overflows_is_never_best(place: Path) -> None:
    """Training may survive what validation does not; such an epoch does not become the best."""

    class Spoil(Observer):
        def started(self, run: Any) -> None:
            run.parts.validation.targets["label"][0] = np.nan

    early = {"metric": "loss", "patience": 3, "restore_best": True}
    summary = train(rich_spec("float32", early_stopping=early), run_dir="r", observer=Spoil()).plain
    assert (summary["status"], summary["epochs"], summary["best_epoch"]) == ("stopped", 3, 0)
    lines = [json.loads(line) for line in (place / "r/metrics.jsonl").read_text().splitlines()]
    assert [line["validation"]["loss"] for line in lines] == [None] * 3
    assert summary["checkpoint"].endswith("step-0000000015.safetensors")


def test_own_warnings_as_errors_change_nothing(place: Path) -> None:
    """A caller may have NumPy raise on overflow; a run overflows by its own rules."""
    with np.errstate(all="raise"):
        done = train(spec(), run_dir="strict")
        with pytest.raises(NumericError):
            train(spec(), run_dir="fails", observer=Blow(4, "linear2.weight", float("nan")))
    assert done.plain["loss"] == train(spec(), run_dir="usual").plain["loss"]


def test_failure_of_a_resumed_run_keeps_what_was_there(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "r", "--no-plots", "-q")
    before = files_of(place / "r/checkpoints")
    path = place / "r/checkpoints/step-0000000020.safetensors"
    checkpoint = load_checkpoint(path)
    checkpoint.tensors["parameter/linear1.weight"][0, 0] = 3e38
    checkpoint.tensors["parameter/linear2.weight"][...] = 3e38
    save_checkpoint(path, checkpoint)
    result = cli("train", "--run-dir", "r", "--resume", "--epochs", 9)
    assert result.code == 3
    assert "the last good checkpoint is r/checkpoints/step-0000000020.safetensors" in result.err
    assert set(files_of(place / "r/checkpoints")) == set(before)


def test_the_line_the_ranges_and_the_samples_are_told(cli: Command, place: Path) -> None:
    """Points 3 and 9 are so far out that the product of the second layer overflows, and only there."""
    rows = [f"{index / 10},{0.5},1" for index in range(12)]
    rows[3] = rows[9] = "1e20,1e20,1"
    (place / "far.csv").write_text("a,b,label\n" + "\n".join(rows) + "\n")
    text = DEEP.replace("val: 1e30", "val: 1e10").replace("  tanh1: Tanh\n", "  tanh1: Identity\n")
    head = text[: text.index("data:")]
    (place / "far.yaml").write_text(
        head.replace(
            "out_features: 3}", "out_features: 3, init: {weight: {type: constant, val: 1.0}}}"
        )
        + "data: {train: {path: far.csv, inputs: {point: [a, b]}, targets: {label: label}}}\n"
        + "training: {epochs: 1, batch_size: 12}\n"
    )
    result = cli("train", "far.yaml", "--run-dir", "r", "--no-plots")
    assert result.code == 3
    assert "layer 'linear2' gave it first" in result.err
    assert "--> far.yaml:14:19" in result.err
    assert "14 |   linear2: {type: Linear" in result.err
    assert "note: instruction matmul of linear2, writing linear2/matmul" in result.err
    assert "it read wide from" in result.err
    assert "2 of 12 samples: 3, 9 of the training set" in result.err


@pytest.mark.parametrize("saving", [0, 1e9])
def test_the_update_that_spoiled_a_weight_is_replayed(saving: float, place: Path) -> None:
    """The rate rises beyond all numbers in epoch 4: its first update is the first to leave any."""
    plain = rich_spec("float32", checkpoint={"seconds": saving}, early_stopping=None)
    plain["optimizer"] = {"type": "SGD", "lr": 0.01}
    plain["scheduler"] = {"type": "StepLR", "step_size": 3, "gamma": 1e42, "interval": "epoch"}
    with pytest.raises(NumericError) as caught:
        train(plain, run_dir="r")
    notes = " ".join(caught.value.notes)
    assert "the first such values came in update 16 (epoch 4), update list" in notes
    assert "instruction affine of optimizer, writing :optimizer/affine it read :lr = 1e+40" in notes
