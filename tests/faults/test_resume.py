"""Runs that are interrupted and go on end in the same bits as those that never were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import files_of
from resuming import UPDATES, StopAfter, compiled, left, rich_spec

from graphnet.compiler import compile_spec
from graphnet.errors import ArtifactError, GraphNetError, NumericError, ResourceError
from graphnet.training import Checkpoint, Observer, load_checkpoint, save_checkpoint


class Notes(Observer):
    """Remembers what a run says."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> StopAfter:
    return StopAfter(monkeypatch)


@pytest.fixture
def half(stop: StopAfter, tmp_path: Path) -> Path:
    """Return the directory of a run that was stopped within its fifth epoch."""
    stop.train(compiled(checkpoint={"seconds": 0}), tmp_path / "half", until=23)
    return tmp_path / "half"


def without_lock(directory: Path) -> dict[str, bytes]:
    """Return a run's files; whoever tries to train there is noted in its lock."""
    return {name: content for name, content in files_of(directory).items() if name != "lock"}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_interrupted_after_any_update(stop: StopAfter, tmp_path: Path, dtype: str) -> None:
    """Dropout, running statistics, shuffling, a rate that falls by step, a best epoch: all go on."""
    program = compiled(dtype)
    whole = stop.train(program, tmp_path / "whole")
    assert (whole.plain["status"], whole.plain["updates"]) == ("finished", UPDATES)
    assert 0 < whole.plain["best_epoch"] < 10, "else restoring the best would go unnoticed"
    expected = left(tmp_path / "whole")
    for update in range(UPDATES + 1):
        parts = tmp_path / f"parts{update}"
        first = stop.train(program, parts, until=update)
        assert (first.plain["updates"], first.plain["status"]) == (update, "interrupted")
        second = stop.train(program, parts, resume=True)
        assert second.plain["status"] == "finished"
        assert left(parts) == expected, f"interrupted after update {update}"
        shutil.rmtree(parts)


def test_parametrizations_go_on(stop: StopAfter, tmp_path: Path) -> None:
    """Singular vectors are statistics: each update goes on from those of the one before."""
    spec = rich_spec("float32")
    for name, how in {"linear1": "spectral_norm", "linear2": "weight_norm"}.items():
        spec["layers"][name]["parametrization"] = {"weight": how}
    program = compile_spec(spec)
    stop.train(program, tmp_path / "whole")
    expected = left(tmp_path / "whole")
    vectors = [name for name in expected.last if name.startswith("statistic/linear1.")]
    assert len(vectors) == 2
    for update in (1, 17, 40):
        parts = tmp_path / f"parts{update}"
        stop.train(program, parts, until=update)
        stop.train(program, parts, resume=True)
        assert left(parts) == expected


def test_interrupted_again_and_again(stop: StopAfter, tmp_path: Path) -> None:
    program = compiled()
    stop.train(program, tmp_path / "whole")
    for update in range(3, UPDATES, 3):
        stop.train(program, tmp_path / "parts", until=update, resume=True)
    stop.train(program, tmp_path / "parts", resume=True)
    assert left(tmp_path / "parts") == left(tmp_path / "whole")


def test_how_often_is_saved_decides_nothing(stop: StopAfter, tmp_path: Path) -> None:
    for name, checkpoint in {
        "often": {"seconds": 0, "keep": 1},
        "seldom": {"seconds": 1000},
        "third": {"epochs": 3, "seconds": 0, "keep": 9},
    }.items():
        stop.train(compiled(checkpoint=checkpoint), tmp_path / name)
        kept = len(list((tmp_path / name / "checkpoints").glob("step-*")))
        assert kept == {"often": 1, "seldom": 1, "third": 4}[name]
    # The digest of the spec tells of its checkpoints too.
    found = [left(tmp_path / name) for name in ("often", "seldom", "third")]
    for one in found:
        del one.summary["spec_sha256"]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("patience", [4, 20])
def test_more_epochs_are_one_long_run(stop: StopAfter, tmp_path: Path, patience: int) -> None:
    """Also where the short run ended with its best weights: it goes on from its last ones."""
    early = {"metric": "loss", "patience": patience, "restore_best": True}
    short, long = (
        compile_spec(rich_spec("float64", epochs=epochs, early_stopping=early))
        for epochs in (8, 12)
    )
    first = stop.train(short, tmp_path / "parts").plain
    assert 0 < first["best_epoch"] < first["epochs"], "else both would be the same weights"
    stop.train(long, tmp_path / "parts", resume=True)
    stop.train(long, tmp_path / "whole")
    assert left(tmp_path / "parts") == left(tmp_path / "whole")


def test_a_finished_run_stays_as_it_is(stop: StopAfter, tmp_path: Path) -> None:
    stop.train(compiled(), tmp_path / "run")
    expected = left(tmp_path / "run")
    stop.train(compiled(), tmp_path / "run", resume=True)
    assert left(tmp_path / "run") == expected


