"""`graphnet train`: what it reports, where it writes, what it goes on with."""

from __future__ import annotations

import json
import math
import os
import shlex
from pathlib import Path

import numpy as np
import pytest
from commands import TINY, Command, files_of, process

DOCUMENTED = {
    "name",
    "status",
    "epochs",
    "updates",
    "loss",
    "metrics",
    "parameters",
    "memory_bytes",
    "seconds",
    "spec_sha256",
    "data_sha256",
    "versions",
    "checkpoint",
}

ON_FILES = TINY.replace("{generator: moons, samples: 40, noise: 0.1, seed: 1}", "{path: in.csv}")
POINTS = "a,b,label\n" + "".join(f"{i / 10},{(i * 7) % 5},{i % 2}\n" for i in range(24))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def on_files(folder: Path) -> None:
    """Put a spec and the file its data is in into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.yaml").write_text(ON_FILES)
    (folder / "in.csv").write_text(POINTS)


def test_summary_has_the_documented_keys(cli: Command, place: Path) -> None:
    result = cli.good("train", "tiny.yaml", "--format", "json", "--run-dir", "r", "--no-plots")
    summary = result.document
    assert set(summary) == DOCUMENTED | {"best_epoch", "data"}
    assert set(summary["loss"]) == {"last_batch", "train", "validation", "test"}
    assert set(summary["metrics"]) == {"train", "test"}
    assert set(summary["versions"]) == {"graphnet", "numpy", "python"}
    assert (summary["status"], summary["epochs"], summary["updates"]) == ("finished", 4, 20)
    assert (summary["name"], summary["parameters"]) == ("tiny", 13)
    assert summary["loss"]["validation"] is None
    assert summary == json.loads((place / "r/summary.json").read_text())


def test_checkpoint_of_the_summary_exists(cli: Command, place: Path) -> None:
    arguments = ["train", "tiny.yaml", "--run-dir", "r", "--no-plots", "--format", "json"]
    checkpoint = cli.good(*arguments).document["checkpoint"]
    assert checkpoint == "r/checkpoints/step-0000000020.safetensors"
    assert (place / checkpoint).is_file()


def test_last_batch_is_printed_in_full(cli: Command) -> None:
    text = cli.good("train", "tiny.yaml", "--run-dir", "r", "--no-plots").out
    exact = json.loads(Path("r/summary.json").read_text())["loss"]["last_batch"]
    assert f"last batch's loss {exact!r}\n" in text


def test_files_of_a_run(cli: Command, place: Path) -> None:
    cli.good("train", "tiny.yaml")
    run = place / "runs/tiny/0001"
    assert names_in(run) == [
        "checkpoints",
        "lock",
        "metrics.jsonl",
        "plots",
        "program.json",
        "program.origin",
        "spec.yaml",
        "summary.json",
    ]
    assert names_in(run / "plots") == [
        "confusion.png",
        "decision.png",
        "loss.png",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (run / "plots").iterdir())


def test_shares_between_yes_and_no_get_no_confusion(cli: Command, place: Path) -> None:
    """A loss of probabilities may be given any share; that is no class to be confused with."""
    points = np.random.default_rng(0).random((20, 3))
    np.savez(place / "shares.npz", point=points[:, :2], label=points[:, 2:])
    kept = [line for line in TINY.splitlines() if not line.startswith(("  test:", "metrics:"))]
    kept = ["  train: {path: shares.npz}" if "train: {" in line else line for line in kept]
    (place / "shares.yaml").write_text("\n".join(kept) + "\n")
    cli.good("train", "shares.yaml", "--run-dir", "shared")
    assert [path.name for path in (place / "shared" / "plots").iterdir()] == ["loss.png"]
    cli.good("plot", "shared")
    assert not (place / "shared" / "plots" / "confusion.png").exists()


def test_metrics_have_a_line_per_epoch(trained: Path) -> None:
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert [line["updates"] for line in lines] == [5, 10, 15, 20]
    assert all(math.isfinite(line["loss"]) and line["lr"] == 0.05 for line in lines)
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_resolved_spec_trains_to_the_same_bits(cli: Command, place: Path) -> None:
    """Also from data files: its paths lead there from the run's directory."""
    on_files(place / "deep/er")
    cli.good("train", "deep/er/spec.yaml", "--run-dir", "a", "--no-plots")
    cli.good("train", "a/spec.yaml", "--run-dir", "b", "--no-plots")
    first, second = (json.loads((place / run / "summary.json").read_text()) for run in "ab")
    assert first["loss"] == second["loss"]
    assert first["data_sha256"] == second["data_sha256"]


