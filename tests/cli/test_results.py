"""`graphnet evaluate` and `graphnet predict`: what a finished run is worth."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from commands import TINY, Command, files_of

THREE = """\
graphnet: 1
name: three
inputs: {x: {shape: [2]}}
targets: {kind: {shape: [], dtype: int64, classes: 3}}
layers:
  linear1: {type: Linear, out_features: 3}
loss: CrossEntropyLoss
metrics: [accuracy, confusion]
optimizer: SGD
data: {train: {path: in.csv, inputs: {x: [a, b]}, targets: {kind: kind}}}
training: {epochs: 1, batch_size: 4}
"""
ROWS = "a,b,kind\n" + "".join(f"{i - 4},{i * i % 7},{i % 3}\n" for i in range(9))


@pytest.fixture
def three(cli: Command, place: Path) -> Path:
    """Return the directory of a run with three classes, its data in `in.csv`."""
    (place / "three.yaml").write_text(THREE)
    (place / "in.csv").write_text(ROWS)
    cli.good("train", "three.yaml", "--run-dir", "three", "--no-plots")
    return place / "three"


def weights(run: Path) -> dict[str, np.ndarray]:
    from graphnet.training import load_checkpoint

    (path,) = (run / "checkpoints").glob("step-*.safetensors")
    tensors = load_checkpoint(path).tensors
    return {name: array.astype(np.float64) for name, array in tensors.items()}


def test_evaluate_repeats_the_summary(cli: Command, trained: Path) -> None:
    summary = json.loads((trained / "summary.json").read_text())
    document = cli.good("evaluate", trained, "--format", "json").document
    assert set(document) == {"name", "checkpoint", "loss", "metrics"}
    assert document["name"] == "tiny"
    assert document["metrics"] == summary["metrics"]
    assert document["loss"] == {key: summary["loss"][key] for key in ("train", "test")}
    assert Path(document["checkpoint"]) == trained / "checkpoints/step-0000000020.safetensors"


def test_evaluate_a_checkpoint(cli: Command, trained: Path) -> None:
    path = trained / "checkpoints/step-0000000020.safetensors"
    run = cli.good("evaluate", trained, "--format", "json").document
    assert cli.good("evaluate", path, "--format", "json").document == run


@pytest.mark.parametrize("part", ["train", "test"])
def test_evaluate_one_part(cli: Command, trained: Path, part: str) -> None:
    document = cli.good("evaluate", trained, "--data", part, "--format", "json").document
    assert list(document["loss"]) == [part]


def test_evaluate_a_part_that_is_not_there(cli: Command, trained: Path) -> None:
    result = cli("evaluate", trained, "--data", "validation")
    assert result.code == 2
    assert "error[GN720]: the spec of this run has no validation set" in result.err
    assert "it has train, test" in result.err


def test_evaluate_a_file(cli: Command, three: Path, place: Path) -> None:
    """Its mean loss is that of its rows, each worked out here."""
    (place / "other.csv").write_text(ROWS.replace("-4,0,0\n", ""))
    document = cli.good("evaluate", three, "--data", "other.csv", "--format", "json").document
    rows = np.loadtxt(io.StringIO(ROWS), delimiter=",", skiprows=1)[1:]
    found = weights(three)
    logits = rows[:, :2] @ found["parameter/linear1.weight"].T + found["parameter/linear1.bias"]
    kinds = rows[:, 2].astype(int)
    chosen = logits[np.arange(8), kinds]
    losses = np.log(np.exp(logits).sum(1)) - chosen
    assert document["loss"]["other.csv"] == pytest.approx(losses.mean(), rel=1e-6)
    accuracy = (logits.argmax(1) == kinds).mean()
    assert document["metrics"]["other.csv"]["accuracy"] == pytest.approx(accuracy)


def test_evaluate_shows_tables_and_the_next_step(cli: Command, trained: Path) -> None:
    result = cli.good("evaluate", "done")
    assert result.out.startswith("tiny from done/checkpoints/step-0000000020.safetensors\n")
    assert "accuracy" in result.out
    assert "confusion, train" in result.out
    assert result.err == "next: graphnet predict done --input FILE\n"


@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("nowhere", "it does not exist"),
        (".", "it is not a run"),
        ("notes.txt", "it is not a checkpoint"),
        ("x.safetensors", "there is no program.json two folders above it"),
    ],
)
def test_what_is_no_run(cli: Command, place: Path, command: str, path: str, why: str) -> None:
    (place / "x.safetensors").write_bytes(b"")
    (place / "notes.txt").write_text("no run\n")
    before = files_of(place)
    extra = ["--input", "in.csv"] if command == "predict" else []
    result = cli(command, path, *extra)
    assert result.code == 4
    assert f"error[GN513]: {path!r} is not a run or a checkpoint of one: {why}\n" in result.err
    assert files_of(place) == before


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_spec_is_no_run(cli: Command, place: Path, command: str) -> None:
    extra = ["--input", "in.csv"] if command == "predict" else []
    result = cli(command, "tiny.yaml", *extra)
    assert result.code == 4
    assert "error[GN513]: 'tiny.yaml' is a spec, not a run or a checkpoint of one\n" in result.err
    assert "= help: train it first: graphnet train tiny.yaml\n" in result.err


def test_run_without_checkpoint(cli: Command, trained: Path) -> None:
    for path in (trained / "checkpoints").iterdir():
        path.unlink()
    result = cli("evaluate", trained)
    assert result.code == 4
    assert "it has no checkpoint" in result.err


def test_run_of_another_program(cli: Command, trained: Path, place: Path) -> None:
    """A checkpoint that does not fit is refused with what differs."""
    (place / "wide.yaml").write_text(TINY.replace("out_features: 3", "out_features: 4"))
    cli.good("compile", "wide.yaml")
    (place / "compiled/tiny.json").replace(trained / "program.json")
    result = cli("evaluate", trained)
    assert result.code == 1
    assert "error[GN461]" in result.err
    assert "parameter/linear1.weight is [3, 2] float32, the network has [4, 2] float32" in (
        result.err
    )


def test_best_weights_are_what_a_stopped_run_is_worth(cli: Command, place: Path) -> None:
    """The last state is kept to go on from, the best one is judged and predicts."""
    watched = TINY.replace("  test:", "  validation: {fraction: 0.5, seed: 1}\n  test:").replace(
        "epochs: 4", "epochs: 40, early_stopping: {metric: loss, patience: 3}"
    )
    (place / "watched.yaml").write_text(watched.replace("lr: 0.05", "lr: 1.5"))
    options = ["--run-dir", "r", "--no-plots", "--format", "json"]
    summary = cli.good("train", "watched.yaml", *options).document
    assert summary["status"] == "stopped"
    assert summary["best_epoch"] == summary["epochs"] - 3
    assert summary["checkpoint"] == "r/checkpoints/best.safetensors"
    lines = [json.loads(line) for line in (place / "r/metrics.jsonl").read_text().splitlines()]
    best = lines[summary["best_epoch"] - 1]["validation"]["loss"]
    assert summary["loss"]["validation"] == best == min(x["validation"]["loss"] for x in lines)
    assert cli.good("evaluate", "r", "--format", "json").document["loss"]["validation"] == best
    last = f"r/checkpoints/step-{summary['updates']:010}.safetensors"
    judged = cli.good("evaluate", last, "--format", "json").document
    assert judged["loss"]["validation"] == lines[-1]["validation"]["loss"]


def test_predict_on_stdout(cli: Command, three: Path) -> None:
    result = cli.good("predict", three, "--input", "in.csv")
    table = list(csv.DictReader(io.StringIO(result.out)))
    shares = [f"probability.{i}" for i in range(3)]
    assert list(table[0]) == ["linear1.0", "linear1.1", "linear1.2", *shares, "class"]
    rows = np.loadtxt(io.StringIO(ROWS), delimiter=",", skiprows=1)
    found = weights(three)
    logits = rows[:, :2] @ found["parameter/linear1.weight"].T + found["parameter/linear1.bias"]
    told = np.array([[float(row[f"linear1.{i}"]) for i in range(3)] for row in table])
    np.testing.assert_allclose(told, logits, rtol=1e-5, atol=1e-6)
    assert [int(row["class"]) for row in table] == logits.argmax(1).tolist()
    powers = np.exp(logits)
    chances = np.array([[float(row[name]) for name in shares] for row in table])
    np.testing.assert_allclose(chances, powers / powers.sum(1, keepdims=True), rtol=1e-5)


def test_predict_probabilities(cli: Command, trained: Path, place: Path) -> None:
    (place / "points.csv").write_text("x,y\n0.5,0.25\n-1,1\n")
    result = cli.good("predict", trained, "--input", "points.csv")
    assert result.err == f"next: graphnet evaluate {trained}\n"
    for row in csv.DictReader(io.StringIO(result.out)):
        # The text has the fewest digits that read back to the same float32.
        logit, probability = float(np.float32(row["linear2"])), float(row["probability"])
        assert probability == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-12)
        assert row["class"] == ("1" if logit > 0 else "0")


def test_predict_with_weights_that_overflowed(cli: Command, three: Path) -> None:
    """There is nothing to say about the classes, but the outputs are written, without a warning."""
    from graphnet.training import load_checkpoint, save_checkpoint

    (path,) = (three / "checkpoints").glob("step-*.safetensors")
    checkpoint = load_checkpoint(path)
    checkpoint.tensors["parameter/linear1.bias"][...] = [np.inf, np.nan, -np.inf]
    save_checkpoint(path, checkpoint)
    result = cli.good("predict", three, "--input", "in.csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [rows[0][f"linear1.{index}"] for index in range(3)] == ["inf", "nan", "-inf"]


def test_predict_formats_agree(cli: Command, three: Path, place: Path) -> None:
    text = cli.good("predict", three, "--input", "in.csv").out
    said = cli.good("predict", three, "--input", "in.csv", "-o", "out.csv")
    assert said.out == "wrote out.csv: 9 rows, linear1, probability, class\n"
    assert (place / "out.csv").read_text() == text
    cli.good("predict", three, "--input", "in.csv", "-o", "out.npz")
    with np.load(place / "out.npz") as arrays:
        assert arrays["linear1"].dtype == np.float32
        values, classes = arrays["linear1"].tolist(), arrays["class"].tolist()
        chances = arrays["probability"].tolist()
    document = cli.good("predict", three, "--input", "in.csv", "--format", "json").document
    assert document == {"linear1": values, "probability": chances, "class": classes}
    assert [row["linear1.1"] for row in csv.DictReader(io.StringIO(text))] == [
        str(np.float32(row[1])) for row in values
    ]
    told = cli.good("predict", three, "--input", "in.csv", "-o", "o.npz", "--format", "json")
    assert told.document == {
        "file": "o.npz",
        "rows": 9,
        "outputs": ["linear1", "probability", "class"],
    }


def test_predict_needs_no_targets(cli: Command, three: Path, place: Path) -> None:
    (place / "new.csv").write_text("b,a\n1,2\n")
    assert cli.good("predict", three, "--input", "new.csv").out.count("\n") == 2


@pytest.mark.parametrize("name", ["out.txt", "out", "out.pkl"])
def test_predict_into_an_unknown_format(cli: Command, three: Path, place: Path, name: str) -> None:
    result = cli("predict", three, "--input", "in.csv", "-o", name)
    assert result.code == 2
    assert "error[GN721]" in result.err
    assert not (place / name).exists()


def test_predict_keeps_the_old_file_when_the_input_is_wrong(
    cli: Command, three: Path, place: Path
) -> None:
    (place / "out.csv").write_text("old")
    (place / "bad.csv").write_text("a,b\n1,x\n")
    result = cli("predict", three, "--input", "bad.csv", "-o", "out.csv")
    assert result.code == 1
    assert "error[GN309]" in result.err
    assert (place / "out.csv").read_text() == "old"


def test_predict_without_input(cli: Command, three: Path) -> None:
    result = cli("predict", three)
    assert result.code == 2
    assert "--input" in result.err