def test_free_settings_may_change(stop: StopAfter, half: Path, tmp_path: Path) -> None:
    """More metrics, another name: they are the user's business, the bits stay."""
    spec = {**rich_spec("float32"), "name": "other", "description": "x", "metrics": ["f1"]}
    stop.train(compile_spec(spec), half, resume=True)
    stop.train(compiled(), tmp_path / "whole")
    assert left(half).last == left(tmp_path / "whole").last
    assert set(left(half).summary["metrics"]["test"]) == {"f1"}


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "seed": lambda spec: spec.update(seed=4),
    "dtype": lambda spec: spec.update(dtype="float64"),
    "layer": lambda spec: spec["layers"].update(tanh1="ReLU"),
    "p": lambda spec: spec["layers"]["drop1"].update(p=0.31),
    "width": lambda spec: spec["layers"]["linear1"].update(out_features=7),
    "lr": lambda spec: spec["optimizer"].update(lr=0.11),
    "optimizer": lambda spec: spec.update(optimizer="SGD"),
    "scheduler": lambda spec: spec["scheduler"].update(gamma=2.1),
    "loss": lambda spec: spec.update(loss={"type": "BCEWithLogitsLoss", "reduction": "sum"}),
    "batch size": lambda spec: spec["training"].update(batch_size=8),
    "shuffle": lambda spec: spec["training"].update(shuffle=False),
    "stopping": lambda spec: spec["training"].update(early_stopping=None),
}
DATA: dict[str, Callable[[dict[str, Any]], None]] = {
    "train": lambda spec: spec["data"]["train"].update(noise=0.21),
    "validation": lambda spec: spec["data"]["validation"].update(seed=3),
    "test": lambda spec: spec["data"]["test"].update(seed=8),
}


@pytest.mark.parametrize("change", {**CHANGES, **DATA})
def test_another_training_is_refused(stop: StopAfter, half: Path, change: str) -> None:
    spec = rich_spec("float32")
    {**CHANGES, **DATA}[change](spec)
    before = without_lock(half)
    with pytest.raises(ArtifactError) as caught:
        stop.train(compile_spec(spec), half, resume=True)
    assert (caught.value.code, caught.value.exit_code) == ("GN462", 1)
    assert "step-0000000023.safetensors was saved by a run of another spec" in str(caught.value)
    assert without_lock(half) == before