def test_runs_are_numbered(cli: Command, place: Path) -> None:
    for _ in range(3):
        cli.good("train", "tiny.yaml", "--no-plots", "-q")
    assert names_in(place / "runs/tiny") == ["0001", "0002", "0003"]


def test_without_argument_the_last_compiled_program(cli: Command, place: Path) -> None:
    (place / "other.yaml").write_text(TINY.replace("name: tiny", "name: other"))
    cli.good("compile", "tiny.yaml")
    cli.good("compile", "other.yaml")
    os.utime(place / "compiled/tiny.json", ns=(1, 1))
    arguments = ["train", "--no-plots", "--format", "json"]
    assert cli.good(*arguments).document["name"] == "other"
    os.utime(place / "compiled/other.json", ns=(0, 0))
    assert cli.good(*arguments).document["name"] == "tiny"


def test_without_argument_and_program(cli: Command, place: Path) -> None:
    before = files_of(place)
    result = cli("train")
    assert result.code == 2
    assert "error[GN702]: nothing is compiled yet" in result.err
    assert "graphnet compile SPEC" in result.err
    assert files_of(place) == before


def test_program_trains_like_its_spec(cli: Command) -> None:
    cli.good("compile", "tiny.yaml")
    options = ["--no-plots", "--format", "json"]
    spec = cli.good("train", "tiny.yaml", *options).document
    program = cli.good("train", "compiled/tiny.json", *options).document
    for key in ("loss", "metrics", "updates", "spec_sha256", "data_sha256", "memory_bytes"):
        assert program[key] == spec[key]


@pytest.mark.parametrize("output", ["compiled", "else/where"])
def test_program_finds_the_data_of_its_spec(cli: Command, place: Path, output: str) -> None:
    """Paths are relative to the spec, wherever the program was written to."""
    on_files(place / "deep/er")
    cli.good("compile", "deep/er/spec.yaml", "-o", output)
    cli.good("train", f"{output}/tiny.json", "--no-plots", "-q")


def test_program_that_was_moved_away_from_the_data(cli: Command, place: Path) -> None:
    on_files(place / "deep")
    cli.good("compile", "deep/spec.yaml")
    (place / "compiled/tiny.json").rename(place / "tiny.json")
    result = cli("train", "tiny.json")
    assert result.code == 4
    assert "help: if the data is elsewhere, say where with --data-root FOLDER" in result.err
    assert not (place / "runs").exists()
    cli.good("train", "tiny.json", "--data-root", "deep", "--no-plots", "-q")


def test_epochs_in_place_of_the_specs(cli: Command) -> None:
    cli.good("compile", "tiny.yaml")
    options = ["--epochs", 2, "--no-plots", "--format", "json"]
    for source in ("tiny.yaml", "compiled/tiny.json"):
        summary = cli.good("train", source, *options).document
        assert (summary["epochs"], summary["updates"]) == (2, 10)


@pytest.mark.parametrize("wrong", ["0", "-1", "1e3", "nan", "1.5"])
def test_impossible_epochs(cli: Command, place: Path, wrong: str) -> None:
    result = cli("train", "tiny.yaml", "--epochs", wrong)
    assert result.code == 2
    assert "--epochs" in result.err
    assert not (place / "runs").exists()


def test_set_for_a_program_is_refused(cli: Command) -> None:
    cli.good("compile", "tiny.yaml")
    result = cli("train", "compiled/tiny.json", "--set", "optimizer.lr=1")
    assert result.code == 2
    assert "error[GN701]: --set changes specs, 'compiled/tiny.json' is compiled already" in (
        result.err
    )


def test_memory_limit(cli: Command, place: Path) -> None:
    result = cli("train", "tiny.yaml", "--max-memory", "1kB")
    assert result.code == 4
    assert "error[GN531]" in result.err
    assert not (place / "runs").exists()


