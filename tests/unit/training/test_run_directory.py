"""Run directories: numbering, refusal of foreign ones, the lock, and the files of a run."""

from __future__ import annotations

import builtins
import errno
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from graphnet.errors import ResourceError
from graphnet.training import run_lock
from graphnet.training.checkpoint import Checkpoint
from graphnet.training.run_directory import RunDirectory

ROOT = Path(__file__).parents[3]


OLD_PATHLIB = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="pathlib of Python 3.10 keeps a mkdir of its own"
)


def names(path: Path) -> list[str]:
    return sorted(found.name for found in path.iterdir())


def refuse(number: int) -> Any:
    def call(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return call


class TestCreating:
    def test_numbers_follow_each_other(self, tmp_path: Path) -> None:
        paths = [RunDirectory.create(tmp_path / "runs", "mlp").path for _ in range(3)]
        assert paths == [tmp_path / "runs" / "mlp" / number for number in ("0001", "0002", "0003")]
        assert RunDirectory.create(tmp_path / "runs", "cnn").path.name == "0001"

    def test_a_gap_is_not_filled(self, tmp_path: Path) -> None:
        for name in ("0001", "0007", "notes", "12", "9" * 5000)[:4]:
            (tmp_path / "mlp" / name).mkdir(parents=True)
        assert RunDirectory.create(tmp_path, "mlp").path.name == "0008"

    def test_numbers_go_beyond_four_digits(self, tmp_path: Path) -> None:
        (tmp_path / "mlp" / "9999").mkdir(parents=True)
        assert RunDirectory.create(tmp_path, "mlp").path.name == "10000"
        assert RunDirectory.create(tmp_path, "mlp").path.name == "10001"

    def test_nobody_gets_the_same(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            runs = pool.map(lambda _: RunDirectory.create(tmp_path, "mlp").path.name, range(40))
        assert sorted(runs) == [f"{number:04}" for number in range(1, 41)]

    def test_who_was_quicker_is_passed_by(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "mlp" / "0001").mkdir(parents=True)
        monkeypatch.setattr(os, "listdir", lambda _: [])
        assert RunDirectory.create(tmp_path, "mlp").path.name == "0002"

    @pytest.mark.parametrize(
        "name", ["", ".", "..", "../x", "a/b", "/abs", ".hidden", "a\0", "a\n"]
    )
    def test_names_that_lead_elsewhere(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ResourceError, match="a run cannot be called") as caught:
            RunDirectory.create(tmp_path / "runs", name)
        assert caught.value.code == "GN512"
        assert names(tmp_path) == []

    def test_a_file_in_the_way(self, tmp_path: Path) -> None:
        (tmp_path / "mlp").write_bytes(b"x")
        with pytest.raises(ResourceError, match="it is not a directory") as caught:
            RunDirectory.create(tmp_path, "mlp")
        assert caught.value.code == "GN504"
        assert (tmp_path / "mlp").read_bytes() == b"x"

    def test_without_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "listdir", refuse(errno.EACCES))
        with pytest.raises(ResourceError, match="cannot create a run in") as caught:
            RunDirectory.create(tmp_path, "mlp")
        assert caught.value.code == "GN502"
        with pytest.raises(ResourceError, match="cannot read") as caught:
            RunDirectory.at(tmp_path)
        assert caught.value.code == "GN502"

    @OLD_PATHLIB
    def test_a_disk_without_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "mkdir", refuse(errno.ENOSPC))
        with pytest.raises(ResourceError, match="cannot create") as caught:
            RunDirectory.create(tmp_path, "mlp")
        assert caught.value.code == "GN501"


