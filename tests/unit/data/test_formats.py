"""Every format gives the arrays that were written, in memory and mapped alike."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import Declaration, Samples, load_samples, read_source
from graphnet.data.sample_table import Array
from graphnet.data.sources import READERS
from graphnet.errors import DataError
from graphnet.recipe import FORMATS, Source

X = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
LABEL = np.arange(6) % 3


def idx(array: Array) -> bytes:
    """Write an array as MNIST's files are."""
    codes = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
    kind = array.dtype.str[1:]
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, codes[kind], array.ndim]) + sizes + array.astype(f">{kind}").tobytes()


def write_npy(folder: Path) -> Source:
    np.save(folder / "x.npy", X)
    np.save(folder / "y.npy", LABEL)
    return Source(path={"x": "x.npy", "label": "y.npy"})


def write_idx(folder: Path) -> Source:
    (folder / "train-x-idx3-ubyte").write_bytes(idx(X))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(LABEL.astype(np.int32)))
    return Source(path={"x": "train-x-idx3-ubyte", "label": "train-labels-idx1-ubyte"})


def write_safetensors(folder: Path) -> Source:
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({"x": X, "label": LABEL}, folder / "a.safetensors")
    return Source(path="a.safetensors")


def write_npz(folder: Path) -> Source:
    np.savez(folder / "a.npz", x=X, label=LABEL)
    return Source(path="a.npz")


def write_jsonl(folder: Path) -> Source:
    rows = zip(X.tolist(), LABEL.tolist(), strict=True)
    lines = [json.dumps({"x": x, "label": label}) for x, label in rows]
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n\n")
    return Source(path="a.jsonl")


def write_parquet(folder: Path) -> Source:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"x": list(X.reshape(6, 6)), "label": LABEL}
    parquet.write_table(arrow.table(columns), folder / "a.parquet")
    return Source(path="a.parquet")


def write_csv(folder: Path, separator: str = ",", suffix: str = "csv") -> Source:
    names = [f"x{place}" for place in range(6)]
    rows = [
        [*map(repr, map(float, x.ravel())), str(label)] for x, label in zip(X, LABEL, strict=True)
    ]
    text = "\n".join(separator.join(row) for row in [[*names, "label"], *rows])
    (folder / f"a.{suffix}").write_text(text)
    return Source(path=f"a.{suffix}", inputs={"x": tuple(names)}, targets={"label": "label"})


WRITERS: dict[str, Callable[[Path], Source]] = {
    "csv": write_csv,
    "tsv": lambda folder: write_csv(folder, "\t", "tsv"),
    "jsonl": write_jsonl,
    "npz": write_npz,
    "npy": write_npy,
    "idx": write_idx,
    "safetensors": write_safetensors,
    "parquet": write_parquet,
}
MAPPABLE = ("npy", "idx", "safetensors")
INPUTS = [Declaration("x", (2, 3), "float32")]
TARGETS = [Declaration("label", (), "int64", 3)]


def test_every_format_is_read() -> None:
    assert tuple(READERS) == FORMATS
    assert {*WRITERS, "images", "labelled-points"} == set(FORMATS)


@pytest.mark.parametrize("kind", WRITERS)
def test_values_come_back(tmp_path: Path, kind: str) -> None:
    source = WRITERS[kind](tmp_path)
    shape = (6,) if kind == "parquet" else (2, 3)
    samples = load_samples(source, tmp_path, [Declaration("x", shape, "float32")], TARGETS)
    assert np.array_equal(samples.inputs["x"], X.reshape(6, *shape))
    assert np.array_equal(samples.targets["label"], LABEL)


def mapped(folder: Path, kind: str) -> tuple[Samples, Samples]:
    """Return the samples of a file in memory, and mapped."""
    source = WRITERS[kind](folder)
    one, other = (
        load_samples(Source(path=source.path, mapped=way), folder, INPUTS, TARGETS)
        for way in (False, True)
    )
    return one, other


@pytest.mark.parametrize("kind", MAPPABLE)
def test_mapped_samples_are_the_same(tmp_path: Path, kind: str) -> None:
    held, left = mapped(tmp_path, kind)
    assert isinstance(held.inputs["x"], np.ndarray)
    assert not isinstance(left.inputs["x"], np.ndarray)
    assert left.inputs["x"].shape == (6, 2, 3)
    assert held.sha256() == left.sha256()
    rows = np.array([4, 1, 1])
    assert np.array_equal(left.inputs["x"][rows], X[rows])
    assert np.array_equal(left.take(rows).inputs["x"][1:3], X[[1, 1]])
    assert np.array_equal(
        np.asarray(left.take(rows).take(np.array([0])).targets["label"]), LABEL[[4]]
    )


@pytest.mark.parametrize("kind", MAPPABLE)
def test_a_mapped_file_that_changes_is_noticed(tmp_path: Path, kind: str) -> None:
    _, left = mapped(tmp_path, kind)
    source = WRITERS[kind](tmp_path)  # written again, as another program might
    path = source.path if isinstance(source.path, str) else source.path["x"]
    file = tmp_path / path
    os.utime(file, ns=(1, 1))
    if kind == "npy":  # np.save has truncated the very file that is mapped
        with pytest.raises(DataError, match="has changed while it was in use") as caught:
            left.inputs["x"][0:1]
        assert (caught.value.code, caught.value.exit_code) == ("GN337", 1)


