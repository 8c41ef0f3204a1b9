"""`graphnet bench`: figures with the right units; no times are judged here."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import TINY, Command

QUICK = ("--seconds", "0.001")


def test_a_step_is_timed(cli: Command) -> None:
    found = cli.good("bench", "tiny.yaml", *QUICK, "--format", "json").document
    side = found["graphnet"]
    assert side["samples_per_second"] == pytest.approx(8 / side["seconds"])
    assert found["batch"] == 8
    assert "torch" not in found
    compiled = cli.good("compile", "tiny.yaml", "--dry-run", "--format", "json").document
    assert found["memory_bytes"] == compiled["memory_bytes"]
    said = cli.good("bench", "tiny.yaml", *QUICK, "--batch-size", 3)
    assert "batch 3, 1 thread; graphnet allocates" in said.out
    assert "next: graphnet inspect tiny.yaml --profile" in said.err


def test_what_does_not_train_has_no_step(cli: Command, place: Path) -> None:
    (place / "blind.yaml").write_text(
        TINY[: TINY.index("loss:")].replace("targets:\n  label: {shape: [1]}\n", "")
    )
    result = cli("bench", "blind.yaml")
    assert result.code == 2
    assert "error[GN710]" in result.err


@pytest.mark.oracle
def test_beside_pytorch_the_first_losses_agree(cli: Command) -> None:
    pytest.importorskip("torch")
    found = cli.good(
        "bench", "tiny.yaml", "--against", "torch", *QUICK, "--format", "json"
    ).document
    assert found["loss_difference"] < 1e-6
    assert found["ratio"] == pytest.approx(found["graphnet"]["seconds"] / found["torch"]["seconds"])
    assert "both sides compute the same first loss" in cli.good(
        "bench", "tiny.yaml", "--against", "torch", *QUICK
    ).out  # fmt: skip


@pytest.mark.oracle
def test_what_has_no_twin_is_refused_by_name(cli: Command, place: Path) -> None:
    pytest.importorskip("torch")
    text = TINY.replace("AdamW", "MytorchAdamW").replace("tanh1: Tanh", "tanh1: RMSNorm")
    (place / "odd.yaml").write_text(text)
    result = cli("bench", "odd.yaml", "--against", "torch")
    assert result.code == 2
    assert "error[GN770]" in result.err
    assert "without one: layer tanh1 (RMSNorm), optimizer MytorchAdamW" in result.err