def test_resume_needs_to_know_which(cli: Command) -> None:
    result = cli("train", "tiny.yaml", "--resume")
    assert result.code == 2
    assert "error[GN703]" in result.err
    assert "--run-dir DIR" in result.err


def test_resume_starts_where_there_is_nothing(cli: Command) -> None:
    arguments = ["train", "tiny.yaml", "--run-dir", "r", "--resume", "--no-plots"]
    summary = cli.good(*arguments, "--format", "json").document
    assert summary["status"] == "finished"


def test_resume_of_a_finished_run_changes_nothing(cli: Command, trained: Path) -> None:
    before = files_of(trained)
    result = cli.good("train", "--run-dir", trained, "--resume", "--no-plots")
    assert "going on from step-0000000020.safetensors (epoch 4, update 20)" in result.err
    after = files_of(trained)
    for name in ("metrics.jsonl", "spec.yaml", "program.json", "summary.json"):
        assert name == "summary.json" or after[name] == before[name]
    first, second = (json.loads(files["summary.json"]) for files in (before, after))
    # The checkpoint is told as the user named the directory, which was another way this time.
    assert {**first, "checkpoint": ""} == {**second, "checkpoint": ""}


def test_resume_with_more_epochs_is_one_long_run(cli: Command, trained: Path, place: Path) -> None:
    cli.good("train", "--run-dir", trained, "--resume", "--epochs", 6, "--no-plots")
    cli.good("train", "tiny.yaml", "--epochs", 6, "--run-dir", "whole", "--no-plots")
    name = "checkpoints/step-0000000030.safetensors"
    first, second = (json.loads((run / "summary.json").read_text()) for run in
                     (trained, place / "whole"))  # fmt: skip
    assert first["loss"] == second["loss"]
    assert first["updates"] == 30
    assert (trained / name).is_file()


def test_resume_with_other_settings_is_refused(cli: Command, trained: Path) -> None:
    before = files_of(trained)
    result = cli("train", "--run-dir", trained, "--resume", "--set", "optimizer.lr=1")
    assert result.code == 2
    assert "error[GN704]" in result.err
    assert files_of(trained) == before


def test_a_finished_run_is_not_overwritten(cli: Command, trained: Path) -> None:
    before = {path: path.read_bytes() for path in trained.rglob("*.safetensors")}
    assert before
    result = cli("train", "tiny.yaml", "--epochs", 1, "--run-dir", trained, "--no-plots")
    assert result.code == 4
    assert "GN514" in result.err
    assert "is finished" in result.err
    assert {path: path.read_bytes() for path in trained.rglob("*.safetensors")} == before


def test_a_run_that_saved_nothing_may_begin_again(cli: Command, trained: Path) -> None:
    """What it noted is not taken for the new one's."""
    for path in (trained / "checkpoints").glob("step-*"):
        path.unlink()
    cli.good("train", "tiny.yaml", "--epochs", 1, "--run-dir", trained, "--no-plots")
    assert names_in(trained / "checkpoints") == ["best.safetensors", "step-0000000005.safetensors"]
    assert len((trained / "metrics.jsonl").read_text().splitlines()) == 1


def test_a_run_in_place_of_a_spec(cli: Command, trained: Path) -> None:
    result = cli("train", "done")
    assert result.code == 2
    assert "'done' is a run, not a spec or a program" in result.err
    assert "graphnet train --run-dir done --resume" in result.err


def test_foreign_directory_is_left_alone(cli: Command, place: Path) -> None:
    (place / "photos").mkdir()
    (place / "photos/cat.jpg").write_bytes(b"meow")
    before = files_of(place)
    result = cli("train", "tiny.yaml", "--run-dir", "photos")
    assert result.code == 4
    assert "error[GN511]" in result.err
    assert files_of(place) == before


def test_wrong_data_leaves_no_directory(cli: Command, place: Path) -> None:
    on_files(place)
    (place / "in.csv").write_text(POINTS.replace("2.3,1,1", "2.3,x,1"))
    result = cli("train", "spec.yaml")
    assert result.code == 1
    assert "error[GN309]" in result.err
    assert not (place / "runs").exists()


