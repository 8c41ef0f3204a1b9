"""Damaged, hostile and half-written checkpoints: all are noticed, and the old one survives."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.errors import ArtifactError, GraphNetError, ResourceError
from graphnet.training.checkpoint import Checkpoint, load, load_weights, save
from graphnet.training.checkpoint_folder import CheckpointFolder
from graphnet.training.safetensors_header import HEADER_LIMIT, TENSOR_LIMIT, HeaderError, decode

ROOT = Path(__file__).parents[2]
DATA = 256 + 512 + 8 + 3
"""Bytes of all tensors of the sample."""


def sample(updates: int = 7, fill: float = 0.5) -> Checkpoint:
    tensors = {
        "parameter/linear1.weight": np.full((8, 8), fill, np.float32),
        "state/exp_avg": np.arange(64.0),
        "state/step": np.array([updates]),
        "statistic/é": np.array([True, False, True]),
        "transform/none": np.zeros((0, 2), np.int32),
    }
    state = {"updates": updates, "epoch": 2, "name": "é", "history": [{"loss": 0.125}]}
    return Checkpoint(tensors, state)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(tmp_path / "c.safetensors", sample())
    return tmp_path / "c.safetensors"


def refused(path: Path) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        load(path)
    return caught.value


def forge(path: Path, header: bytes, data: bytes = b"", length: int | None = None) -> None:
    size = len(header) if length is None else length
    path.write_bytes(size.to_bytes(8, "little") + header + data)


def header_of(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


class TestDamage:
    """F01 to F03, F14, F18 and F24."""

    @pytest.mark.slow
    def test_every_flipped_bit_is_noticed(self, path: Path) -> None:
        content = path.read_bytes()
        assert 1000 < len(content) < 2000
        codes = set()
        with path.open("r+b", buffering=0) as file:
            for position, byte in enumerate(content):
                for bit in range(8):
                    os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), position)
                    codes.add(refused(path).code)
                os.pwrite(file.fileno(), bytes([byte]), position)
        assert codes <= {f"GN45{digit}" for digit in range(7)}
        assert load(path).state == sample().state

    def test_every_truncation_is_noticed(self, path: Path) -> None:
        content = path.read_bytes()
        for length in range(len(content) - 1, -1, -1):
            os.truncate(path, length)
            assert refused(path).code in {"GN450", "GN451"}

    @pytest.mark.parametrize("tail", [b"\0", b" ", b"x" * 5000, b"PK\x05\x06" + bytes(18)], ids=str)
    def test_appended_bytes_are_noticed(self, path: Path, tail: bytes) -> None:
        with path.open("ab") as file:
            file.write(tail)
        error = refused(path)
        assert error.code == "GN451"
        assert f"{len(tail):,} bytes follow its end" in error.message

    def test_a_zip_archive_behind_it_is_noticed(self, path: Path) -> None:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("run.py", "print('hello')")
        assert refused(path).code == "GN451"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "it is empty"),
            (bytes(4096), "filled with zero bytes"),
            (pickle.dumps({"w": [1, 2]}), "a pickle"),
            (b"PK\x03\x04" + bytes(40), "a zip archive"),
            (b"<!DOCTYPE html><html>404</html>", "a web page"),
            (b'{"graphnet": "program"}', "JSON text"),
            (b"\x93NUMPY\x01\0v\0{'descr'", "an npy file"),
            (b"weights", "of an unknown kind"),
        ],
    )
    def test_other_files_are_named_for_what_they_are(
        self, path: Path, content: bytes, words: str
    ) -> None:
        path.write_bytes(content)
        error = refused(path)
        assert error.code == "GN450"
        assert words in error.message

    def test_zeros_in_the_place_of_the_data(self, path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[:-DATA] + bytes(DATA))
        assert refused(path).code == "GN454"

    @pytest.mark.parametrize("content", [b"", bytes(900)])
    def test_the_next_older_checkpoint_is_offered(self, tmp_path: Path, content: bytes) -> None:
        folder = CheckpointFolder(tmp_path)
        older = folder.save(sample(1))
        folder.save(sample(2)).write_bytes(content)
        found = folder.newest()
        assert found is not None
        assert found.path == older
        assert found.checkpoint.state == sample(1).state
        assert [skipped.error.code for skipped in found.skipped] == ["GN450"]

    def test_a_file_that_shrinks_while_it_is_read(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, cut = os.fstat, len(path.read_bytes()) - 3

        def late(descriptor: int) -> os.stat_result:
            status = real(descriptor)
            if status.st_size > cut:
                os.truncate(path, cut)
            return status

        monkeypatch.setattr(os, "fstat", late)
        error = refused(path)
        assert error.code == "GN451"
        assert "3 bytes are missing" in error.message


class TestForeignFiles:
    """F13: only a regular file under its own name is a checkpoint."""

    @pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "directory"])
    def test_refused(self, path: Path, kind: str) -> None:
        place = path.with_name("other.safetensors")
        if kind == "pipe":
            os.mkfifo(place)
        elif kind == "directory":
            place.mkdir()
        else:
            place.symlink_to(path if kind == "link" else "nothing")
        with pytest.raises(ResourceError) as caught:
            load(place)
        assert caught.value.code == "GN504"

    def test_a_hard_link_is_the_file_itself(self, path: Path) -> None:
        twin = path.with_name("twin.safetensors")
        twin.hardlink_to(path)
        assert load(twin).state == sample().state


GOOD = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


class TestHeaders:
    """F04 to F08, F21 and F23, tried on the reader that has no digest to lean on."""

    @staticmethod
    def refused(path: Path) -> ArtifactError:
        """Return the error of the reader of weights; the one of checkpoints must agree."""
        with pytest.raises(ArtifactError) as caught:
            load_weights(path)
        assert refused(path).code == caught.value.code
        return caught.value

    @pytest.mark.parametrize(
        ("length", "code"),
        [
            (0, "GN452"),
            (1, "GN452"),
            (10_000, "GN451"),
            (HEADER_LIMIT, "GN451"),
            (HEADER_LIMIT + 1, "GN453"),
            (100_000_000, "GN453"),
            (2**63, "GN453"),
            (2**64 - 1, "GN453"),
        ],
    )
    def test_lengths(self, path: Path, length: int, code: str) -> None:
        forge(path, json.dumps({"w": GOOD}).encode(), bytes(8), length)
        assert self.refused(path).code == code

    def test_a_long_header_is_not_read(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write((100_000_000).to_bytes(8, "little") + b"{")
            file.truncate(200_000_000)
        assert self.refused(path).code == "GN453"

    @pytest.mark.parametrize(
        ("places", "words"),
        [
            ([[0, 8], [4, 12]], "overlaps another"),
            ([[0, 8], [0, 8]], "overlaps another"),
            ([[0, 8], [9, 17]], "leaves a hole"),
            ([[1, 9], [9, 17]], "leaves a hole"),
            ([[0, 8], [16, 8]], "not a start and a stop"),
            ([[8, 0], [8, 16]], "not a start and a stop"),
            ([[-8, 0], [0, 8]], "not a start and a stop"),
            ([[0, 8], [8, 2**64 + 8]], "does not fit"),
            ([[0, 8], [8]], "not a start and a stop"),
            ([[0, 8], [8, 16, 24]], "not a start and a stop"),
            ([[0, 8], [8.0, 16.0]], "not a start and a stop"),
            ([[False, 8], [8, 16]], "not a start and a stop"),
            ([[0, 8], None], "not a start and a stop"),
            ([[0, 8], "8,16"], "not a start and a stop"),
        ],
    )
    def test_places(self, path: Path, places: list[Any], words: str) -> None:
        header = {name: {**GOOD, "data_offsets": at} for name, at in zip("ab", places, strict=True)}
        forge(path, json.dumps(header).encode(), bytes(16))
        error = self.refused(path)
        assert error.code == "GN452"
        assert words in error.message

    @pytest.mark.parametrize(
        ("stored", "words"),
        [(8, "8 bytes are missing"), (15, "1 bytes are missing"), (17, "1 bytes follow")],
    )
    def test_places_beyond_the_file(self, path: Path, stored: int, words: str) -> None:
        header = {"a": GOOD, "b": {**GOOD, "data_offsets": [8, 16]}}
        forge(path, json.dumps(header).encode(), bytes(stored))
        error = self.refused(path)
        assert error.code == "GN451"
        assert words in error.message

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"shape": [3]}, "GN452"),
            ({"shape": []}, "GN452"),
            ({"shape": [2, 0]}, "GN452"),
            ({"shape": [-2]}, "GN452"),
            ({"shape": [-1, -2]}, "GN452"),
            ({"shape": [2.0]}, "GN452"),
            ({"shape": [True, 2]}, "GN452"),
            ({"shape": "2"}, "GN452"),
            ({"shape": None}, "GN452"),
            ({"shape": {"0": 2}}, "GN452"),
            ({"shape": [2**62, 4]}, "GN453"),
            ({"shape": [2**64 + 2]}, "GN453"),
            ({"shape": [2**32, 2**32]}, "GN453"),
            ({"shape": [0, 2**62], "data_offsets": [0, 0]}, "GN453"),
            ({"shape": [2, *[1] * 32]}, "GN453"),
            ({"dtype": "F64"}, "GN452"),
            ({"dtype": "F16"}, "GN452"),
            ({"dtype": "f32"}, "GN452"),
            ({"dtype": "object"}, "GN452"),
            ({"dtype": 32}, "GN452"),
            ({"dtype": ["F32"]}, "GN452"),
            ({"__class__": "x"}, "GN452"),
            ({"shape.__init__": 1}, "GN452"),
        ],
    )
    def test_shapes_and_types(self, path: Path, change: dict[str, Any], code: str) -> None:
        forge(path, json.dumps({"w": {**GOOD, **change}}).encode(), bytes(8))
        assert self.refused(path).code == code

    @pytest.mark.parametrize("missing", ["dtype", "shape", "data_offsets"])
    def test_missing_keys(self, path: Path, missing: str) -> None:
        record = {key: value for key, value in GOOD.items() if key != missing}
        forge(path, json.dumps({"w": record}).encode(), bytes(8))
        assert "needs exactly the keys" in self.refused(path).message

    @pytest.mark.parametrize(
        "header",
        [
            b'{"w":%s,"w":%s}',
            b'{"w":%s,"\\u0077":%s}',
            b'{"w":%s,"__metadata__":{"a":"1","a":"2"}}',
            b'{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        ],
    )
    def test_names_that_stand_twice(self, path: Path, header: bytes) -> None:
        forge(path, header.replace(b"%s", json.dumps(GOOD).encode()), bytes(8))
        error = self.refused(path)
        assert error.code == "GN452"
        assert "stands twice" in error.message

    @pytest.mark.parametrize(
        "header",
        [
            b'{"w":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}',
            b'{"w":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,8]}}',
            b'{"w":{"dtype":"F32","shape":[-Infinity],"data_offsets":[0,8]}}',
            b'{"w":{"dtype":"F32","shape":[1e999],"data_offsets":[0,8]}}',
            b'{"w":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}',
            b'{"w":{"dtype":"F32","shape":[%s],"data_offsets":[0,8]}}' % (b"9" * 5000),
            b'{"w":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"w":' * 100_000,
            b'{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
            b'{"__metadata__":{"a":"\\udfff"}}',
            b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
            b'{"a\0":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
            b'{"__metadata__":{"a":1}}',
            b'{"__metadata__":["a"]}',
            b'{"__metadata__":null}',
            b'{"w":null}',
            b'{"w":[]}',
            b'{"w"}',
            b"{",
            b"{}{}",
            b"{} x",
        ],
    )
    def test_json_with_loopholes(self, path: Path, header: bytes) -> None:
        forge(path, header, bytes(8))
        assert self.refused(path).code == "GN452"

    def test_a_list_is_no_header(self, path: Path) -> None:
        forge(path, b"[]")
        assert self.refused(path).code == "GN450"
        with pytest.raises(HeaderError, match="its header is not a mapping"):
            decode(b"[]")

    def test_too_many_tensors(self, path: Path) -> None:
        empty = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'
        names = [f'"{number:x}":{empty}' for number in range(TENSOR_LIMIT + 1)]
        forge(path, ("{" + ",".join(names) + "}").encode())
        error = self.refused(path)
        assert error.code == "GN453"
        assert "65,537 tensors, the limit is 65,536" in error.message


class TestAlteredCheckpoints:
    """Headers that add up, but are not what was saved."""

    @staticmethod
    def rewrite(path: Path, header: dict[str, Any], data: bytes) -> None:
        text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
        forge(path, text + b" " * (-len(text) % 8), data)

    def test_rewriting_unchanged_gives_the_same_file(self, path: Path) -> None:
        before = path.read_bytes()
        self.rewrite(path, *header_of(path))
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("key", "value", "code"),
        [
            ("format", "other", "GN455"),
            ("version", "2", "GN456"),
            ("version", "", "GN456"),
            ("sha256", "0" * 64, "GN454"),
            ("state", "{}", "GN454"),
            ("more", "text", "GN454"),
        ],
    )
    def test_metadata(self, path: Path, key: str, value: str, code: str) -> None:
        header, data = header_of(path)
        header["__metadata__"][key] = value
        self.rewrite(path, header, data)
        assert refused(path).code == code

    def test_a_missing_digest(self, path: Path) -> None:
        header, data = header_of(path)
        del header["__metadata__"]["sha256"]
        self.rewrite(path, header, data)
        assert refused(path).code == "GN454"

    def test_a_renamed_tensor(self, path: Path) -> None:
        header, data = header_of(path)
        header["parameter/linear2.weight"] = header.pop("parameter/linear1.weight")
        self.rewrite(path, header, data)
        assert refused(path).code == "GN454"

    @pytest.mark.parametrize("change", [{"shape": [4, 16]}, {"dtype": "I32"}])
    def test_another_view_of_the_same_bytes(self, path: Path, change: dict[str, Any]) -> None:
        header, data = header_of(path)
        header["parameter/linear1.weight"].update(change)
        self.rewrite(path, header, data)
        assert refused(path).code == "GN454"

    def test_a_header_that_says_the_same_in_other_words(self, path: Path) -> None:
        header, data = header_of(path)
        forge(path, json.dumps(header).encode(), data)
        assert refused(path).code == "GN454"

    @pytest.mark.parametrize(
        "state",
        ["[]", "null", "NaN", '{"a":1,"a":2}', '{"a":1e999}', "[" * 100_000, '"\\ud800"', "{"],
    )
    def test_states_with_a_right_digest(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, state: str
    ) -> None:
        with monkeypatch.context() as forger:
            forger.setattr("graphnet.training.checkpoint._state_text", lambda _: state)
            save(path, sample())
        assert refused(path).code == "GN454"

    def test_a_foreign_header_that_would_be_too_long_for_us(self, path: Path) -> None:
        metadata = {"format": "graphnet-checkpoint", "version": "1", "sha256": "", "state": ""}
        metadata["state"] = "é" * 1_500_000  # 3 MB as UTF-8, 9 MB as ASCII
        forge(path, json.dumps({"__metadata__": metadata}, ensure_ascii=False).encode())
        assert refused(path).code == "GN454"


CALLS = ("open", "write", "fsync", "close", "replace")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


@contextmanager
def failing(name: str, number: int, at: int, sticky: bool) -> Iterator[list[str]]:
    """Let call `at` of one system call fail, and with `sticky` all later ones; record the calls."""
    real = getattr(os, name)
    calls: list[str] = []

    def wrapped(*arguments: Any, **options: Any) -> Any:
        first = arguments[0]
        on_directory = isinstance(first, int) and stat.S_ISDIR(os.fstat(first).st_mode)
        calls.append("directory" if on_directory else "file")
        if len(calls) == at or (sticky and len(calls) > at):
            if name == "close":
                real(*arguments)  # the system closes even when it reports a failure
            raise OSError(number, os.strerror(number))
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, wrapped)
        yield calls


class TestSystemFaults:
    """G02, G03 and G04: each call of the system fails once, in each way."""

    @pytest.mark.parametrize("sticky", [False, True])
    @pytest.mark.parametrize("number", ERRORS)
    @pytest.mark.parametrize("name", CALLS)
    def test_a_save_fails_whole(self, path: Path, name: str, number: int, sticky: bool) -> None:
        old = path.read_bytes()
        with failing(name, number, 0, False) as calls:
            save(path, sample())
        assert path.read_bytes() == old
        for at, where in enumerate(list(calls), 1):
            with (
                failing(name, number, at, sticky),
                pytest.raises(ResourceError) as caught,
            ):
                save(path, sample(8))
            assert caught.value.exit_code == 4
            assert [found.name for found in path.parent.iterdir()] == [path.name]
            if where == "directory":
                # Only the directory is left to force to the disk: the new file is whole by now.
                assert load(path).updates == 8
                assert "the new 'c.safetensors' is in place" in caught.value.notes[0]
                path.write_bytes(old)
            assert path.read_bytes() == old

    def test_nothing_is_pruned_when_a_save_fails(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path, keep=1)
        kept = folder.save(sample(1))
        for at in (1, 2):
            with failing("fsync", errno.EIO, at, False), pytest.raises(ResourceError):
                folder.save(sample(2))
            assert kept.exists()

    @pytest.mark.parametrize("number", ERRORS)
    def test_a_checkpoint_that_cannot_be_removed_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        folder = CheckpointFolder(tmp_path, keep=1)
        folder.save(sample(1))

        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", refuse)
            with pytest.raises(ResourceError, match="cannot remove"):
                folder.save(sample(2))
        found = folder.newest()
        assert found is not None
        assert found.checkpoint.updates == 2


POINTS = (
    "before-temp",
    "after-write",
    "after-fsync",
    "before-rename",
    "after-rename",
    "after-dir-fsync",
)
CHILD = """
import os, sys
from pathlib import Path
import numpy as np
from graphnet.training.checkpoint import Checkpoint
from graphnet.training.checkpoint_folder import CheckpointFolder
folder = CheckpointFolder(Path(sys.argv[1]), keep=2)
def sample(updates):
    return Checkpoint({"w": np.full(5000, float(updates))}, {"updates": updates})
