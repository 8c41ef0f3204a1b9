"""Checkpoints and weights: what is saved comes back, and what cannot be saved is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graphnet.errors import ArtifactError, ResourceError
from graphnet.program.strict_json import JsonError, canonical, parse
from graphnet.training.checkpoint import Checkpoint, load, load_weights, save, save_weights
from graphnet.training.checkpoint_folder import CheckpointFolder
from graphnet.training.file_kind import UNKNOWN, kind_of
from graphnet.training.safetensors_header import HEADER_LIMIT, RANK_LIMIT, TENSOR_LIMIT

DTYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]


def sample(updates: int = 12) -> Checkpoint:
    tensors = {
        "parameter/linear1.weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
        "state/exp_avg": np.array([1e-300, -0.0, 3.5]),
        "state/step": np.array(updates, dtype=np.int64),
        "statistic/seen": np.array([True, False, True]),
        "transform/levels": np.array([[7], [255]], dtype=np.uint8),
        "transform/none": np.zeros((0, 4), dtype=np.int32),
    }
    state = {
        "updates": updates,
        "epoch": 3,
        "history": [{"loss": 0.25}, {"loss": 1e-17}],
        "é": None,
    }
    return Checkpoint(tensors, state)


def assert_equal(got: Checkpoint, wanted: Checkpoint) -> None:
    assert got.state == wanted.state
    assert got.tensors.keys() == wanted.tensors.keys()
    for name, array in wanted.tensors.items():
        assert got.tensors[name].dtype == array.dtype
        assert got.tensors[name].shape == array.shape
        assert got.tensors[name].tobytes() == array.tobytes()


class TestRoundTrip:
    def test_everything_comes_back(self, tmp_path: Path) -> None:
        save(tmp_path / "c.safetensors", sample())
        assert_equal(load(tmp_path / "c.safetensors"), sample())

    def test_same_content_same_bytes(self, tmp_path: Path) -> None:
        first = sample()
        turned = Checkpoint(
            dict(reversed(list(first.tensors.items()))), dict(reversed(list(first.state.items())))
        )
        save(tmp_path / "a", first)
        save(tmp_path / "b", turned)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_arrays_are_the_callers_own(self, tmp_path: Path) -> None:
        save(tmp_path / "a", sample())
        tensors = load(tmp_path / "a").tensors
        for array in tensors.values():
            assert array.flags.owndata or array.base is None or array.base.flags.owndata
            assert array.flags.writeable
            assert array.flags.c_contiguous
        tensors["parameter/linear1.weight"][:] = 9
        assert np.array_equal(tensors["state/exp_avg"], sample().tensors["state/exp_avg"])

    def test_strided_and_big_endian_arrays_are_normalised(self, tmp_path: Path) -> None:
        numbers = np.arange(12, dtype=np.float64).reshape(3, 4)
        save_weights(
            tmp_path / "w", {"t": numbers.T, "s": numbers[:, ::2], "b": numbers.astype(">f8")}
        )
        got = load_weights(tmp_path / "w")
        assert np.array_equal(got["t"], numbers.T)
        assert np.array_equal(got["s"], numbers[:, ::2])
        assert np.array_equal(got["b"], numbers)
        assert all(array.dtype == np.dtype("float64") for array in got.values())

    def test_an_empty_checkpoint(self, tmp_path: Path) -> None:
        save(tmp_path / "a", Checkpoint({}, {}))
        assert_equal(load(tmp_path / "a"), Checkpoint({}, {}))

    def test_the_file_tells_what_it_is(self, tmp_path: Path) -> None:
        save(tmp_path / "a", sample())
        content = (tmp_path / "a").read_bytes()
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length])["__metadata__"]
        assert metadata["format"] == "graphnet-checkpoint"
        assert metadata["version"] == "1"
        assert json.loads(metadata["state"]) == sample().state
        assert len(metadata["sha256"]) == len(hashlib.sha256().hexdigest())
        assert length % 8 == 0

    tensors = st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=8).filter(
            lambda name: name != "__metadata__"
        ),
        st.sampled_from(DTYPES).flatmap(
            lambda dtype: hnp.arrays(
                dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
            )
        ),
        max_size=5,
    )
    plain: st.SearchStrategy[Any] = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
        ),
        max_leaves=10,
    )

    @settings(max_examples=100, deadline=None)
    @given(tensors=tensors, state=st.dictionaries(st.text(st.characters(codec="utf-8")), plain))
    def test_any_arrays_and_any_state(
        self, tmp_path_factory: pytest.TempPathFactory, tensors: Any, state: Any
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "any.safetensors"
        save(path, Checkpoint(tensors, state))
        assert_equal(load(path), Checkpoint(tensors, state))


class TestOtherPrograms:
    def test_the_library_reads_our_files(self, tmp_path: Path) -> None:
        save(tmp_path / "c", sample())
        save_weights(tmp_path / "w", sample().tensors)
        for name in ("c", "w"):
            read = safetensors.numpy.load_file(tmp_path / name)
            assert_equal(Checkpoint(read, {}), Checkpoint(sample().tensors, {}))

    def test_we_read_the_librarys_files(self, tmp_path: Path) -> None:
        safetensors.numpy.save_file(dict(sample().tensors), tmp_path / "w", {"by": "another"})
        assert_equal(Checkpoint(load_weights(tmp_path / "w"), {}), Checkpoint(sample().tensors, {}))

    def test_each_kind_is_told_from_the_other(self, tmp_path: Path) -> None:
        save(tmp_path / "c", sample())
        save_weights(tmp_path / "w", sample().tensors)
        with pytest.raises(ArtifactError, match="is a checkpoint, not plain weights") as caught:
            load_weights(tmp_path / "c")
        assert caught.value.code == "GN455"
        with pytest.raises(ArtifactError, match="is not a graphnet checkpoint") as caught:
            load(tmp_path / "w")
        assert caught.value.code == "GN455"

    def test_truth_values_other_than_0_and_1_are_true(self, tmp_path: Path) -> None:
        header = b'{"b":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}'
        (tmp_path / "w").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\1\2")
        loaded = load_weights(tmp_path / "w")["b"]
        assert loaded.tobytes() == b"\0\1\1"


class TestWhatCannotBeSaved:
    @pytest.mark.parametrize(
        "state",
        [
            {"loss": float("nan")},
            {"loss": float("inf")},
            {1: "number as key"},
            {"pair": (1, 2)},
            {"array": np.zeros(2)},
            {"set": {1}},
            {"half": "\ud800"},
            {"large": 10**1000},
        ],
    )
    def test_states(self, tmp_path: Path, state: dict[Any, Any]) -> None:
        with pytest.raises(ArtifactError, match="the state cannot be saved") as caught:
            save(tmp_path / "a", Checkpoint({}, state))
        assert caught.value.code == "GN457"
        assert list(tmp_path.iterdir()) == []

    def test_a_state_that_is_too_deep(self, tmp_path: Path) -> None:
        def nested(levels: int) -> dict[str, Any]:
            value: Any = 0
            for _ in range(levels):
                value = {"a": value}
            return {"a": value}

        save(tmp_path / "a", Checkpoint({}, nested(63)))
        assert load(tmp_path / "a").state == nested(63)
        with pytest.raises(ArtifactError, match="nested more than 64 levels deep"):
            save(tmp_path / "b", Checkpoint({}, nested(64)))
        with pytest.raises(ArtifactError, match="cannot be saved"):
            save(tmp_path / "b", Checkpoint({}, nested(100_000)))

    @pytest.mark.parametrize("dtype", ["float16", "complex128", "U3", "object", "int16", "uint64"])
    def test_element_types(self, tmp_path: Path, dtype: str) -> None:
        with pytest.raises(ArtifactError, match=r"tensor 'a' of type .* cannot be saved") as caught:
            save_weights(tmp_path / "w", {"a": np.zeros(2, dtype)})
        assert caught.value.code == "GN457"
        assert "float32" in caught.value.notes[0]

    def test_names(self, tmp_path: Path) -> None:
        with pytest.raises(ArtifactError, match="no tensor may be called '__metadata__'"):
            save_weights(tmp_path / "w", {"__metadata__": np.zeros(1)})
        with pytest.raises(ArtifactError, match="half of a surrogate pair"):
            save_weights(tmp_path / "w", {"\ud800": np.zeros(1)})

    def test_the_number_of_dimensions(self, tmp_path: Path) -> None:
        save_weights(tmp_path / "w", {"a": np.zeros((1,) * RANK_LIMIT)})
        assert load_weights(tmp_path / "w")["a"].ndim == RANK_LIMIT
        with pytest.raises(ArtifactError, match="has 33 dimensions, the limit is 32"):
            save_weights(tmp_path / "w", {"a": np.zeros((1,) * (RANK_LIMIT + 1))})

    def test_the_length_of_the_header(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        save(path, Checkpoint({}, {"text": ""}))
        room = HEADER_LIMIT - int.from_bytes(path.read_bytes()[:8], "little")
        save(path, Checkpoint({}, {"text": "x" * room}))
        assert int.from_bytes(path.read_bytes()[:8], "little") == HEADER_LIMIT
        assert len(load(path).state["text"]) == room
        with pytest.raises(ArtifactError, match="exceeds the limit of 4,194,304") as caught:
            save(path, Checkpoint({}, {"text": "x" * (room + 8)}))
        assert caught.value.code == "GN457"
        assert len(load(path).state["text"]) == room

    @pytest.mark.slow
    def test_the_number_of_tensors(self, tmp_path: Path) -> None:
        one = np.zeros(0, np.float32)
        many = {f"{number:x}": one for number in range(TENSOR_LIMIT)}
        save_weights(tmp_path / "w", many)
        assert load_weights(tmp_path / "w").keys() == many.keys()
        with pytest.raises(ArtifactError, match="it has 65,537 tensors, the limit is 65,536"):
            save_weights(tmp_path / "w", {**many, "more": one})

    @pytest.mark.parametrize("updates", [None, -1, 2**70, 1.0, True, "3"])
    def test_updates_that_give_no_name(self, tmp_path: Path, updates: Any) -> None:
        with pytest.raises(ArtifactError, match="'updates'") as caught:
            CheckpointFolder(tmp_path).save(Checkpoint({}, {"updates": updates}))
        assert caught.value.code == "GN458"
        assert list(tmp_path.iterdir()) == []


class TestFolder:
    @staticmethod
    def names(path: Path) -> list[str]:
        return sorted(found.name for found in path.iterdir())

    def test_newest_and_best_are_kept(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path, keep=2)
        for updates in (5, 10, 15, 20):
            path = folder.save(sample(updates), best=updates == 10)
            assert path == tmp_path / f"step-{updates:010}.safetensors"
        assert self.names(tmp_path) == [
            "best.safetensors",
            "step-0000000015.safetensors",
            "step-0000000020.safetensors",
        ]
        assert_equal(load(folder.best_path), sample(10))

    @pytest.mark.parametrize("keep", [1, 2, 3, 4])
    def test_exactly_so_many_are_kept(self, tmp_path: Path, keep: int) -> None:
        folder = CheckpointFolder(tmp_path, keep)
        for updates in (1, 2, 3):
            folder.save(sample(updates))
        kept = [f"step-{updates:010}.safetensors" for updates in (1, 2, 3)][-keep:]
        assert self.names(tmp_path) == kept

    def test_at_least_one_is_kept(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="at least one"):
            CheckpointFolder(tmp_path, 0)

    def test_nothing_to_find(self, tmp_path: Path) -> None:
        assert CheckpointFolder(tmp_path).newest() is None
        assert CheckpointFolder(tmp_path / "none").newest() is None

    def test_the_newest_is_found(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path)
        for updates in (9, 100, 20):
            folder.save(sample(updates))
        found = folder.newest()
        assert found is not None
        assert found.path == tmp_path / "step-0000000100.safetensors"
        assert found.skipped == ()
        assert_equal(found.checkpoint, sample(100))

    def test_damaged_ones_are_skipped_and_named(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path, keep=4)
        paths = [folder.save(sample(updates)) for updates in (1, 2, 3, 4)]
        paths[1].write_bytes(paths[1].read_bytes()[:-1])
        paths[2].write_bytes(b"")
        paths[3].unlink()
        paths[3].symlink_to(paths[0])
        found = folder.newest()
        assert found is not None
        assert found.path == paths[0]
        assert [skipped.path for skipped in found.skipped] == [paths[3], paths[2], paths[1]]
        assert [skipped.error.code for skipped in found.skipped] == ["GN504", "GN450", "GN451"]

    def test_all_damaged_is_not_nothing(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path)
        folder.save(sample(1)).write_bytes(b"")
        with pytest.raises(ArtifactError, match="has no whole checkpoint") as caught:
            folder.newest()
        assert caught.value.code == "GN459"
        assert "it is empty" in caught.value.notes[0]

    def test_a_damaged_newer_one_never_costs_the_only_whole_one(self, tmp_path: Path) -> None:
        folder = CheckpointFolder(tmp_path, keep=1)
        damaged = tmp_path / "step-0000000100.safetensors"
        damaged.write_bytes(b"")
        folder.save(sample(95))
        found = folder.newest()
        assert found is not None
        assert found.checkpoint.updates == 95
        assert [skipped.path for skipped in found.skipped] == [damaged]
        folder.save(sample(101))
        assert self.names(tmp_path) == ["step-0000000101.safetensors"]

    def test_one_that_was_just_pruned_is_no_reason_to_fail(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = CheckpointFolder(tmp_path, keep=1)
        folder.save(sample(1))
        listed = CheckpointFolder._numbers
        answers = [[1]]

        def late(self: CheckpointFolder) -> list[int]:
            return answers.pop() if answers else listed(self)

        monkeypatch.setattr(CheckpointFolder, "_numbers", late)
        (tmp_path / "step-0000000001.safetensors").rename(tmp_path / "step-0000000002.safetensors")
        found = folder.newest()
        assert found is not None
        assert found.path.name == "step-0000000002.safetensors"

    def test_other_files_are_left_alone(self, tmp_path: Path) -> None:
        others = ["notes.md", "step-1.safetensors", "step-0000000001.safetensors.bak"]
        for name in others:
            (tmp_path / name).write_bytes(b"")
        CheckpointFolder(tmp_path, keep=1).save(sample(7))
        assert self.names(tmp_path) == sorted([*others, "step-0000000007.safetensors"])

    def test_a_directory_that_is_gone_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ResourceError) as caught:
            CheckpointFolder(tmp_path / "gone").save(sample())
        assert caught.value.code == "GN505"

    def test_a_directory_that_vanishes_while_saving_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: Path) -> None:
            raise FileNotFoundError(2, "No such file or directory")

        monkeypatch.setattr("graphnet.training.checkpoint_folder.remove_stale", refuse)
        with pytest.raises(ResourceError) as caught:
            CheckpointFolder(tmp_path).save(sample())
        assert caught.value.code == "GN505"

    def test_a_directory_that_is_a_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(ResourceError) as caught:
            CheckpointFolder(tmp_path / "file").newest()
        assert caught.value.code == "GN505"

    def test_one_that_cannot_be_read_is_not_skipped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = CheckpointFolder(tmp_path)
        folder.save(sample(1))

        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("os.open", refuse)
        with pytest.raises(ResourceError) as caught:
            folder.newest()
        assert caught.value.code == "GN502"


class TestStrictJson:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ('{"a": 1, "a": 2}', "'a' stands twice"),
            ("NaN", "NaN is not a number"),
            ("[-Infinity]", "-Infinity is not a number"),
            ("1e999", "1e999 is out of range"),
            ("1" * 1001, "a number of 1001 digits"),
            ("1." + "0" * 1000, "a number of 1002 digits"),
            ('"\\ud800"', "half of a surrogate pair"),
            ('{"\\udc00": 1}', "half of a surrogate pair"),
            ("[[[[[0]]]]]", "nested more than 4 levels"),
            ("[" * 100_000, "nested more than 4 levels"),
            ('{"a":' * 100_000, "nested more than 4 levels"),
            ("", "Expecting value at character 0"),
            ("[1,]", "at character "),
            ("{} {}", "Extra data"),
            ('"\t"', "Invalid control character"),
            ("'a'", "Expecting value"),
            ("\\" + "[" * 100_000, "nested|Expecting"),
        ],
    )
    def test_what_is_refused(self, text: str, why: str) -> None:
        with pytest.raises(JsonError, match=why):
            parse(text, depth=4)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("[[[[0]]]]", [[[[0]]]]),
            ("[], []".replace(", []", ""), []),
            ('"[[[[[[[["', "[[[[[[[["),
            ('["\\"[[[[", "\\\\", "]]]]\\\\\\""]', ['"[[[[', "\\", ']]]]\\"']),
            ('"\\ud83c\\udf88"', "🎈"),
            ("-0.0", -0.0),
            ("9" * 1000, 10**1000 - 1),
        ],
    )
    def test_what_is_read(self, text: str, value: Any) -> None:
        assert parse(text, depth=4) == value

    def test_many_keys_take_no_quadratic_time(self) -> None:
        keys = {f"{number}": 0 for number in range(200_000)}
        text = canonical(keys)
        assert parse(text, 1) == keys


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"", "empty"),
        (b"\0" * 64, "zero bytes"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x80\x04\x95", "a pickle"),
        (b"\n<!doctype html>", "a web page"),
        (b"\xef\xbb\xbf<html>", "a web page"),
        (b'{"a": 1}', "JSON text"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\x93NUMPY\x01", "an npy file"),
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
        (b"graphnet: 1", "a spec"),
        (b"anything else", UNKNOWN),
    ],
)
def test_a_file_says_what_it_is(start: bytes, kind: str) -> None:
    assert kind in kind_of(start)