def test_a_replaced_file_does_no_harm(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    samples = load_samples(Source(path="x.npy", mapped=True), tmp_path, INPUTS, [])
    np.save(tmp_path / "new.npy", X + 1)
    (tmp_path / "new.npy").replace(tmp_path / "x.npy")
    assert np.array_equal(samples.inputs["x"][0:6], X)


def test_mapped_values_are_checked_with_their_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphnet.data.prepared.CHUNK_NUMBERS", 12)
    bad = X.copy()
    bad[4, 1, 2] = np.nan
    np.save(tmp_path / "x.npy", bad)
    with pytest.raises(DataError, match="nan in row 5 of array 'x' is not finite") as caught:
        load_samples(Source(path="x.npy", mapped=True), tmp_path, INPUTS, [])
    assert caught.value.code == "GN321"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("code", ["<f2", ">f4", "<f8", "|i1", ">i8", "<u2", "|b1"])
@pytest.mark.parametrize("way", [False, True])
def test_npy_of_every_type_and_order(tmp_path: Path, code: str, order: str, way: bool) -> None:
    plain = (np.arange(24).reshape(2, 3, 4) % 2).astype(code)
    np.save(tmp_path / "a.npy", np.asfortranarray(plain) if order == "F" else plain)
    table = read_source(Source(path="a.npy", mapped=way), tmp_path)
    assert table.names == ("a",)
    assert np.array_equal(table.array("a"), plain)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("packed", [False, True])
def test_idx_of_every_type(tmp_path: Path, kind: str, packed: bool) -> None:
    plain = np.arange(24).reshape(2, 3, 4).astype(kind)
    content = idx(plain)
    name = "t10k-images-idx3-ubyte" + (".gz" if packed else "")
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    table = read_source(Source(path=name), tmp_path)
    assert table.names == ("t10k-images",)
    assert np.array_equal(table.array("t10k-images"), plain)


@pytest.mark.parametrize("code", ["F16", "I8", "I16", "U8", "U16", "U32", "U64", "BOOL"])
def test_safetensors_of_other_types(tmp_path: Path, code: str) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    kinds = {"F": "f", "I": "i", "U": "u", "B": "?"}
    kind = kinds[code[0]] + (str(int(code[1:]) // 8) if code != "BOOL" else "")
    plain = (np.arange(6) % 2).astype(kind)
    numpy.save_file({"x": plain}, tmp_path / "a.safetensors")
    found = read_source(Source(path="a.safetensors"), tmp_path).array("x")
    assert found.dtype == plain.dtype
    assert np.array_equal(found, plain)


def test_words_and_gaps_of_tables(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows: dict[str, list[Any]] = {
        "age": [1, None, 3],
        "city": ["a", "b", None],
        "ok": [True, False, True],
    }
    parquet.write_table(arrow.table(rows), tmp_path / "a.parquet")
    lines = [json.dumps({k: v[i] for k, v in rows.items()}) for i in range(3)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    for name in ("a.parquet", "a.jsonl"):
        table = read_source(Source(path=name), tmp_path)
        assert list(table.texts["city"]) == ["a", "b", ""]
        assert [text.removesuffix(".0") for text in table.texts["age"]] == ["1", "", "3"]
        assert table.array("ok").tolist() == [True, False, True]
        with pytest.raises(DataError) as caught:
            table.array("age")
        assert caught.value.code == "GN309"
        assert "2" in caught.value.message


def pictures(folder: Path, sizes: tuple[int, int] = (5, 4)) -> None:
    image = pytest.importorskip("PIL.Image")
    for index, name in enumerate(["dog/b.png", "cat/a.png", "dog/a.png", ".hidden/x.png"]):
        path = folder / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.full((sizes[0], sizes[1], 3), 10 * index, np.uint8)
        values[0, 0] = (1, 2, 3)
        image.fromarray(values).save(path)
    (folder / "pets" / "notes.txt").write_text("no picture")


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    pictures(tmp_path)
    inputs = [Declaration("image", (3, 5, 4), "float32")]
    targets = [Declaration("label", (), "int64", 2)]
    from graphnet.data import load_sets
    from graphnet.recipe import Data

    data = Data.from_plain({"train": {"path": "pets"}})
    sets = load_sets(data, tmp_path, inputs, targets)
    assert sets.train.classes == {"label": ("cat", "dog")}
    assert sets.train.targets["label"].tolist() == [0, 1, 1]
    assert sets.train.inputs["image"][:, 0, 1, 1].tolist() == [10, 20, 0]
    assert sets.train.inputs["image"][0, :, 0, 0].tolist() == [1, 2, 3]


def test_pictures_are_brought_to_one_size(tmp_path: Path) -> None:
    pictures(tmp_path)
    image = pytest.importorskip("PIL.Image")
    image.fromarray(np.full((9, 9), 200, np.uint8)).save(tmp_path / "pets/cat/grey.png")
    with pytest.raises(DataError, match="9 x 9 pixels, the first picture has 5 x 4") as caught:
        read_source(Source(path="pets"), tmp_path)
    assert caught.value.code == "GN338"
    assert caught.value.file == str(tmp_path / "pets/cat/grey.png")
    table = read_source(Source(path="pets", size=(2, 3)), tmp_path)
    assert table.array("image").shape == (4, 3, 2, 3)
    assert table.array("image")[1, :, 0, 0].tolist() == [200] * 3


def test_several_files_are_of_one_array_each(tmp_path: Path) -> None:
    write_npz(tmp_path)
    with pytest.raises(DataError, match="cannot be one of several files") as caught:
        read_source(Source(path={"x": "a.npz"}), tmp_path)
    assert caught.value.code == "GN302"
