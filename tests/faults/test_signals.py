"""Real signals to real trainings: what is saved, what is said, and which code comes back."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import LISTEN, LONG, TINY, Command, environment, files_of, process, start
from resuming import left

from graphnet.training import RunDirectory, load_checkpoint
from graphnet.training.trainer import Trainer


@pytest.fixture(autouse=True)
def _hangups_are_heard() -> Iterator[None]:
    """Undo what `nohup` does, so that the tests mean the same under it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


SAVING = TINY.replace("batch_size: 8", "batch_size: 8, checkpoint: {epochs: 1, seconds: 0}")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "long.yaml").write_text(LONG)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run commands here, and leave the signals as they were."""
    before = [signal.getsignal(number) for number in NUMBERS]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield Command(capsys)
    for number, handler in zip(NUMBERS, before, strict=True):
        signal.signal(number, handler)


NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def raising_at(
    monkeypatch: pytest.MonkeyPatch, update: int, *numbers: signal.Signals
) -> list[signal.Signals]:
    """Have signals come in the middle of an update; return a list that tells which came."""
    step, came = Trainer._step, list[signal.Signals]()

    def interrupted(self: Trainer, *arguments: Any) -> None:
        if self.progress.updates == update - 1:
            for number in numbers:
                came.append(number)
                signal.raise_signal(number)
        step(self, *arguments)

    monkeypatch.setattr(Trainer, "_step", interrupted)
    return came


@pytest.mark.parametrize("number", NUMBERS)
def test_signal_saves_and_says_how_to_go_on(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    with monkeypatch.context() as patch:
        raising_at(patch, 7, number)
        result = cli("train", "tiny.yaml", "--run-dir", "r", "--no-plots")
    assert result.code == CODES[number]
    assert result.out.startswith("tiny interrupted after 1 epoch, 7 updates, ")
    assert result.err.endswith(
        "interrupted; everything up to the last update is saved\n"
        "next: graphnet train --run-dir r --resume\n"
    )
    assert load_checkpoint(place / "r/checkpoints/step-0000000007.safetensors").updates == 7
    cli.good("train", "--run-dir", "r", "--resume", "--no-plots")
    cli.good("train", "tiny.yaml", "--run-dir", "whole", "--no-plots")
    assert left(place / "r") == left(place / "whole")


def test_signal_in_json(cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raising_at(monkeypatch, 7, signal.SIGINT)
    result = cli("train", "tiny.yaml", "--run-dir", "r", "--format", "json")
    assert result.code == 130
    assert result.document == json.loads((place / "r/summary.json").read_text())
    assert result.document["status"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_same_signal_twice_still_saves(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """A window that is closed sends more than one SIGHUP."""
    raising_at(monkeypatch, 7, number, number, number)
    assert cli("train", "tiny.yaml", "--run-dir", "r", "--no-plots").code == CODES[number]
    assert (place / "r/checkpoints/step-0000000007.safetensors").is_file()


def test_second_interrupt_stops_at_once(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.good("train", "tiny.yaml", "--epochs", 1, "--run-dir", "r", "--no-plots")
    before = files_of(place / "r/checkpoints")
    raising_at(monkeypatch, 8, signal.SIGINT, signal.SIGINT)
    more = ["--run-dir", "r", "--resume", "--epochs", 4, "--no-plots"]
    result = cli("train", *more)
    assert result.code == 130
    assert result.err.endswith("interrupted; nothing more was saved\n")
    assert files_of(place / "r/checkpoints") == before
    monkeypatch.undo()
    os.chdir(place)
    cli.good("train", *more)
    cli.good("train", "tiny.yaml", "--run-dir", "whole", "--no-plots")
    assert left(place / "r").last == left(place / "whole").last


@pytest.mark.parametrize("call", range(1, 7))
def test_second_interrupt_while_saving(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """At each forcing to disk of best, state and summary: what is there is whole."""
    cli.good("train", "tiny.yaml", "--epochs", 1, "--run-dir", "r", "--no-plots")
    before = files_of(place / "r/checkpoints")
    came = raising_at(monkeypatch, 12, signal.SIGINT)
    fsync, forced = os.fsync, list[int]()

    def interrupted(descriptor: int) -> None:
        if came:
            forced.append(descriptor)
        if len(forced) == call:
            signal.raise_signal(signal.SIGINT)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", interrupted)
    result = cli("train", "--run-dir", "r", "--resume", "--epochs", 4, "--no-plots")
    assert result.code == 130
    assert len(forced) == call
    assert "nothing more was saved" in result.err
    after = files_of(place / "r")
    assert not [name for name in after if name.endswith(".tmp")]
    step = "step-0000000005.safetensors"
    assert after[f"checkpoints/{step}"] == before[step]
    for name in after:
        if name.startswith("checkpoints/"):
            load_checkpoint(place / "r" / name)


def wait_for(path: Path, command: subprocess.Popen[bytes]) -> None:
    """Wait until a training has got somewhere."""
    for _ in range(6000):
        if path.exists():
            return
        if command.poll() is not None:
            said = command.stderr.read().decode() if command.stderr else ""
            pytest.fail(f"it ended with {command.returncode}: {said}")
        time.sleep(0.01)
    command.kill()
    pytest.fail(f"{path} did not come")


@contextmanager
def training(*arguments: object, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Train in a process until its first epochs are noted; it is gone afterwards."""
    command = start("train", *arguments, "--run-dir", "r", "--no-plots", **options)
    try:
        wait_for(Path("r/metrics.jsonl"), command)
        yield command
    finally:
        command.kill()
        command.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_signal_to_a_process(place: Path, number: signal.Signals) -> None:
    with training("long.yaml") as command:
        command.send_signal(number)
        out, err = command.communicate(timeout=60)
    assert command.returncode == CODES[number]
    assert out.startswith(b"tiny interrupted after ")
    assert err.endswith(b"next: graphnet train --run-dir r --resume\n")
    summary = json.loads((place / "r/summary.json").read_text())
    assert load_checkpoint(Path(summary["checkpoint"])).updates == summary["updates"]
    lines = (place / "r/metrics.jsonl").read_text().splitlines()
    assert len(lines) == summary["epochs"]


