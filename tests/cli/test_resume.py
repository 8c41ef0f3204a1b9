"""`graphnet resume`, and starting from weights on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import TINY, Command, files_of

from graphnet.training import load_checkpoint, save_checkpoint
from graphnet.training.checkpoint import Checkpoint

KEPT = TINY.replace("training: {", "training: {checkpoint: {seconds: 0, keep: 9}, ")


@pytest.fixture
def run(cli: Command, place: Path) -> Path:
    (place / "kept.yaml").write_text(KEPT)
    cli.good("train", "kept.yaml", "--run-dir", "r", "--no-plots")
    return place / "r"


def step(run: Path, number: int) -> Path:
    return run / f"checkpoints/step-{number:010}.safetensors"


def test_resume_goes_on_with_more_epochs(cli: Command, run: Path) -> None:
    assert "finished after 6 epochs, 30 updates" in cli.good("resume", run, "--epochs", 6).out
    cli.good("train", "kept.yaml", "--epochs", 6, "--run-dir", "whole", "--no-plots")
    assert_same(step(run, 30), step(Path("whole"), 30))


def assert_same(one: Path, other: Path) -> None:
    first, second = load_checkpoint(one).tensors, load_checkpoint(other).tensors
    assert {k: v.tobytes() for k, v in first.items()} == {k: v.tobytes() for k, v in second.items()}


def test_verify_replays_from_the_oldest_checkpoint_and_writes_nothing(
    cli: Command, run: Path
) -> None:
    before = files_of(run)
    result = cli.good("resume", run, "--verify")
    assert "15 updates replayed from step-0000000005.safetensors to step-0000000020" in result.out
    assert "are the same to the last bit" in result.out
    assert "next: graphnet evaluate" in result.err
    assert files_of(run) == before


def test_verify_from_the_start(cli: Command, run: Path) -> None:
    document = cli.good("resume", run, "--verify", "--from-start", "--format", "json").document
    assert (document["start"], document["updates"], document["same"]) == (None, 20, True)


def test_verify_finds_a_single_bit(cli: Command, run: Path) -> None:
    last = load_checkpoint(step(run, 20))
    array = last.tensors["parameter/linear1.weight"]
    array[1, 0] = np.nextafter(array[1, 0], np.float32(9))
    save_checkpoint(step(run, 20), Checkpoint(last.tensors, last.state))
    result = cli("resume", run, "--verify")
    assert result.code == 1
    assert "error[GN463]" in result.err
    assert "parameter/linear1.weight: 1 of 6 elements differ" in result.err
    document = cli("resume", run, "--verify", "--format", "json").document
    assert document["same"] is False


def test_verify_tells_of_other_versions(cli: Command, run: Path) -> None:
    last = load_checkpoint(step(run, 20))
    state = {**last.state, "versions": {**last.state["versions"], "numpy": "1.0"}}
    save_checkpoint(step(run, 20), Checkpoint(last.tensors, state))
    assert "trained with numpy 1.0" in cli.good("resume", run, "--verify").err


def test_verify_refuses_other_data(cli: Command, run: Path) -> None:
    last = load_checkpoint(step(run, 20))
    save_checkpoint(step(run, 20), Checkpoint(last.tensors, {**last.state, "data": "other"}))
    assert "error[GN462]" in cli("resume", run, "--verify").err


@pytest.mark.parametrize("options", [["--verify", "--epochs", "9"], ["--from-start"]])
def test_options_that_do_not_go_together(cli: Command, run: Path, options: list[str]) -> None:
    result = cli("resume", run, *options)
    assert result.code == 2
    assert "error[GN708]" in result.err


@pytest.mark.parametrize("options", [[], ["--verify"]])
def test_what_is_no_run_is_refused(cli: Command, options: list[str]) -> None:
    result = cli("resume", "tiny.yaml", *options)
    assert result.code == 4
    assert "error[GN513]" in result.err


def test_weights_are_started_from(cli: Command, run: Path, place: Path) -> None:
    result = cli.good("train", "tiny.yaml", "--weights", run, "--run-dir", "n", "--no-plots")
    assert "4 of 4 arrays" in result.err
    first = json.loads((place / "n/metrics.jsonl").read_text().splitlines()[0])
    last = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert first["loss"] < last["loss"] * 1.05


def test_a_compiled_program_starts_from_weights_too(cli: Command, run: Path) -> None:
    cli.good("compile", "tiny.yaml")
    result = cli.good("train", "--weights", run, "--run-dir", "n", "--no-plots")
    assert "4 of 4 arrays" in result.err


def test_weights_that_are_not_there(cli: Command, place: Path) -> None:
    result = cli("train", "tiny.yaml", "--weights", "nothing", "--run-dir", "n")
    assert result.code == 4
    assert "nothing" in result.err
