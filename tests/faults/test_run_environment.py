"""Trainings on machines that refuse: no room, no right, no memory. What is there stays whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from commands import TINY, Command, environment, files_of, limit, process
from resuming import left

SAVING = TINY.replace("batch_size: 8", "batch_size: 8, checkpoint: {epochs: 1, seconds: 0}")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "saving.yaml").write_text(SAVING)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def test_no_room_at_all(place: Path) -> None:
    """It is tried before anything is computed."""
    result = process("train", "tiny.yaml", "--run-dir", "r", before=limit("RLIMIT_FSIZE", 0))
    assert result.code == 4
    assert "error[GN501]" in result.err
    assert "training tiny" not in result.err
    assert {name for name in files_of(place / "r") if name != "lock"} == set()


def test_files_may_not_grow(cli: Command, place: Path) -> None:
    """There is room for the first probe and not for the Program; with room again it goes on."""
    words = ["train", "saving.yaml", "--no-plots", "--resume", "--run-dir"]
    result = process(*words, "r", before=limit("RLIMIT_FSIZE", 1000))
    assert result.code == 4
    assert "error[GN501]" in result.err
    assert not [name for name in files_of(place / "r") if name.endswith(".tmp")]
    cli.good(*words, "r")
    cli.good(*words, "whole")
    assert left(place / "r") == left(place / "whole")


@pytest.mark.parametrize(
    ("directory", "code"),
    [("tiny.yaml", "GN504"), ("tiny.yaml/r", "GN50"), ("/proc/r", "GN50"), ("dangling", "GN504"),
     ("loop", "GN50"), ("x" * 300, "GN503")],
)  # fmt: skip
def test_where_no_run_can_be(cli: Command, place: Path, directory: str, code: str) -> None:
    (place / "dangling").symlink_to("nowhere")
    (place / "loop").symlink_to("loop")
    before = files_of(place)
    result = cli("train", "tiny.yaml", "--run-dir", directory)
    assert result.code == 4
    assert f"error[{code}" in result.err
    assert "epoch" not in result.err
    assert files_of(place) == before


@pytest.mark.parametrize("kind", ["file", "link to nothing"])
def test_runs_is_no_folder(cli: Command, place: Path, kind: str) -> None:
    if kind == "file":
        (place / "runs").write_text("mine")
    else:
        (place / "runs").symlink_to("nowhere")
    assert cli("train", "tiny.yaml").code == 4
    assert not (place / "nowhere").exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(cli: Command, place: Path) -> None:
    (place / "locked").mkdir(mode=0o500)
    result = cli("train", "tiny.yaml", "--run-dir", "locked/r")
    assert result.code == 4
    assert "error[GN502]" in result.err


@pytest.mark.parametrize("name", ["checkpoints", "plots", "lock"])
def test_something_else_stands_there(cli: Command, place: Path, name: str) -> None:
    """Where a run's own folder or file should be, there is something of another kind."""
    cli.good("train", "tiny.yaml", "--run-dir", "r", "--no-plots")
    (place / "r" / name).rename(place / "kept")
    if name == "lock":
        (place / "r/lock").mkdir()
    else:
        (place / "r" / name).write_text("mine")
    result = cli("train", "--run-dir", "r", "--resume", "--epochs", 9)
    assert result.code == 4
    assert "error[GN50" in result.err


FAULTS = {
    "write": (errno.ENOSPC, "GN501", 11),
    "fsync": (errno.EIO, "GN503", 3),
    "replace": (errno.EROFS, "GN502", 2),
    "open": (errno.EMFILE, "GN503", 5),
}
"""Per call: how it fails, what is told, and how many of the calls are passed over between two."""


@pytest.mark.slow
@pytest.mark.parametrize("call", FAULTS)
def test_any_call_may_fail(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The n-th write, forcing, renaming or opening within a training fails, for n up to its end."""
    number, code, step = FAULTS[call]
    words = ["train", "saving.yaml", "--epochs", "2", "--no-plots", "--run-dir"]
    cli.good(*words, "whole")
    expected, genuine = left(place / "whole"), getattr(os, call)
    for failing in range(1, 500, step):
        run = place / f"run{failing}"
        count = [0]

        def refusing(
            *arguments: object, count: list[int] = count, failing: int = failing, **rest: object
        ) -> object:
            count[0] += 1
            if count[0] == failing:
                raise OSError(number, os.strerror(number))
            return genuine(*arguments, **rest)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, refusing)
            result = cli(*words, run)
        if count[0] < failing:
            assert result.code == 0
            break
        assert result.code == 4, (failing, result.err)
        assert f"error[{code}]" in result.err
        assert not [name for name in files_of(run) if name.endswith(".tmp")]
        cli.good(*words, run, "--resume")
        assert left(run) == expected
    assert failing > 10, "the fault must have met something"


@pytest.mark.slow
def test_not_enough_memory(place: Path) -> None:
    """The network fits the limit asked for, and not the machine: a message, and no run."""
    wide = TINY.replace("out_features: 3", "out_features: 60000000")
    (place / "wide.yaml").write_text(wide.replace("batch_size: 8", "batch_size: 1"))
    result = process(
        "train", "wide.yaml", "--max-memory", "100GiB",
        env=environment(OPENBLAS_NUM_THREADS="1"),
        before=limit("RLIMIT_AS", 1 << 30),
    )  # fmt: skip
    assert result.code == 4
    assert "error[GN53" in result.err
    assert "Traceback" not in result.err
    assert not (place / "runs").exists()


@pytest.mark.slow
def test_few_open_files(place: Path) -> None:
    result = process("train", "saving.yaml", "--run-dir", "r", before=limit("RLIMIT_NOFILE", 16))
    assert result.code == 0, result.err


def test_permissions_follow_the_umask(cli: Command, place: Path) -> None:
    before = os.umask(0o027)
    try:
        cli.good("train", "tiny.yaml", "--run-dir", "r", "--no-plots")
        cli.good("compile", "tiny.yaml")
    finally:
        os.umask(before)
    for path in (*(place / "r").rglob("*"), *(place / "compiled").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640), path