@pytest.mark.slow
def test_what_nohup_ignores_stays_ignored(place: Path) -> None:
    nohup = f"{LISTEN}; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with training("long.yaml", before=nohup) as command:
        command.send_signal(signal.SIGHUP)
        size = (place / "r/metrics.jsonl").stat().st_size
        while (place / "r/metrics.jsonl").stat().st_size == size:
            assert command.poll() is None
            time.sleep(0.01)
        command.send_signal(signal.SIGTERM)
        command.communicate(timeout=60)
    assert command.returncode == 143


@pytest.mark.slow
def test_one_training_at_a_time(cli: Command, place: Path) -> None:
    with training("long.yaml") as command:
        for resume in ([], ["--resume"]):
            result = cli("train", "long.yaml", "--run-dir", "r", *resume)
            assert result.code == 4
            assert f"error[GN510]: run directory 'r' is in use by pid {command.pid} since " in (
                result.err
            )
        command.kill()
        command.communicate()
        assert command.returncode == -signal.SIGKILL
    # The lock went with the process.
    result = cli("train", "tiny.yaml", "--run-dir", "r", "--no-plots")
    assert result.code == 0, result.err


@pytest.mark.slow
def test_stopped_and_continued(cli: Command, place: Path) -> None:
    (place / "saving.yaml").write_text(SAVING.replace("epochs: 4", "epochs: 100"))
    with training("saving.yaml") as command:
        for _ in range(5):
            command.send_signal(signal.SIGSTOP)
            command.send_signal(signal.SIGCONT)
        command.send_signal(signal.SIGWINCH)
        command.communicate(timeout=60)
    assert command.returncode == 0
    cli.good("train", "saving.yaml", "--run-dir", "whole", "--no-plots")
    assert left(place / "r") == left(place / "whole")


KILLS = 12


def locked_by(directory: Path, command: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has got as far as to lock its run's directory."""
    try:
        return f'"pid": {command.pid},' in (directory / "lock").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_killed_at_random_times(cli: Command, place: Path) -> None:
    """SIGKILL whenever it comes, and again, until the run is done: no bit differs."""
    (place / "saving.yaml").write_text(SAVING.replace("epochs: 4", "epochs: 150"))
    arguments = ["train", "saving.yaml", "--run-dir", "r", "--resume", "--no-plots", "-q"]
    times = random.Random(0)
    reached = []
    for _ in range(KILLS):
        command = start(*arguments)
        while command.poll() is None and not locked_by(place / "r", command):
            time.sleep(0.005)
        time.sleep(times.uniform(0.0, 0.2))
        command.kill()
        command.communicate()
        assert command.returncode in (0, -signal.SIGKILL)
        found = RunDirectory(place / "r").checkpoints().newest()
        reached.append(found.checkpoint.updates if found else 0)
    assert reached == sorted(reached), "what was saved is never lost"
    done = process(*arguments)
    assert done.code == 0, done.err
    cli.good("train", "saving.yaml", "--run-dir", "whole", "--no-plots", "-q")
    assert left(place / "r") == left(place / "whole")
    assert not [name for name in files_of(place / "r") if name.endswith(".tmp")]


@pytest.mark.slow
def test_killed_at_every_crash_point(cli: Command, place: Path) -> None:
    """Right before, within and after the first writes of a run."""
    points = "before-temp after-write after-fsync before-rename after-rename after-dir-fsync"
    for point in points.split():
        env = environment(GRAPHNET_CRASH_POINT=point)
        arguments = ["train", "tiny.yaml", "--run-dir", "r", "--resume", "--no-plots"]
        assert process(*arguments, env=env).code == -signal.SIGKILL, point
    cli.good(*arguments)
    cli.good("train", "tiny.yaml", "--run-dir", "whole", "--no-plots")
    assert left(place / "r") == left(place / "whole")


def test_interrupt_in_the_middle_of_a_command(
    cli: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deterministically: while the program is about to be written, over an older one."""
    cli.good("compile", "tiny.yaml")
    before = files_of(place)
    fsync = os.fsync

    def interrupted(descriptor: int) -> None:
        signal.raise_signal(signal.SIGINT)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", interrupted)
    result = cli("compile", "tiny.yaml", "--batch-size", 99)
    assert result.code == 130
    assert result.err.endswith("interrupted; nothing more was saved\n")
    assert files_of(place) == before