class TestGivenDirectory:
    def test_a_new_one_is_made(self, tmp_path: Path) -> None:
        run = RunDirectory.at(tmp_path / "a" / "b")
        assert (tmp_path / "a" / "b").is_dir()
        assert run.is_run is False
        assert names(run.path) == []

    def test_a_run_is_taken_again(self, tmp_path: Path) -> None:
        with RunDirectory.at(tmp_path / "run") as run:
            run.write_spec("name: a\n")
        assert RunDirectory(tmp_path / "run").is_run is True
        (tmp_path / "run" / "my notes.md").write_bytes(b"")
        with RunDirectory.at(tmp_path / "run") as again:
            assert again.spec_path.read_text() == "name: a\n"

    def test_a_copy_without_its_lock_is_a_run(self, tmp_path: Path) -> None:
        run = RunDirectory(tmp_path)
        run.write_spec("name: a\n")
        assert run.is_run is False
        run.write_program(b"{}")
        assert RunDirectory(tmp_path).is_run is True
        assert RunDirectory.at(tmp_path).path == tmp_path

    @pytest.mark.parametrize("left", ["lock", ".lock.123.456.tmp"])
    def test_what_a_run_killed_at_once_leaves(self, tmp_path: Path, left: str) -> None:
        (tmp_path / left).write_bytes(b"")
        assert RunDirectory.at(tmp_path).path == tmp_path

    @pytest.mark.parametrize(
        "files",
        [
            {"thesis.tex": b"x"},
            {"spec.yaml": b"name: my own spec"},
            {"program.json": b"{}"},
            {"lock": b"door", "checkpoints": b""},
            {"lock": b"", "other": b""},
            {"lock": b'{"lock": "graphnet run"}'},
            {"lock": b'{"pid": 1, "since": "today"}'},
            {"lock": b"[" * 4096},
            {"lock": b"x" * 5000},
            {".hidden": b""},
        ],
    )
    def test_foreign_ones_are_refused(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ResourceError, match="holds files that are not a run's") as caught:
            RunDirectory.at(tmp_path)
        assert caught.value.code == "GN511"
        assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == files

    @pytest.mark.parametrize(
        ("kind", "words"), [("file", "not a directory"), ("dangling", "a link to nothing")]
    )
    def test_other_things_are_refused(self, tmp_path: Path, kind: str, words: str) -> None:
        place = tmp_path / "place"
        if kind == "file":
            place.write_bytes(b"x")
        else:
            place.symlink_to("nothing")
        with pytest.raises(ResourceError, match=words) as caught:
            RunDirectory.at(place)
        assert caught.value.code == "GN504"
        assert names(tmp_path) == ["place"]

    def test_a_link_to_a_directory_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "run").symlink_to("disk")
        with RunDirectory.at(tmp_path / "run") as run:
            run.write_spec("a")
        assert (tmp_path / "disk" / "spec.yaml").read_text() == "a"

    def test_an_impossible_name(self, tmp_path: Path) -> None:
        with pytest.raises(ResourceError, match="not a possible name") as caught:
            RunDirectory.at(tmp_path / "a\0b")
        assert caught.value.code == "GN504"


class TestEntering:
    def test_everything_is_made_ready(self, tmp_path: Path) -> None:
        with RunDirectory.at(tmp_path) as run:
            assert names(tmp_path) == ["checkpoints", "lock", "plots"]
            assert names(run.checkpoints_path) == names(run.plots_path) == []
            assert run.locked is True
        assert run.locked is False

    @pytest.mark.parametrize(
        ("number", "code"),
        [(errno.EROFS, "GN502"), (errno.EACCES, "GN502"), (errno.ENOSPC, "GN501")],
    )
    @pytest.mark.parametrize(
        "name",
        [
            "open",
            "write",
            "fsync",
            "replace",
            pytest.param("mkdir", marks=OLD_PATHLIB),
            "ftruncate",
        ],
    )
    def test_what_cannot_be_written_is_told_before_the_training(
        self, tmp_path: Path, name: str, number: int, code: str
    ) -> None:
        run = RunDirectory.at(tmp_path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, refuse(number))
            with pytest.raises(ResourceError) as caught, run:
                pytest.fail("training began")
        assert caught.value.code == code
        assert caught.value.exit_code == 4
        assert run.locked is False
        with run:  # the lock was given back
            assert run.locked is True

    def test_a_probe_that_stays_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = RunDirectory.at(tmp_path)
        monkeypatch.setattr(Path, "unlink", refuse(errno.EPERM))
        with pytest.raises(ResourceError, match="cannot remove"), run:
            pytest.fail("training began")


