"""Atomic writing and bounded reading: what ends up in the directory, and what the errors say."""

from __future__ import annotations

import array
import errno
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphnet.errors import ResourceError
from graphnet.program import atomic
from graphnet.program.atomic import (
    open_regular,
    read_bounded,
    remove_stale,
    resource_error,
    write_atomically,
)

ROOT = Path(__file__).parents[3]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


class TestWriting:
    def test_bytes_are_written_and_nothing_else_is_left(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "a", b"content")
        assert (tmp_path / "a").read_bytes() == b"content"
        assert names(tmp_path) == ["a"]

    def test_pieces_are_joined_in_order(self, tmp_path: Path) -> None:
        doubles = array.array("d", [1.5, -2.0])
        grid = memoryview(b"abcdef").cast("B", (2, 3))
        pieces: list[bytes | memoryview] = [b"<", memoryview(doubles), b"", grid, b">"]
        write_atomically(tmp_path / "a", iter(pieces))
        assert (tmp_path / "a").read_bytes() == b"<" + doubles.tobytes() + b"abcdef>"

    def test_an_empty_file_can_be_written(self, tmp_path: Path) -> None:
        write_atomically(tmp_path / "a", b"")
        write_atomically(tmp_path / "b", [])
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b""

    def test_a_reader_of_the_old_file_keeps_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        write_atomically(path, b"old content")
        with path.open("rb") as reader:
            write_atomically(path, b"new")
            assert reader.read() == b"old content"
        assert path.read_bytes() == b"new"

    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
    def test_the_mode_follows_the_umask(self, tmp_path: Path, mask: int) -> None:
        (tmp_path / "a").touch(mode=0o600)
        before = os.umask(mask)
        try:
            write_atomically(tmp_path / "a", b"x")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~mask

    def test_content_is_durable_before_the_name_and_the_name_before_the_return(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        for name in ("write", "fsync", "replace"):
            real = getattr(os, name)

            def recorded(*arguments: object, name: str = name, real: object = real) -> object:
                first = arguments[0]
                on_directory = isinstance(first, int) and stat.S_ISDIR(os.fstat(first).st_mode)
                calls.append(f"{name} directory" if on_directory else name)
                return real(*arguments)  # type: ignore[operator]

            monkeypatch.setattr(os, name, recorded)
        write_atomically(tmp_path / "a", [b"1", b"2"])
        assert calls == ["write", "write", "fsync", "replace", "fsync directory"]

    @pytest.mark.parametrize(
        "name", ["with space", 'quo"te', "new\nline", "zażółć 🎈", "-rf", os.fsdecode(b"\xff\xfe")]
    )
    def test_odd_names_work(self, tmp_path: Path, name: str) -> None:
        write_atomically(tmp_path / name, b"x")
        assert read_bounded(tmp_path / name, 1) == b"x"
        assert names(tmp_path) == [name]

    def test_short_writes_go_on_where_they_stopped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, left: real(descriptor, left[:3]))
        write_atomically(tmp_path / "a", [b"0123456789", b"ab"])
        assert (tmp_path / "a").read_bytes() == b"0123456789ab"


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("directory", "it is a directory"),
            ("link", "it is a symbolic link"),
            ("dangling", "it is a symbolic link"),
            ("pipe", "it is a pipe"),
            ("socket", "it is a socket"),
        ],
    )
    def test_only_files_are_replaced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        target = Path("target")
        if kind == "directory":
            target.mkdir()
        elif kind == "pipe":
            os.mkfifo(target)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(target))
        else:
            target.symlink_to("other")
        if kind == "link":
            Path("other").write_bytes(b"precious")
        before = (names(tmp_path), target.lstat().st_ino)
        with pytest.raises(ResourceError, match=words) as caught:
            write_atomically(target, b"x")
        assert caught.value.code == "GN504"
        assert caught.value.exit_code == 4
        assert (names(tmp_path), target.lstat().st_ino) == before
        if kind == "link":
            assert Path("other").read_bytes() == b"precious"

    def test_a_missing_directory_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ResourceError) as caught:
            write_atomically(tmp_path / "none" / "a", b"x")
        assert caught.value.code == "GN505"
        assert caught.value.notes == ("nothing was written",)
        assert names(tmp_path) == []

    def test_a_file_is_not_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"x")
        with pytest.raises(ResourceError) as caught:
            write_atomically(tmp_path / "file" / "a", b"x")
        assert caught.value.code == "GN505"

    @pytest.mark.parametrize("name", ["nul\0", "half \ud800", "x" * 300])
    def test_impossible_names_are_told(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ResourceError) as caught:
            write_atomically(tmp_path / name, b"x")
        assert caught.value.code == "GN503"
        with pytest.raises(ResourceError) as caught:
            read_bounded(tmp_path / name, 9)
        assert caught.value.code == "GN503"
        assert names(tmp_path) == []


