"""The two published runs on the seed problem's data, digit for digit, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import ROOT, Command, process

SEED = ROOT.parent / "shared/data/seed"

pytestmark = pytest.mark.skipif(
    not SEED.is_dir(), reason="the seed problem's data is not beside the project (shared/data/seed)"
)

RUNS = {
    "mytorch": (568, 142, "stopped", 0.28847184152795263, 1e-12),
    "mlp-torch": (800, 200, "finished", 0.28874489665031433, 2e-6),
}
"""Per spec: updates, epochs, how it ended, loss of the last batch, and how near it must come."""


def assert_published(name: str, summary: dict[str, Any]) -> None:
    updates, epochs, status, last_batch, tolerance = RUNS[name]
    assert (summary["updates"], summary["epochs"], summary["status"]) == (updates, epochs, status)
    assert summary["loss"]["last_batch"] == pytest.approx(last_batch, rel=0, abs=tolerance)
    train, test = summary["metrics"]["train"], summary["metrics"]["test"]
    assert train["precision"] == train["recall"] == 79 / 84
    assert train["accuracy"] == 165 / 175
    assert test == {"accuracy": 1.0, "precision": 1.0, "recall": 1.0}


@pytest.mark.parametrize("name", RUNS)
def test_published_run(cli: Command, place: Path, name: str) -> None:
    spec = ROOT / f"specs/{name}.yaml"
    result = cli.good("train", spec, "--run-dir", "r", "--no-plots", "--format", "json")
    assert_published(name, result.document)
    assert json.loads((place / "r/summary.json").read_text()) == result.document
    judged = cli.good("evaluate", "r", "--format", "json").document
    assert judged["metrics"] == result.document["metrics"]


@pytest.mark.parametrize("name", RUNS)
def test_published_run_of_the_compiled_program(cli: Command, name: str) -> None:
    cli.good("compile", ROOT / f"specs/{name}.yaml")
    assert_published(name, cli.good("train", "--no-plots", "--format", "json").document)


def test_published_run_in_a_process_of_its_own() -> None:
    spec = ROOT / "specs/mytorch.yaml"
    result = process("train", spec, "--no-plots", "--format", "json", flags=("-W", "error"))
    assert result.code == 0, result.err
    assert_published("mytorch", result.document)


def test_published_run_interrupted_and_resumed(cli: Command) -> None:
    """In two parts it is the same run: 100 epochs, then the rest."""
    spec = ROOT / "specs/mytorch.yaml"
    cli.good("train", spec, "--epochs", 100, "--run-dir", "r", "--no-plots", "-q")
    more = ["--resume", "--run-dir", "r", "--epochs", 200, "--no-plots", "--format", "json"]
    assert_published("mytorch", cli.good("train", *more).document)