class TestLock:
    def test_a_second_run_is_told_who_has_it(self, tmp_path: Path) -> None:
        with RunDirectory.at(tmp_path) as run:
            run.write_spec("a")
            before = names(tmp_path)
            with pytest.raises(ResourceError) as caught, RunDirectory.at(tmp_path):
                pytest.fail("both train")
            assert names(tmp_path) == before
        error = caught.value
        assert (error.code, error.exit_code) == ("GN510", 4)
        said = re.search(rf"is in use by pid {os.getpid()} since (\S+)$", error.message)
        assert said is not None
        since = datetime.fromisoformat(said[1])
        assert since.tzinfo is not None
        assert abs((datetime.now().astimezone() - since).total_seconds()) < 3600

    def test_giving_it_up_twice_changes_nothing(self, tmp_path: Path) -> None:
        lock = run_lock.RunLock(tmp_path)
        lock.release()
        lock.acquire()
        for _ in range(2):
            lock.release()
            assert lock.held is False

    def test_the_lock_can_be_taken_again(self, tmp_path: Path) -> None:
        for _ in range(2):
            with RunDirectory.at(tmp_path) as run:
                assert run.locked

    def test_it_vanishes_with_a_killed_process(self, tmp_path: Path) -> None:
        script = (
            "import sys, time; from pathlib import Path\n"
            "from graphnet.training.run_directory import RunDirectory\n"
            "with RunDirectory.at(Path(sys.argv[1])):\n"
            "    print('ready', flush=True); time.sleep(60)\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            with (
                pytest.raises(ResourceError, match=f"by pid {child.pid} since"),
                RunDirectory.at(tmp_path),
            ):
                pytest.fail("both train")
            child.kill()
        with RunDirectory.at(tmp_path) as run:
            assert run.locked
            assert json.loads((tmp_path / "lock").read_bytes())["pid"] == os.getpid()

    def test_an_unreadable_holder_is_another_process(self, tmp_path: Path) -> None:
        with RunDirectory.at(tmp_path) as run:
            run.write_spec("a")
            run.write_program(b"{}")
            (tmp_path / "lock").write_bytes(b"")
            with (
                pytest.raises(ResourceError, match="in use by another process"),
                RunDirectory.at(tmp_path),
            ):
                pytest.fail("both train")

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "precious").write_bytes(b"x")
        run = RunDirectory.at(tmp_path / "run")
        (run.path / "lock").symlink_to(tmp_path / "precious")
        with pytest.raises(ResourceError), run:
            pytest.fail("locked a link")
        assert (tmp_path / "precious").read_bytes() == b"x"

    @pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
    def test_where_the_file_system_has_no_locks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        monkeypatch.setattr("fcntl.flock", refuse(number))
        with RunDirectory.at(tmp_path) as run:
            assert run.locked is False
            assert run.is_run is True

    def test_other_failures_of_the_lock_are_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fcntl.flock", refuse(errno.EIO))
        with pytest.raises(ResourceError, match="cannot lock") as caught, RunDirectory.at(tmp_path):
            pytest.fail("went on")
        assert caught.value.code == "GN503"

    def test_where_the_system_has_no_locks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = builtins.__import__

        def without(name: str, *rest: Any) -> ModuleType:
            if name == "fcntl":
                raise ImportError(name)
            return real(name, *rest)

        monkeypatch.setattr(builtins, "__import__", without)
        with RunDirectory.at(tmp_path) as run:
            assert run.locked is False
            assert run_lock.noted_holder(tmp_path / "lock") is not None


