"""`graphnet sweep` in the terminal."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from commands import LONG, Command, process, start

WORDS = ("sweep", "tiny.yaml", "--grid", "optimizer.lr=0.05,1e-9", "--sweep-dir", "s", "--no-plots")


@pytest.mark.slow
def test_a_sweep_ends_with_a_table_and_the_best(cli: Command, place: Path) -> None:
    result = process(*WORDS)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    first = next(line for line in lines if line.startswith("|") and "finished" in line)
    assert first.split("|")[1:3] == ["     0 ", "         0.05 "]
    assert any(line.startswith("best   trial 0: optimizer.lr=0.05; train.loss ") for line in lines)
    assert "next: graphnet evaluate s/trials/0000" in result.err
    assert "[2/2] trial" in result.err
    assert cli.good("evaluate", "s/trials/0000", "-q").code == 0
    again = cli(*WORDS, "--format", "json")
    assert again.document["best"]["index"] == 0
    assert [row["status"] for row in again.document["trials"]] == ["finished"] * 2
    assert again.document["trials"][0]["value"] < again.document["trials"][1]["value"]


@pytest.mark.slow
def test_where_every_trial_fails_the_sweep_has_failed(cli: Command) -> None:
    words = ("--set", "loss=MSELoss", "--set", "metrics=[]", "--set", "optimizer.type=SGD")
    result = cli("sweep", "tiny.yaml", "--grid", "optimizer.lr=1e300", *words, "--no-plots")
    assert result.code == 1
    assert "warning: no trial has a train.loss" in result.err
    assert "error[GN60" in result.err


@pytest.mark.slow
def test_an_interrupted_sweep_goes_on(cli: Command, place: Path) -> None:
    number = signal.SIGINT
    (place / "long.yaml").write_text(LONG)
    words = ("sweep", "long.yaml", "--grid", "seed=1,2", "--sweep-dir", "s", "--no-plots")
    running = start(*words)
    while not (place / "s/trials/0000/program.json").exists():
        time.sleep(0.02)
        assert running.poll() is None
    time.sleep(0.5)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 128 + number, err
    assert b"go on by the same command with --sweep-dir s" in err
    summary = json.loads((place / "s/trials/0000/summary.json").read_text())
    assert summary["status"] == "interrupted"
    assert not list((place / "s/trials").glob("*.json"))
    trained = summary["updates"]
    (place / "long.yaml").write_text(LONG)
    epochs = summary["epochs"] + 2
    short = cli(*words, "--set", f"training.epochs={epochs}")
    assert short.code == 4, "--set makes it another sweep"
    sweep = place / "s/sweep.json"
    sweep.write_text(
        sweep.read_text().replace(
            '"overrides": {}', f'"overrides": {{"training.epochs": "{epochs}"}}'
        )
    )
    done = cli(*words, "--set", f"training.epochs={epochs}", "--format", "json")
    assert done.code == 0, done.err
    first = next(row for row in done.document["trials"] if row["index"] == 0)
    assert first["summary"]["updates"] == epochs * 5 > trained
    assert b"Traceback" not in out + err


def test_a_wrong_setting_is_pointed_at(cli: Command) -> None:
    result = cli("sweep", "tiny.yaml", "--grid", "optimizer.lrr=1,2")
    assert result.code == 1
    assert "--> --set optimizer.lrr=1" in result.err


@pytest.mark.parametrize(
    ("words", "code"),
    [([], "GN760"), (["--random", "optimizer.lr=1:2"], "GN761"),
     (["--grid", "seed=1", "--metric", "x"], "GN762")],
)  # fmt: skip
def test_misuse(cli: Command, words: list[str], code: str) -> None:
    result = cli("sweep", "tiny.yaml", *words)
    assert result.code == 2
    assert f"error[{code}]" in result.err