def test_other_content_of_the_same_files_is_refused(
    stop: StopAfter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "a,b,label\n" + "".join(f"{i},{i % 3},{i % 2}\n" for i in range(30))
    Path("in.csv").write_text(rows)
    spec = rich_spec("float32")
    spec["data"] = {"train": {"path": "in.csv", "inputs": {"point": ["a", "b"]}}}
    spec["training"]["early_stopping"] = None
    stop.train(compile_spec(spec), tmp_path / "run", until=7)
    Path("in.csv").write_text(rows.replace("29,2,1", "29,2,0"))
    before = without_lock(tmp_path / "run")
    with pytest.raises(ArtifactError, match="was saved by a run of other data"):
        stop.train(compile_spec(spec), tmp_path / "run", resume=True)
    assert without_lock(tmp_path / "run") == before
    Path("in.csv").write_text(rows)
    assert stop.train(compile_spec(spec), tmp_path / "run", resume=True).plain["epochs"] == 10


def test_run_is_not_overwritten(stop: StopAfter, half: Path) -> None:
    before = without_lock(half)
    with pytest.raises(ResourceError) as caught:
        stop.train(compiled(), half)
    assert (caught.value.code, caught.value.exit_code) == ("GN514", 4)
    assert "--resume" in caught.value.help
    assert without_lock(half) == before


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [damage, lambda p: p.write_bytes(b""), Path.unlink])
def test_damaged_newest_checkpoint(
    stop: StopAfter, half: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(half / "checkpoints/step-0000000023.safetensors")
    notes = Notes()
    stop.train(compiled(), half, resume=True, observer=notes)
    said = " ".join(notes.said)
    assert "going on from step-0000000020.safetensors (epoch 4, update 20)" in said
    assert ("skipped step-0000000023.safetensors" in said) == (spoil is not Path.unlink)
    stop.train(compiled(), tmp_path / "whole")
    assert left(half) == left(tmp_path / "whole")


def test_no_checkpoint_is_whole(stop: StopAfter, half: Path) -> None:
    for path in (half / "checkpoints").glob("step-*"):
        damage(path)
    before = without_lock(half)
    for resume in (True, False):
        with pytest.raises(ArtifactError) as caught:
            stop.train(compiled(), half, resume=resume)
        assert caught.value.code == "GN459"
        assert without_lock(half) == before


def test_damaged_best_weights(stop: StopAfter, tmp_path: Path) -> None:
    """They stop a run that is to end with them; another one can do without."""
    for needed in (True, False):
        early = {"metric": "loss", "patience": 20, "restore_best": needed}
        program = compiled(early_stopping=early)
        run = tmp_path / f"run{needed}"
        stop.train(program, run, until=23)
        damage(run / "checkpoints/best.safetensors")
        notes = Notes()
        if needed:
            with pytest.raises(ArtifactError):
                stop.train(program, run, resume=True, observer=notes)
        else:
            stop.train(program, run, resume=True, observer=notes)
            assert any(text.startswith("skipped best.safetensors: ") for text in notes.said)


@pytest.mark.parametrize("tail", ["", '{"epoch": 5, "updates": 25, "lo', "\x00" * 100])
def test_metrics_after_the_checkpoint_are_dropped(
    stop: StopAfter, half: Path, tmp_path: Path, tail: str
) -> None:
    """Lines that were written after the last whole checkpoint, or were cut off, come anew."""
    with (half / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 5, "loss": 1e9}\n' + tail)
    stop.train(compiled(), half, resume=True)
    stop.train(compiled(), tmp_path / "whole")
    assert left(half).metrics == left(tmp_path / "whole").metrics


def edit(path: Path, **progress: Any) -> None:
    """Change the progress in a checkpoint, as only a program could: its digest is right."""
    checkpoint = load_checkpoint(path)
    state = dict(checkpoint.state)
    state["progress"] = {**state["progress"], **progress}
    save_checkpoint(path, Checkpoint(checkpoint.tensors, state))


@pytest.mark.parametrize(
    "progress",
    [
        {"epoch": -1}, {"epoch": 3}, {"epoch": 2**70}, {"epoch": 4.0}, {"epoch": True},
        {"batch": 2}, {"batch": -1}, {"batch": 10**6}, {"batch": None}, {"updates": 22},
        {"updates": 2**62}, {"clock": 22}, {"clock": "23"}, {"samples": 0}, {"samples": 20},
        {"loss_sums": "0"}, {"loss_sums": [0.0, 0.0]}, {"loss_weights": ["0"]}, {"last_loss": "0"},
        {"best": [1]}, {"waited": -1}, {"seconds": None},
        {"ended": "perhaps"}, {"ended": 0}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_impossible_progress(stop: StopAfter, half: Path, progress: dict[str, Any]) -> None:
    edit(half / "checkpoints/step-0000000023.safetensors", **progress)
    before = without_lock(half)
    with pytest.raises(ArtifactError) as caught:
        stop.train(compiled(), half, resume=True)
    assert caught.value.code == "GN460"
    assert without_lock(half) == before


def test_state_without_progress(stop: StopAfter, half: Path) -> None:
    path = half / "checkpoints/step-0000000023.safetensors"
    checkpoint = load_checkpoint(path)
    for value in (None, [], "progress", {}):
        state = {**checkpoint.state, "progress": value}
        save_checkpoint(path, Checkpoint(checkpoint.tensors, state))
        with pytest.raises(ArtifactError) as caught:
            stop.train(compiled(), half, resume=True)
        assert caught.value.code == "GN460"


def changed(checkpoint: Checkpoint, change: str) -> Checkpoint:
    """Return a checkpoint with one array missing, renamed, of another shape, type or content."""
    arrays = dict(checkpoint.tensors)
    name = "state/exp_avg/linear1.weight"
    array = arrays.pop(name)
    if change == "renamed":
        arrays["state/exp_avg/linear9.weight"] = array
    if change == "shape":
        arrays[name] = array.T.copy()
    if change == "type":
        arrays[name] = array.astype("float64")
    if change == "nan":
        array[0, 0] = float("nan")
        arrays[name] = array
    return replace(checkpoint, tensors=arrays)


@pytest.mark.parametrize("change", ["missing", "renamed", "shape", "type", "nan"])
def test_impossible_arrays(stop: StopAfter, half: Path, change: str) -> None:
    path = half / "checkpoints/step-0000000023.safetensors"
    save_checkpoint(path, changed(load_checkpoint(path), change))
    before = without_lock(half)
    with pytest.raises(GraphNetError) as caught:
        stop.train(compiled(), half, resume=True)
    if change == "nan":
        assert isinstance(caught.value, NumericError)
        assert caught.value.code == "GN602"
    else:
        assert caught.value.code == "GN461"
    assert "exp_avg/linear1.weight" in str(caught.value)
    assert without_lock(half) == before


def test_summary_of_an_interrupted_run(half: Path) -> None:
    """It tells how good the best network so far is, as the spec wants, and where that is."""
    summary = json.loads((half / "summary.json").read_text())
    assert (summary["status"], summary["epochs"], summary["updates"]) == ("interrupted", 4, 23)
    assert set(summary["metrics"]) == {"train", "validation", "test"}
    assert summary["checkpoint"].endswith("half/checkpoints/best.safetensors")
    assert len((half / "metrics.jsonl").read_text().splitlines()) == 4
