"""Broken and hostile npy, idx, safetensors, jsonl, parquet and picture files: one coded error each."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import read_source
from graphnet.errors import DataError, GraphNetError, ResourceError
from graphnet.recipe import Source

VALUES = np.array([[1.5, -2.0, 3.25], [0.0, 1.0, 7.5]], np.float32)


def npy(values: Any = VALUES, **header: Any) -> bytes:
    """Return a npy file, parts of whose header may be replaced."""
    stream = io.BytesIO()
    np.save(stream, values)
    content = stream.getvalue()
    if not header:
        return content
    fields = {"descr": "<f4", "fortran_order": False, "shape": values.shape} | header
    text = (repr(fields) + "\n").encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + values.tobytes()


def idx(
    code: int = 13, sizes: tuple[int, ...] = (2, 3), data: bytes = VALUES.astype(">f4").tobytes()
) -> bytes:
    return bytes([0, 0, code, len(sizes)]) + b"".join(s.to_bytes(4, "big") for s in sizes) + data


def tensors(header: Any = None, data: bytes = VALUES.tobytes(), **entry: Any) -> bytes:
    fields = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} | entry
    text = json.dumps({"x": fields} if header is None else header).encode()
    return len(text).to_bytes(8, "little") + text + data


def parquet() -> bytes:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as writer

    stream = io.BytesIO()
    writer.write_table(arrow.table({"x": [1.5, -2.0, 3.25], "k": [0, 1, 2]}), stream)
    return stream.getvalue()


WHOLE = {"a.npy": npy, "a.idx": idx, "a.safetensors": tensors, "a.parquet": parquet}


def refused(folder: Path, name: str, content: bytes, *, mapped: bool | None = None) -> DataError:
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_source(Source(path=name, mapped=mapped), folder)
    assert caught.value.file == str(folder / name)
    assert caught.value.exit_code == 1
    return caught.value


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_files_are_right(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WHOLE[name]())
    assert read_source(Source(path=name), tmp_path).array("x" if name[2] in "sp" else "a").size in {
        3,
        6,
    }


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("name", ["a.npy", "a.idx", "a.safetensors"])
def test_every_truncation_and_every_byte_more_is_found(
    tmp_path: Path, name: str, mapped: bool
) -> None:
    whole = WHOLE[name]()
    for length in range(1, len(whole)):
        assert refused(tmp_path, name, whole[:length], mapped=mapped).code in {"GN304", "GN312"}
    assert refused(tmp_path, name, whole + b"\0", mapped=mapped).code == "GN312"


def test_truncated_parquet(tmp_path: Path) -> None:
    whole = parquet()
    for length in range(1, len(whole), 7):
        assert refused(tmp_path, "a.parquet", whole[:length]).code in {"GN304", "GN310"}


@pytest.mark.parametrize("name", WHOLE)
def test_flipped_bits_never_end_in_anything_but_a_coded_error(tmp_path: Path, name: str) -> None:
    whole, rng = WHOLE[name](), np.random.default_rng(0)
    codes: set[str] = set()
    for bit in rng.integers(0, 8 * len(whole), 250):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / name).write_bytes(damaged)
        try:
            table = read_source(Source(path=name), tmp_path)
            for column in table.names:
                table.array(column)
        except GraphNetError as error:
            codes.add(error.code)
    assert codes <= {"GN303", "GN304", "GN305", "GN309", "GN310", "GN312", "GN313"}


FAULTS = [
    (
        "a.npy",
        npy(np.array([1, None], dtype=object)),
        "GN313",
        "Python objects; they are not loaded",
    ),
    ("a.npy", npy(descr="<M8[s]"), "GN313", "values that are not numbers"),
    ("a.npy", npy(shape=(10**12,)), "GN312", "24 are there"),
    ("a.npy", npy(shape=(2**62, 4)), "GN312", "24 are there"),
    ("a.npy", npy(shape=(-2, 3)), "GN312", "its shape is (-2, 3)"),
    ("a.npy", b"PK\x03\x04" + bytes(60), "GN304", "it looks like a zip archive"),
    ("a.npy", npy(np.array([0, 1, 2], np.uint8), descr="|b1"), "GN312", "truth values"),
    ("a.idx", b"\x93NUMPY" + bytes(60), "GN304", "it looks like a single .npy array"),
    ("a.idx", idx(code=7), "GN304", "is not an idx file"),
    ("a.idx", idx(sizes=()), "GN304", "is not an idx file"),
    ("a.idx", idx(sizes=(2**32 - 1, 2**32 - 1)), "GN312", "24 are there"),
    ("a.idx", idx(sizes=(1,) * 33), "GN304", "is not an idx file"),
    ("a.safetensors", tensors(shape=[2**62, 8]), "GN312", "24 are given"),
    ("a.safetensors", tensors(shape=[2, -3]), "GN312", "not whole numbers from 0"),
    ("a.safetensors", tensors(shape=[True, 6]), "GN312", "not whole numbers from 0"),
    (
        "a.safetensors",
        tensors(data_offsets=[4, 28]),
        "GN312",
        "do not follow those of the one before",
    ),
    ("a.safetensors", tensors(data_offsets=[0, 2**70]), "GN312", "not whole numbers from 0"),
    ("a.safetensors", tensors(data_offsets=[24, 0]), "GN312", "it needs 24 bytes"),
    ("a.safetensors", tensors(dtype="C64"), "GN313", "contains C64 values"),
    ("a.safetensors", tensors({"x": [1]}), "GN312", "needs dtype, shape and data_offsets"),
    ("a.safetensors", tensors({}, b""), "GN303", "holds no arrays"),
    (
        "a.safetensors",
        (2**63).to_bytes(8, "little") + b"{" + bytes(60),
        "GN312",
        "claims 9223372036854775808",
    ),
    ("a.safetensors", b"\x80\x02" + bytes(60), "GN304", "it looks like a pickle"),
    ("a.parquet", b"PAR1" + bytes(60), "GN310", "is damaged"),
    ("a.parquet", b"<html>" + bytes(60), "GN304", "it looks like an HTML page"),
    ("a.jsonl", b'{"x": 1}\n[1]\n', "GN339", "line 2 is not a JSON object"),
    ("a.jsonl", b'{"x": 1}\n{"x": NaN}\n', "GN339", "NaN is not a number"),
    ("a.jsonl", b'{"x": 1e999}\n', "GN339", "out of range"),
    ("a.jsonl", b'{"x": ' + b"[" * 5000 + b"\n", "GN339", "nested more than 9 levels"),
    ("a.jsonl", b'{"x": 1, "x": 2}\n', "GN339", "stands twice"),
    ("a.jsonl", b'{"x": 1}\n{"y": 1}\n', "GN307", "line 2 lacks the key 'x'"),
    ("a.jsonl", b'{"x": 1}\n\n{"x": 1}\n', "GN307", "line 2 is blank"),
    ("a.jsonl", b'{"x": "\xff"}\n', "GN304", "is not UTF-8 text"),
    ("a.jsonl", b"\n \n", "GN303", "has no rows"),
]


@pytest.mark.parametrize(("name", "content", "code", "words"), FAULTS)
def test_claims_that_do_not_hold(
    tmp_path: Path, name: str, content: bytes, code: str, words: str
) -> None:
    found = refused(tmp_path, name, content)
    assert found.code == code, str(found)
    assert words in str(found)


@pytest.mark.parametrize("name", ["a.npy", "a.idx", "a.safetensors"])
def test_nothing_is_allocated_for_what_a_header_claims(tmp_path: Path, name: str) -> None:
    claims = {
        "a.npy": npy(shape=(10**13,)),
        "a.idx": idx(sizes=(2**31, 2**10)),
        "a.safetensors": tensors(shape=[10**12]),
    }
    tracemalloc.start()
    try:
        refused(tmp_path, name, claims[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_packed_idx_files(tmp_path: Path) -> None:
    name = "x-idx2-ubyte.gz"
    whole = gzip.compress(idx())
    for length in range(4, len(whole) - 8, 3):
        assert refused(tmp_path, name, whole[:length]).code in {"GN310", "GN304", "GN312"}
    assert refused(tmp_path, name, gzip.compress(idx() + b"\0")).code == "GN312"
    assert refused(tmp_path, name, gzip.compress(b"hello, world")).code == "GN304"
    bomb = gzip.compress(idx(sizes=(2**31, 2)) + bytes(1 << 20))
    found = refused(tmp_path, name, bomb)
    assert found.code == "GN312"
    assert "it claims 17179869184 bytes" in str(found)


def test_values_of_other_shapes_name_their_key(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"x": [1, 2], "k": true}\n{"x": [1], "k": 1}\n')
    table = read_source(Source(path="a.jsonl"), tmp_path)
    for key in ("x", "k"):
        with pytest.raises(DataError) as caught:
            table.array(key)
        assert caught.value.code == "GN309"
        assert f"key {key!r}" in caught.value.message
    assert "x" not in table.texts


def folder(place: Path, **files: bytes) -> Path:
    for name, content in files.items():
        path = place / "pets" / name.replace("__", "/").replace("_png", ".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place


def png(height: int = 4, width: int = 4) -> bytes:
    image = pytest.importorskip("PIL.Image")
    stream = io.BytesIO()
    image.fromarray(np.zeros((height, width), np.uint8)).save(stream, "png")
    return stream.getvalue()


def test_pictures_that_are_none(tmp_path: Path) -> None:
    whole = png()
    for broken in (whole[: len(whole) // 2], b"hello", whole[:30] + bytes(20)):
        folder(tmp_path, cat__a_png=whole, cat__b_png=broken)
        with pytest.raises(DataError) as caught:
            read_source(Source(path="pets"), tmp_path)
        assert caught.value.code == "GN304"
        assert caught.value.file == str(tmp_path / "pets/cat/b.png")


def test_a_picture_that_unpacks_to_more_than_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphnet.data.image_source.PICTURE_LIMIT", 1000)
    folder(tmp_path, cat__a_png=png(40, 40))
    with pytest.raises(DataError, match="1,600 pixels, limit 1,000") as caught:
        read_source(Source(path="pets"), tmp_path)
    assert caught.value.code == "GN305"


def test_pictures_that_need_too_much_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphnet.data.image_source.ARRAYS_LIMIT", 100)
    folder(tmp_path, cat__a_png=png(), cat__b_png=png(), dog__c_png=png())
    with pytest.raises(DataError, match="the pictures of 'pets' need 144 bytes") as caught:
        read_source(Source(path="pets"), tmp_path)
    assert caught.value.code == "GN305"


def test_folders_that_hold_no_pictures(tmp_path: Path) -> None:
    pytest.importorskip("PIL.Image")
    folder(tmp_path, notes=b"no picture", cat__notes=b"none either")
    with pytest.raises(DataError, match="holds no pictures") as caught:
        read_source(Source(path="pets"), tmp_path)
    assert caught.value.code == "GN303"
    with pytest.raises(ResourceError) as missing:
        read_source(Source(path="cats", format="images"), tmp_path)
    assert (missing.value.code, missing.value.exit_code) == ("GN505", 4)
    with pytest.raises(DataError, match="not a folder of pictures"):
        read_source(Source(path="pets/notes", format="images"), tmp_path)


@pytest.mark.parametrize(("kind", "library"), [("parquet", "pyarrow"), ("images", "PIL")])
def test_extras_that_are_not_there(
    tmp_path: Path, kind: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    (tmp_path / "a").mkdir()
    with pytest.raises(ResourceError, match=r"need (Pillow|pyarrow)") as caught:
        read_source(Source(path="a", format=kind), tmp_path)
    assert caught.value.code == "GN520"
    assert f"graphnet[{kind}]" in caught.value.help


def test_a_picture_is_a_folder_by_its_kind(tmp_path: Path) -> None:
    assert read_source(Source(path="pets"), folder(tmp_path, cat__a_png=png())).names == (
        "image",
        "label",
    )