def test_spec_without_data_or_loss(cli: Command, place: Path) -> None:
    (place / "bare.yaml").write_text(TINY[: TINY.index("data:")])
    result = cli("train", "bare.yaml")
    assert result.code == 2
    assert "error[GN715]: 'tiny' names no data to train on" in result.err
    without = [line for line in TINY.splitlines() if not line.startswith(("loss", "metrics"))]
    (place / "lossless.yaml").write_text("\n".join(without))
    result = cli("train", "lossless.yaml")
    assert result.code != 0
    assert "loss" in result.err
    assert not (place / "runs").exists()


def test_run_directory_behind_a_link(cli: Command, place: Path) -> None:
    """`..` leads out of what a link points to, not out of the link."""
    on_files(place / "work")
    (place / "far/away").mkdir(parents=True)
    (place / "work/runs").symlink_to(place / "far/away")
    cli.good("train", "work/spec.yaml", "--run-dir", "work/runs/one", "--no-plots")
    cli.good("evaluate", "work/runs/one", "-q")
    cli.good("train", "work/runs/one/spec.yaml", "--run-dir", "again", "--no-plots", "-q")


def test_hint_can_be_pasted_into_a_shell(cli: Command) -> None:
    result = cli.good("train", "tiny.yaml", "--run-dir", "it's mine", "--no-plots")
    hint = result.err.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(hint) == ["graphnet", "evaluate", "it's mine"]


def test_epoch_lines(cli: Command) -> None:
    few = cli.good("train", "tiny.yaml", "--no-plots").err.splitlines()
    assert [line for line in few if line.startswith("epoch")] == [
        line
        for line in few
        if line.startswith(("epoch 1/4", "epoch 2/4", "epoch 3/4", "epoch 4/4"))
    ]
    assert len(few) == 1 + 2 + 4 + 1  # what begins, the classes of two sets, epochs, what is next
    many = cli.good("train", "tiny.yaml", "--epochs", 30, "--no-plots").err.splitlines()
    lines = [line for line in many if line.startswith("epoch")]
    assert [line.split("/")[0] for line in lines] == ["epoch  1", "epoch 30"]
    verbose = cli.good("train", "tiny.yaml", "--epochs", 30, "--no-plots", "-v").err.splitlines()
    assert len([line for line in verbose if line.startswith("epoch")]) == 30


def test_quiet_says_nothing_on_the_side(cli: Command) -> None:
    result = cli.good("train", "tiny.yaml", "--no-plots", "-q")
    assert result.err == ""
    assert result.out.startswith("tiny finished after 4 epochs, 20 updates, ")


def test_run_directory_removed_while_training(place: Path) -> None:
    """The next save fails with a message; nothing is made again behind the user's back."""
    import shutil

    from graphnet.api import train
    from graphnet.errors import ResourceError
    from graphnet.training import Observer

    class Remover(Observer):
        def epoch(self, record: object) -> None:
            shutil.rmtree(place / "gone", ignore_errors=True)

    with pytest.raises(ResourceError) as caught:
        train("tiny.yaml", run_dir=place / "gone", observer=Remover())
    assert (caught.value.code, caught.value.exit_code) == ("GN505", 4)
    assert not (place / "gone").exists()


def test_spec_on_stdin_reads_data_from_here(place: Path) -> None:
    on_files(place)
    result = process("train", "-", "--no-plots", "-q", input=ON_FILES.encode())
    assert result.code == 0, result.err
    assert (place / "runs/tiny/0001/summary.json").is_file()


def test_whose_weights_the_results_are_of(cli: Command, place: Path) -> None:
    early = "early_stopping: {patience: 1, min_delta: 9}"
    (place / "early.yaml").write_text(
        TINY.replace("  test:", "  validation: {fraction: 0.25}\n  test:").replace(
            "epochs: 4", f"epochs: 4, {early}"
        )
    )
    result = cli.good("train", "early.yaml", "--set", "training.batch_size=40", "--no-plots")
    assert " in 1 batch, up to 4 epochs" in result.err
    assert "weights of epoch 1, the best by validation loss" in result.out.splitlines()
    assert "weights of epoch" not in cli.good("train", "tiny.yaml", "--no-plots").out
