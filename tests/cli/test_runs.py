"""`graphnet runs` and `graphnet diff`: what runs came to, and what differs between two of them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from commands import TINY, Command
from rich.console import Console

from graphnet.cli.console import Voice
from graphnet.cli.options import Output
from graphnet.cli.runs_command import say_runs
from graphnet.training import list_runs
from graphnet.training.run_lock import RunLock

VALIDATED = TINY.replace("  test:", "  validation: {fraction: 0.25}\n  test:")


@pytest.fixture
def three(cli: Command, place: Path) -> Path:
    """Return a folder of three runs of two specs, the second of them the worst."""
    (place / "other.yaml").write_text(VALIDATED.replace("name: tiny", "name: other"))
    words = ("--no-plots", "-q")
    cli.good("train", "tiny.yaml", *words)
    cli.good("train", "tiny.yaml", "--set", "optimizer.lr=1e-9", "--epochs", 2, *words)
    cli.good("train", "other.yaml", *words)
    return place / "runs"


def names(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [Path(row["run"]).relative_to("runs").as_posix() for row in document["runs"]]


def test_runs_are_listed_with_their_numbers(cli: Command, three: Path) -> None:
    result = cli.good("runs")
    assert [line.split("|")[1].strip() for line in result.out.splitlines() if "runs/" in line] == [
        "runs/other/0001", "runs/tiny/0001", "runs/tiny/0002",
    ]  # fmt: skip
    assert "next: graphnet evaluate runs/other/0001" in result.err
    document = cli.good("runs", "tiny", "--format", "json").document
    summary = json.loads((three / "tiny/0001/summary.json").read_text())
    row = document["runs"][0]
    assert row["train.loss"] == summary["loss"]["train"]
    assert row["test.accuracy"] == summary["metrics"]["test"]["accuracy"]
    assert (row["status"], row["epochs"], row["updates"]) == ("finished", 4, 20)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sort", "train.loss", "--reverse"], ["tiny/0002", "other/0001", "tiny/0001"]),
        (["--sort", "validation.loss"], ["other/0001", "tiny/0001", "tiny/0002"]),
        (["--where", "epochs<4"], ["tiny/0002"]),
        (["--where", "name=tiny", "--where", "epochs>=4"], ["tiny/0001"]),
        (["--where", "status!=finished"], []),
        (["--where", "validation.loss<9"], ["other/0001"]),
        (["--limit", "1"], ["other/0001"]),
        (["--reverse", "--limit", "1"], ["tiny/0002"]),
    ],
)
def test_sorting_and_filtering(
    cli: Command, three: Path, words: list[str], expected: list[str]
) -> None:
    found = names(cli.good("runs", *words, "--format", "json").document)
    if "train.loss" in words:
        assert found[0] == expected[0]
        assert sorted(found) == sorted(expected)
    else:
        assert found == expected


@pytest.mark.parametrize("words", [["--where", "x"], ["--where", "lossy<1"], ["--sort", "epoch"]])
def test_what_no_run_has_is_refused(cli: Command, three: Path, words: list[str]) -> None:
    result = cli("runs", *words)
    assert result.code == 2
    assert "error[GN763]" in result.err


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (200, []),
        (80, ["updates", "seconds", "when"]),
        (45, ["epochs", "updates", "seconds", "validation.loss", "when"]),
    ],
)
def test_a_narrow_terminal_loses_columns_and_breaks_no_word(
    three: Path, width: int, left_out: list[str]
) -> None:
    voice, shown = Voice(Output()), io.StringIO()
    voice.out = Console(file=shown, width=width, force_terminal=True, color_system=None)
    say_runs(voice, list_runs(Path("runs")))
    text = [line for line in shown.getvalue().splitlines() if "---" not in line]
    heads, *lines = [line.replace("|", " ").split() for line in text]
    every = [
        "run",
        "status",
        "epochs",
        "updates",
        "seconds",
        "train.loss",
        "validation.loss",
        "when",
    ]
    assert [name for name in every if name not in heads] == left_out
    assert [line[:2] for line in lines] == [
        [f"runs/{name}", "finished"] for name in ("other/0001", "tiny/0001", "tiny/0002")
    ]
    assert all(len(line) <= width for line in shown.getvalue().splitlines())


def test_a_path_is_whole_however_narrow_the_terminal(three: Path) -> None:
    voice, shown = Voice(Output()), io.StringIO()
    voice.out = Console(file=shown, width=12, force_terminal=True, color_system=None)
    say_runs(voice, list_runs(Path("runs")))
    assert " runs/other/0001" in shown.getvalue()


def test_no_runs(cli: Command) -> None:
    result = cli.good("runs")
    assert result.out == ""
    assert "no runs in runs" in result.err


def test_runs_that_go_on_or_were_killed(three: Path) -> None:
    directory = three / "tiny/0001"
    (directory / "summary.json").unlink()
    rows = {row["run"]: row for row in list_runs(three)}
    last = json.loads((directory / "metrics.jsonl").read_text().splitlines()[-1])
    assert rows[str(directory)]["status"] == "killed"
    assert rows[str(directory)]["train.loss"] == last["loss"]
    before = (directory / "lock").read_bytes()
    lock = RunLock(directory)
    lock.acquire()
    assert list_runs(three, "tiny")[0]["status"] == "running"
    lock.release()
    assert list_runs(three, "tiny")[0]["status"] == "killed"
    assert before.partition(b"pid")[0] == (directory / "lock").read_bytes().partition(b"pid")[0]


def test_diff_shows_settings_and_what_follows(cli: Command, place: Path) -> None:
    (place / "wide.yaml").write_text(
        TINY.replace("out_features: 3}", "out_features: 5}").replace("tanh1", "squash")
    )
    document = cli.good("diff", "tiny.yaml", "wide.yaml", "--format", "json").document
    rows = {row["name"]: (row["a"], row["b"]) for row in document["settings"]}
    assert rows["layers.linear1.out_features"] == (3, 5)
    assert rows["layers.tanh1"][0]["type"] == "Tanh"
    assert rows["layers.tanh1"][1] is None
    assert "optimizer.lr" not in rows
    totals = {row["name"]: (row["a"], row["b"]) for row in document["totals"]}
    # 2 n + n numbers into the hidden layer of n, n + 1 out of it.
    assert totals["parameters"] == (13, 21)
    assert {row["name"]: row["b"] for row in document["layers"]}["linear1"] == "Linear [N, 5]"
    assert document["weights"] == {
        "load": ["linear2.bias"],
        "other_shape": ["linear1.weight", "linear1.bias", "linear2.weight"],
        "only_a": [],
        "only_b": [],
    }


def test_diff_of_runs_and_programs(cli: Command, three: Path) -> None:
    deep = TINY.replace("tanh1: Tanh", "tanh1: {type: ELU, alpha: 0.5}").replace("AdamW", "SGD")
    (three.parent / "deep.yaml").write_text(deep)
    whole = cli.good("diff", "tiny.yaml", "deep.yaml").out
    assert [line.split() for line in whole.splitlines() if "layers.tanh1 " in line] == [
        ["|", "layers.tanh1", "|", "Tanh", "|", "ELU(alpha=0.5)", "|"]
    ]
    assert "| AdamW(lr=0.05)" in " ".join(whole.split())
    said = cli.good("diff", "runs/tiny/0001", "runs/tiny/0002").out
    assert [line for line in said.splitlines() if "optimizer.lr" in line]
    summaries = [
        json.loads((three.parent / f"runs/tiny/{number}/summary.json").read_text())
        for number in ("0001", "0002")
    ]
    shown = [line.split("|")[2:4] for line in said.splitlines() if "run, train loss" in line]
    assert [[cell.strip() for cell in row] for row in shown] == [
        [f"{summary['loss']['train']:.6g}" for summary in summaries]
    ]
    assert "4 of the 4 arrays of B load from A" in said
    cli.good("compile", "tiny.yaml")
    same = cli.good("diff", "tiny.yaml", "compiled/tiny.json").out
    assert "no setting differs" in same


def test_diff_says_what_is_wrong_with_a_side(cli: Command) -> None:
    assert cli("diff", "tiny.yaml", "nothing.yaml").code == 4


def test_a_run_that_was_put_elsewhere_is_listed_by_its_spec(cli: Command, three: Path) -> None:
    cli.good("train", "tiny.yaml", "--run-dir", "runs/k", "--no-plots", "-q")
    assert names(cli.good("runs", "tiny", "--format", "json").document) == [
        "k", "tiny/0001", "tiny/0002",
    ]  # fmt: skip
    (three / "k/summary.json").unlink()
    assert "k" in names(cli.good("runs", "tiny", "--format", "json").document)
    assert "k" not in names(cli.good("runs", "other", "--format", "json").document)


def test_diff_names_only_the_metrics_that_differ(cli: Command, place: Path) -> None:
    (place / "more.yaml").write_text(TINY.replace("[accuracy,", "[accuracy, recall,"))
    result = cli.good("diff", "tiny.yaml", "more.yaml")
    (row,) = [line for line in result.out.splitlines() if "metrics" in line]
    assert row.replace("|", " ").split() == ["metrics.recall", "-", "recall"]
    assert result.err.splitlines()[-1] == "next: graphnet train more.yaml"
    (place / "turned.yaml").write_text(
        TINY.replace("[accuracy, confusion]", "[confusion, accuracy]")
    )
    document = cli.good("diff", "tiny.yaml", "turned.yaml", "--format", "json").document
    assert [row["name"] for row in document["settings"]] == ["metrics"]
