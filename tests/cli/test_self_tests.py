"""`graphnet check --overfit` and `graphnet lr-find` in the terminal; logs of `train`."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import TINY, Command

from graphnet.training.records import read_records


def test_overfit(cli: Command, place: Path) -> None:
    result = cli.good("check", "tiny.yaml", "--overfit")
    assert "tiny.yaml: learns 8 samples by heart" in result.out
    broken = TINY.replace("  linear2:", "  zero: {type: Mul, inputs: [tanh1, nil]}\n  linear2:")
    broken = broken.replace("  tanh1: Tanh\n", "  tanh1: Tanh\n  nil: {type: Linear, out_features: 3, "
                            "trainable: false, init: {weight: zeros, bias: zeros}}\n")  # fmt: skip
    (place / "broken.yaml").write_text(broken)
    failed = cli("check", "broken.yaml", "--overfit", "--format", "json")
    assert failed.code == 1
    assert failed.document["specs"][0]["overfit"]["ok"] is False
    assert failed.document["specs"][0]["ok"] is False


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.001, "penalty.yaml: learns 8 samples by heart: all are told right, loss "),
        (0.004, "penalty.yaml: tells 8 samples apart, and the loss stopped falling, loss "),
    ],
)
def test_overfit_where_the_loss_has_a_minimum_above_0(
    cli: Command, place: Path, factor: float, said: str
) -> None:
    penalty = f"regularizers: [{{type: L2, match: '*', factor: {factor}}}]\nloss:"
    (place / "penalty.yaml").write_text(TINY.replace("loss:", penalty))
    result = cli.good("check", "penalty.yaml", "--overfit")
    assert said in result.out
    assert ("as low as this loss goes, or training got stuck" in result.err) == ("stopped" in said)


def test_lr_find(cli: Command) -> None:
    result = cli.good("lr-find", "tiny.yaml", "--low", "1e-5")
    assert "suggested learning rate" in result.out
    assert "next: graphnet train tiny.yaml --set optimizer.lr=" in result.err
    document = cli.good("lr-find", "tiny.yaml", "--format", "json", "--updates", 30).document
    assert len(document["rates"]) == len(document["losses"]) <= 30
    assert cli("lr-find", "tiny.yaml", "--low", "1", "--high", "0.1").code == 2


def test_a_loss_that_cannot_fall_ends_with_1(cli: Command) -> None:
    words = ("--low", "1e-30", "--high", "1e-29", "--set", "training.batch_size=40")
    result = cli("lr-find", "tiny.yaml", *words)
    assert result.code == 1
    assert "the loss never fell" in result.out
    assert cli("lr-find", "tiny.yaml", *words, "--format", "json").document["suggestion"] is None


def test_tensorboard(cli: Command, place: Path) -> None:
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    words = ("--tensorboard", "--no-plots", "--set", "data.validation={fraction: 0.25}")
    cli.good("train", "tiny.yaml", "--run-dir", "r", *words)
    (file,) = (place / "r/tensorboard").iterdir()
    told: dict[tuple[str, int], float] = {}
    for event in loader.RawEventFileLoader(str(file)).Load():
        from tensorboard.compat.proto.event_pb2 import Event

        parsed = Event.FromString(event)
        for value in parsed.summary.value:
            told[value.tag, parsed.step] = value.simple_value
    records = read_records(place / "r/metrics.jsonl")
    assert len(records) == 4
    for record in records:
        step = record["updates"]
        assert told["train/loss", step] == pytest.approx(record["loss"], rel=1e-6)
        assert told["validation/accuracy", step] == pytest.approx(record["validation"]["accuracy"])
        assert told["train/lr", step] == pytest.approx(0.05)