for updates in (1, 2, 3):
    folder.save(sample(updates), best=updates == 2)
os.environ["GRAPHNET_CRASH_POINT"] = sys.argv[2]
folder.save(sample(4), best=True)
"""


class TestKilled:
    """H06 and F19: a child is killed at every named point."""

    @pytest.mark.parametrize("point", POINTS)
    def test_a_whole_checkpoint_is_always_left(self, tmp_path: Path, point: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path), point],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
        folder = CheckpointFolder(tmp_path, keep=2)
        found = folder.newest()
        assert found is not None
        assert found.skipped == ()
        expected = 4 if point in {"after-rename", "after-dir-fsync"} else 3
        assert found.checkpoint.updates == expected
        assert np.array_equal(found.checkpoint.tensors["w"], np.full(5000, float(expected)))
        assert load(folder.best_path).updates == 2
        folder.save(sample(5))
        names = sorted(found.name for found in tmp_path.iterdir())
        assert names == [
            "best.safetensors",
            f"step-000000000{expected}.safetensors",
            "step-0000000005.safetensors",
        ]

    @pytest.mark.slow
    def test_killed_at_any_time(self, tmp_path: Path) -> None:
        script = CHILD.split("for updates", maxsplit=1)[0] + (
            "print('ready', flush=True)\n"
            "start = int(sys.argv[2])\n"
            "for updates in range(start, start + 100000): folder.save(sample(updates))\n"
        )
        newest = 0
        for delay in (0.0, 0.011, 0.023, 0.031, 0.047, 0.053):
            with subprocess.Popen(
                [sys.executable, "-c", script, str(tmp_path), str(newest + 1)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            ) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == b"ready\n"
                with pytest.raises(subprocess.TimeoutExpired):
                    child.wait(delay)
                child.kill()
            found = CheckpointFolder(tmp_path).newest()
            reached = 0 if found is None else found.checkpoint.updates
            assert reached >= newest
            assert found is None or found.skipped == ()
            newest = reached
        assert newest > 0


def test_every_error_is_one_of_ours(path: Path) -> None:
    """Headers mutated at random, with a right length: a checkpoint or an error with a code."""
    content = path.read_bytes()
    random = np.random.Generator(np.random.PCG64(3))
    alphabet = list(b'{}[]",:0123456789eE+-.\\utrfalsn F32U8\xff\0')
    refusals = 0
    for _ in range(1500):
        mutated = bytearray(content)
        for _ in range(int(random.integers(1, 4))):
            at = int(random.integers(8, len(mutated)))
            mutated[at : at + int(random.integers(0, 3))] = bytes(
                random.choice(alphabet, int(random.integers(0, 3))).tolist()
            )
        length = max(0, len(mutated) - DATA)
        mutated[:8] = length.to_bytes(8, "little")
        path.write_bytes(mutated)
        try:
            assert load(path).state == sample().state
        except GraphNetError:
            refusals += 1
    assert refusals > 1000