class TestErrors:
    @pytest.mark.parametrize(
        ("number", "code"),
        [
            (errno.ENOSPC, "GN501"),
            (errno.EDQUOT, "GN501"),
            (errno.EFBIG, "GN501"),
            (errno.EACCES, "GN502"),
            (errno.EPERM, "GN502"),
            (errno.EROFS, "GN502"),
            (errno.EIO, "GN503"),
            (errno.EMFILE, "GN503"),
            (errno.ENAMETOOLONG, "GN503"),
        ],
    )
    def test_what_the_system_refuses_has_a_code(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
    ) -> None:
        path = tmp_path / "a"
        write_atomically(path, b"old")

        def refuse(*_: object) -> int:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(ResourceError) as caught:
            write_atomically(path, b"new")
        reason = os.strerror(number)
        assert caught.value.code == code
        assert (
            caught.value.message == f"cannot write {str(path)!r}: {reason[0].lower()}{reason[1:]}"
        )
        assert caught.value.notes == ("the old 'a' is unchanged",)
        assert path.read_bytes() == b"old"
        assert names(tmp_path) == ["a"]

    def test_an_error_without_number_keeps_its_words(self) -> None:
        error = resource_error(OSError("Odd Thing"), "write", Path("a"))
        assert (error.code, error.message) == ("GN503", "cannot write 'a': odd Thing")

    def test_a_failed_fsync_is_final(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[int] = []

        def fail_once(descriptor: int) -> None:
            calls.append(descriptor)
            if len(calls) == 1:
                raise OSError(errno.EIO, "I/O error")

        monkeypatch.setattr(os, "fsync", fail_once)
        with pytest.raises(ResourceError):
            write_atomically(tmp_path / "a", b"x")
        assert len(calls) == 1
        assert names(tmp_path) == []

    @pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
    def test_a_directory_that_cannot_be_synced_is_no_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        real = os.fsync

        def unsupported(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(number, "unsupported")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", unsupported)
        write_atomically(tmp_path / "a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"

    @pytest.mark.parametrize("error", [RuntimeError("bad"), KeyboardInterrupt()])
    def test_content_that_fails_leaves_the_old_file(
        self, tmp_path: Path, error: BaseException
    ) -> None:
        write_atomically(tmp_path / "a", b"old")

        def broken() -> Iterator[bytes]:
            yield b"half"
            raise error

        with pytest.raises(type(error)):
            write_atomically(tmp_path / "a", broken())
        assert (tmp_path / "a").read_bytes() == b"old"
        assert names(tmp_path) == ["a"]

    def test_a_real_size_limit_is_reported_as_no_room(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"old")
        script = (
            "import resource, signal, sys; from pathlib import Path\n"
            "from graphnet.errors import ResourceError\n"
            "from graphnet.program.atomic import write_atomically\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
            "try: write_atomically(Path(sys.argv[1]), b'x' * 5000)\n"
            "except ResourceError as error: print(error.code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "a")],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("GN501\n", "")
        assert (tmp_path / "a").read_bytes() == b"old"
        assert names(tmp_path) == ["a"]


class TestWindows:
    """What Windows does differently, acted out."""

    @staticmethod
    def held(times: int, code: int) -> object:
        real, left = os.replace, iter(range(times))

        def replace(source: Path, target: Path) -> None:
            if next(left, None) is not None:
                error = PermissionError(errno.EACCES, "Access is denied")
                error.winerror = code  # type: ignore[attr-defined, unused-ignore]
                raise error
            real(source, target)

        return replace

    @pytest.mark.parametrize("code", [5, 32, 33])
    def test_a_file_held_for_a_moment_is_replaced_after_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
    ) -> None:
        pauses: list[float] = []
        monkeypatch.setattr(os, "replace", self.held(2, code))
        monkeypatch.setattr(time, "sleep", pauses.append)
        write_atomically(tmp_path / "a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"
        assert len(pauses) == 2

    def test_patience_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "replace", self.held(1000, 32))
        monkeypatch.setattr(atomic, "_PATIENCE", -1.0)
        with pytest.raises(ResourceError) as caught:
            write_atomically(tmp_path / "a", b"x")
        assert caught.value.code == "GN502"
        assert names(tmp_path) == []

    def test_other_refusals_are_final(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "replace", self.held(1, 19))
        with pytest.raises(ResourceError):
            write_atomically(tmp_path / "a", b"x")
        assert names(tmp_path) == []

    def test_directories_are_not_opened_and_processes_not_signalled(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as windows:
            windows.setattr(os, "name", "nt")
            windows.setattr(os, "kill", lambda *_: pytest.fail("would end the process"))
            opened = atomic._open_directory(tmp_path)
            alive = atomic._alive(1)
        assert opened is None
        assert alive is True
        monkeypatch.setattr(atomic, "_open_directory", lambda _: None)
        write_atomically(tmp_path / "a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"


class TestStale:
    def test_what_a_dead_process_left_is_removed_by_the_next_write(self, tmp_path: Path) -> None:
        left = tmp_path / f".a.{dead_process()}.7.tmp"
        left.write_bytes(b"half")
        write_atomically(tmp_path / "b", b"x")
        assert left.exists()
        write_atomically(tmp_path / "a", b"x")
        assert names(tmp_path) == ["a", "b"]

    def test_an_earlier_process_with_our_number_left_it(self, tmp_path: Path) -> None:
        # In a container every run may have the same process number.
        (tmp_path / f".a.{os.getpid()}.7.tmp").write_bytes(b"half")
        write_atomically(tmp_path / "a", b"x")
        assert names(tmp_path) == ["a"]

    def test_what_is_being_written_stays(self, tmp_path: Path) -> None:
        def content() -> Iterator[bytes]:
            yield b"outer"
            write_atomically(tmp_path / "a", b"inner")

        write_atomically(tmp_path / "a", content())
        assert (tmp_path / "a").read_bytes() == b"outer"
        assert names(tmp_path) == ["a"]

    @pytest.mark.parametrize(
        "name",
        [
            f".a.{os.getppid()}.7.tmp",  # a living process
            ".a.1.7.tmp",  # likewise, perhaps of another user
            ".a.tmp",
            ".a.0.7.tmp",
            ".a.99999999999999999999.7.tmp",
            "a.12.7.tmp",
            ".axb.999999.7.tmp",
        ],
    )
    def test_other_files_stay(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"")
        remove_stale(tmp_path, "a")
        assert names(tmp_path) == [name]

    def test_a_process_of_another_user_lives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: int) -> None:
            raise PermissionError(errno.EPERM, "not permitted")

        monkeypatch.setattr(os, "kill", refuse)
        assert atomic._alive(1)

    def test_all_names_at_once(self, tmp_path: Path) -> None:
        dead = dead_process()
        for name in ("a", "b.c"):
            (tmp_path / f".{name}.{dead}.7.tmp").write_bytes(b"")
        (tmp_path / "kept").write_bytes(b"")
        remove_stale(tmp_path)
        assert names(tmp_path) == ["kept"]

    def test_what_cannot_be_removed_is_left(self, tmp_path: Path) -> None:
        left = tmp_path / f".a.{dead_process()}.7.tmp"
        left.mkdir()
        write_atomically(tmp_path / "a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"
        assert left.is_dir()


class TestReading:
    @pytest.mark.parametrize("size", [0, 9, 10])
    def test_up_to_the_limit(self, tmp_path: Path, size: int) -> None:
        (tmp_path / "a").write_bytes(b"x" * size)
        assert read_bounded(tmp_path / "a", 10) == b"x" * size

    def test_beyond_the_limit(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x" * 11)
        with pytest.raises(ResourceError, match="more than 10 bytes") as caught:
            read_bounded(tmp_path / "a", 10)
        assert caught.value.code == "GN506"

    def test_a_huge_file_costs_nothing(self, tmp_path: Path) -> None:
        with (tmp_path / "a").open("wb") as file:
            file.truncate(1 << 40)
        with pytest.raises(ResourceError) as caught:
            read_bounded(tmp_path / "a", 3 << 20)
        assert caught.value.code == "GN506"

    def test_no_byte_after_the_one_beyond_the_limit_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(atomic, "_CHUNK", 4)
        (tmp_path / "a").write_bytes(b"0123456789")
        asked: list[int] = []
        real = io.FileIO

        class Counting(real):  # type: ignore[misc, valid-type]
            def read(self, size: int = -1) -> bytes:
                got: bytes = super().read(size)
                asked.append(len(got))
                return got

        monkeypatch.setattr(io, "FileIO", Counting)
        with pytest.raises(ResourceError):
            read_bounded(tmp_path / "a", 6)
        assert asked == [4, 3]

    @pytest.mark.parametrize(
        ("kind", "code"),
        [("directory", "GN504"), ("pipe", "GN504"), ("loop", "GN503"), ("missing", "GN505")],
    )
    def test_only_files_are_read(self, tmp_path: Path, kind: str, code: str) -> None:
        target = tmp_path / "target"
        if kind == "directory":
            target.mkdir()
        elif kind == "pipe":
            os.mkfifo(target)  # opening it in the ordinary way would wait for a writer
        elif kind == "loop":
            target.symlink_to(target)
        with pytest.raises(ResourceError) as caught:
            read_bounded(target, 10)
        assert caught.value.code == code
        assert caught.value.exit_code == 4

    def test_a_device_is_refused(self) -> None:
        with pytest.raises(ResourceError, match="it is a device") as caught:
            read_bounded(Path("/dev/zero"), 10)
        assert caught.value.code == "GN504"

    def test_links_are_followed_only_where_that_is_wished(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"x")
        (tmp_path / "link").symlink_to("file")
        assert read_bounded(tmp_path / "link", 10) == b"x"
        with (
            pytest.raises(ResourceError, match="it is a symbolic link") as caught,
            open_regular(tmp_path / "link", follow_links=False),
        ):
            pytest.fail("opened a link")
        assert caught.value.code == "GN504"

    def test_without_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_bytes(b"x")

        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(ResourceError, match="permission denied") as caught:
            read_bounded(tmp_path / "a", 10)
        assert caught.value.code == "GN502"


POINTS = ("before-temp", "after-write", "after-fsync", "before-rename", "after-rename")


@pytest.mark.parametrize("point", [*POINTS, "after-dir-fsync"])
def test_a_killed_write_leaves_old_or_new(tmp_path: Path, point: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    script = (
        "import sys; from pathlib import Path\n"
        "from graphnet.program.atomic import write_atomically\n"
        "write_atomically(Path(sys.argv[1]), b'new content')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "GRAPHNET_CRASH_POINT": point},
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    renamed = point in {"after-rename", "after-dir-fsync"}
    assert path.read_bytes() == (b"new content" if renamed else b"old")
    assert len(names(tmp_path)) == (1 if renamed or point == "before-temp" else 2)
    write_atomically(path, b"third")
    assert path.read_bytes() == b"third"
    assert names(tmp_path) == ["a"]