class TestMetrics:
    @staticmethod
    def epochs(run: RunDirectory) -> list[int]:
        lines = run.metrics_path.read_text().splitlines()
        return [json.loads(line)["epoch"] for line in lines]

    def test_one_line_each(self, tmp_path: Path) -> None:
        run = RunDirectory(tmp_path)
        run.append_metrics({"epoch": 1, "loss": {"train": 0.1, "validation": None}})
        run.append_metrics({"epoch": 2, "rates": (0.5, 1e-17), "word": "é\n"})
        assert run.metrics_path.read_bytes() == (
            b'{"epoch": 1, "loss": {"train": 0.1, "validation": null}}\n'
            b'{"epoch": 2, "rates": [0.5, 1e-17], "word": "\\u00e9\\n"}\n'
        )

    def test_what_is_not_finite_becomes_null(self, tmp_path: Path) -> None:
        run = RunDirectory(tmp_path)
        run.append_metrics({"a": float("nan"), "b": [float("inf"), 1.0], "c": np.float64("-inf")})
        assert json.loads(run.metrics_path.read_bytes()) == {"a": None, "b": [None, 1.0], "c": None}

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
    def test_a_line_is_written_whole_or_not_at_all(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        run = RunDirectory(tmp_path)
        run.append_metrics({"epoch": 1})
        real, before = os.write, run.metrics_path.read_bytes()
        answers = iter([True, False])

        def write(descriptor: int, left: memoryview) -> int:
            if next(answers):
                return real(descriptor, left[:4])
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", write)
            with pytest.raises(ResourceError):
                run.append_metrics({"epoch": 2})
        assert run.metrics_path.read_bytes() == before
        run.append_metrics({"epoch": 3})
        assert self.epochs(run) == [1, 3]

    def test_a_directory_removed_meanwhile_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ResourceError) as caught:
            RunDirectory(tmp_path / "gone").append_metrics({"epoch": 1})
        assert caught.value.code == "GN505"

    def test_a_pipe_in_its_place_does_not_block(self, tmp_path: Path) -> None:
        run = RunDirectory(tmp_path)
        os.mkfifo(run.metrics_path)
        with pytest.raises(ResourceError) as caught:
            run.append_metrics({"epoch": 1})
        assert caught.value.code == "GN504"

    @pytest.mark.parametrize(("epoch", "left"), [(0, []), (2, [1, 2]), (5, [1, 2, 3, 4])])
    def test_later_lines_are_dropped(self, tmp_path: Path, epoch: int, left: list[int]) -> None:
        run = RunDirectory(tmp_path)
        for number in (1, 2, 3, 4):
            run.append_metrics({"epoch": number, "loss": 1 / number})
        lines = run.metrics_path.read_bytes().splitlines(keepends=True)
        run.truncate_metrics(epoch)
        assert run.metrics_path.read_bytes() == b"".join(lines[: len(left)])
        assert self.epochs(run) == left

    @pytest.mark.parametrize(
        "torn",
        [
            b'{"epoch": 2, "lo',
            b'{"epoch": 2}',
            b"\0\0\0\0",
            b'{"epoch": "2"}\n',
            b'{"loss": 2}\n',
            b"[2]\n",
            b"[" * 100_000 + b"\n",
            b"\xff\n",
        ],
    )
    def test_lines_that_were_cut_off_are_dropped(self, tmp_path: Path, torn: bytes) -> None:
        run = RunDirectory(tmp_path)
        run.append_metrics({"epoch": 1})
        with run.metrics_path.open("ab") as file:
            file.write(torn)
        run.truncate_metrics(9)
        run.append_metrics({"epoch": 2})
        assert self.epochs(run) == [1, 2]

    def test_without_metrics_there_is_nothing_to_drop(self, tmp_path: Path) -> None:
        RunDirectory(tmp_path).truncate_metrics(3)
        assert names(tmp_path) == []

    def test_an_interrupted_drop_leaves_the_lines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = RunDirectory(tmp_path)
        for number in (1, 2):
            run.append_metrics({"epoch": number})
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", refuse(errno.EIO))
            with pytest.raises(ResourceError):
                run.truncate_metrics(1)
        assert self.epochs(run) == [1, 2]
        assert names(tmp_path) == ["metrics.jsonl"]


class TestOtherFiles:
    def test_they_are_where_they_are_said_to_be(self, tmp_path: Path) -> None:
        with RunDirectory.create(tmp_path, "mlp") as run:
            run.write_spec("name: zażółć\n")
            run.write_program(b'{"graphnet":"program"}')
            run.write_summary({"name": "mlp", "loss": {"train": 0.1, "validation": float("nan")}})
            run.append_metrics({"epoch": 1})
            run.checkpoints().save(Checkpoint({}, {"updates": 3}), best=True)
        path = tmp_path / "mlp" / "0001"
        assert (path / "spec.yaml").read_bytes() == "name: zażółć\n".encode()
        assert (path / "program.json").read_bytes() == b'{"graphnet":"program"}'
        assert (path / "summary.json").read_text() == (
            '{\n  "name": "mlp",\n  "loss": {\n    "train": 0.1,\n    "validation": null\n  }\n}\n'
        )
        assert names(path / "checkpoints") == ["best.safetensors", "step-0000000003.safetensors"]
        assert names(path) == [
            "checkpoints",
            "lock",
            "metrics.jsonl",
            "plots",
            "program.json",
            "spec.yaml",
            "summary.json",
        ]

    def test_the_checkpoints_that_are_kept(self, tmp_path: Path) -> None:
        with RunDirectory.at(tmp_path) as run:
            for updates in (1, 2, 3):
                run.checkpoints(keep=2).save(Checkpoint({}, {"updates": updates}))
            assert len(names(run.checkpoints_path)) == 2
