"""Broken, hostile and unfit data files: every row of the catalogue ends in one coded error."""

from __future__ import annotations

import io
import os
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import (
    Declaration,
    Samples,
    labelled_points,
    load_samples,
    npz_source,
    read_source,
    samples_from_arrays,
)
from graphnet.data.prepared import Prepared
from graphnet.data.sample_table import SampleTable
from graphnet.data.samples import assemble
from graphnet.errors import DataError, GraphNetError, ResourceError
from graphnet.recipe import Source

X = Declaration("x", (), "float32")
KIND = Declaration("kind", (), "int64", 3)
NAMES = {
    "csv": "a.csv",
    "jsonl": "a.jsonl",
    "npz": "a.npz",
    "npy": "a.npy",
    "idx": "a.idx",
    "safetensors": "a.safetensors",
    "parquet": "a.parquet",
    "labelled-points": "a.pkl",
}
FORMATS = pytest.mark.parametrize("format_", NAMES)


def npy(
    descr: Any = "<f4",
    shape: Any = (3,),
    data: bytes = bytes(12),
    version: bytes = b"\x01\x00",
    header: str | None = None,
) -> bytes:
    """Build an array file whose header claims anything."""
    text = header or repr({"descr": descr, "fortran_order": False, "shape": shape}) + "\n"
    length = len(text).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    return b"\x93NUMPY" + version + length + text.encode() + data


def archive(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as out:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            out.writestr(info, content)
    return stream.getvalue()


def refused(folder: Path, name: str, content: bytes) -> DataError:
    """Read a file that must be refused, and return the error."""
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_source(Source(path=name), folder)
    assert caught.value.file == str(folder / name)
    return caught.value


def refused_array(folder: Path, content: bytes) -> DataError:
    return refused(folder, "a.npz", archive(("x.npy", content)))


# E01, E18: files that cannot be opened


@FORMATS
def test_missing(tmp_path: Path, format_: str) -> None:
    with pytest.raises(ResourceError, match=r"no data file 'sub/a\.bin'") as caught:
        read_source(Source(path="sub/a.bin", format=format_), tmp_path)
    assert (caught.value.code, caught.value.exit_code) == ("GN505", 4)
    assert str(tmp_path / "sub" / "a.bin") in str(caught.value)


@FORMATS
def test_directory(tmp_path: Path, format_: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ResourceError, match="directory") as caught:
        read_source(Source(path="folder", format=format_), tmp_path)
    assert (caught.value.exit_code, caught.value.file) == (4, str(tmp_path / "folder"))


@FORMATS
def test_empty_file(tmp_path: Path, format_: str) -> None:
    found = refused(tmp_path, NAMES[format_], b"")
    assert (found.code, found.exit_code) == ("GN303", 1)
    assert "is empty" in found.message


@FORMATS
def test_links_that_lead_nowhere(tmp_path: Path, format_: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    for name, words in (("loop", "symbolic links"), ("dangling", "target does not exist")):
        with pytest.raises(ResourceError) as caught:
            read_source(Source(path=name, format=format_), tmp_path)
        assert caught.value.exit_code == 4
        assert words in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@FORMATS
def test_pipe_is_refused_without_waiting(tmp_path: Path, format_: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ResourceError, match="pipe") as caught:
        read_source(Source(path="pipe", format=format_), tmp_path)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("path", ["a\x00b.csv", "x" * 300 + ".csv"])
def test_impossible_names(tmp_path: Path, path: str) -> None:
    with pytest.raises(ResourceError) as caught:
        read_source(Source(path=path), tmp_path)
    assert caught.value.exit_code == 4


# E02 to E09: array headers


def test_objects_are_not_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}, None], dtype=object))
    found = refused(tmp_path, "a.npz", (tmp_path / "a.npz").read_bytes())
    assert found.code == "GN313"
    assert "contains Python objects; they are not loaded" in found.message


@pytest.mark.parametrize("change", [-12, -1, 1, 12])
def test_truncated_and_trailing_array(tmp_path: Path, change: int) -> None:
    found = refused_array(tmp_path, npy(data=bytes(12 + change)))
    assert found.code == "GN312"
    assert f"it claims 12 bytes, {12 + change} are there" in found.notes


@pytest.mark.parametrize(
    "shape",
    [(10**12,), (2**62, 4), (2**32, 2**32), (2**63 - 1, 2**63 - 1, 2**63 - 1), (3, 0)],
)
def test_claims_beyond_the_file_are_not_allocated(tmp_path: Path, shape: tuple[int, ...]) -> None:
    found = refused_array(tmp_path, npy(shape=shape))
    assert found.code == "GN312"
    assert "12 are there" in str(found)


@pytest.mark.parametrize(
    "shape", [(-3,), (True, 3), (3.0,), ("3",), [3], 3, (2**64,), (None,), (1,) * 40, ((3,),)]
)
def test_shapes_that_are_none(tmp_path: Path, shape: Any) -> None:
    found = refused_array(tmp_path, npy(shape=shape))
    assert found.code == "GN312"
    assert "its shape is" in str(found)


@pytest.mark.parametrize(
    "descr",
    ["S0", "S5", "<U4", "<c8", "<c16", "<M8[s]", "<m8", "|V8", "f4,f4", "|O", "<f16", "a10", "int",
     "<f4" * 3, [("a", "<f4")], 4, None, ["<f4"], "<f3", "b4"],
)  # fmt: skip
def test_types_that_are_no_numbers(tmp_path: Path, descr: Any) -> None:
    found = refused_array(tmp_path, npy(descr=descr))
    assert found.code == "GN313"
    assert "float32" in found.help


def test_byte_order_and_memory_order_are_normalised() -> None:
    values = np.arange(6.0).reshape(2, 3)
    wanted = Declaration("x", (3,), "float64")
    for given in (values.astype(">f8"), np.asfortranarray(values), values.astype(">i2")):
        found = samples_from_arrays({"x": given}, [wanted], []).inputs["x"]
        assert found.tolist() == values.tolist()
        assert found.dtype == np.dtype("=f8")
        assert found.flags.c_contiguous


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUM",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY\x01\x00\xff\xff",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        b"\x93NUMPY\x02\x00" + (2**31).to_bytes(4, "little") + b"x" * 100,
        npy(version=b"\x09\x00"),
        npy(header="{"),
        npy(header="[1, 2]"),
        npy(header="{'descr': '<f4'}"),
        npy(header="__import__('os').system('true')"),
        npy(header="(" * 5000),
        npy(header="-" * 60000 + "1"),
        npy(header="{[]: 1}"),
        npy(header="{'shape': (3,), 'descr': '<f4', 'fortran_order': False, 'more': 1}"),
        b"\xff\xfe" * 40,
    ],
)
def test_headers_that_are_none(tmp_path: Path, content: bytes) -> None:
    found = refused_array(tmp_path, content)
    assert found.code == "GN312"
    assert "the header of array 'x' in 'a.npz' does not fit" in found.message


def test_truth_values_are_zero_or_one(tmp_path: Path) -> None:
    assert refused_array(tmp_path, npy(descr="|b1", data=b"\x00\x01\x02")).code == "GN312"


# E10 to E12: archives


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("x.txt", b"hello")], "is not an array"),
        ([("x.npy", npy()), ("x.npy", npy())], "two members"),
        ([("../x.npy", npy())], "is not an array"),
        ([("/etc/x.npy", npy())], "is not an array"),
        ([("a\\x.npy", npy())], "is not an array"),
        ([(".npy", npy())], "is not an array"),
        ([(f"{k}.npy", npy()) for k in range(1025)], "1025 members, limit 1024"),
    ],
)
def test_members_that_are_no_arrays(
    tmp_path: Path, members: list[tuple[str, bytes]], words: str
) -> None:
    found = refused(tmp_path, "a.npz", archive(*members))
    assert found.code == "GN311"
    assert words in found.message


def test_encrypted_member(tmp_path: Path) -> None:
    content = bytearray(archive(("x.npy", npy())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    found = refused(tmp_path, "a.npz", bytes(content))
    assert (found.code, found.message) == ("GN311", "member 'x.npy' is encrypted")


def test_archive_without_arrays(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.npz", archive()).code == "GN303"


def test_missing_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", pixels=np.zeros(3))
    source = Source(path="a.npz", inputs={"x": "pixel"})
    with pytest.raises(DataError, match="no array 'pixel'") as caught:
        load_samples(source, tmp_path, [X], [])
    assert (caught.value.code, caught.value.help) == ("GN317", "did you mean 'pixels'?")


def test_bomb_is_not_unpacked(tmp_path: Path) -> None:
    size = 65 << 20
    member = ("x.npy", npy("|u1", (size,), bytes(size)))
    found = refused(tmp_path, "a.npz", archive(member, compression=zipfile.ZIP_DEFLATED))
    assert found.code == "GN314"
    assert "to 65.0 MiB" in found.message


def test_small_constant_arrays_may_pack_well(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(100_000))
    assert (tmp_path / "a.npz").stat().st_size < 800_000 / 100
    assert read_source(Source(path="a.npz"), tmp_path).array("x").shape == (100_000,)


def test_sum_of_members_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz_source, "ARRAYS_LIMIT", 4096)
    part = npy("|u1", (3000,), bytes(3000))
    found = refused(tmp_path, "a.npz", archive(("x.npy", part), ("y.npy", part)))
    assert found.code == "GN305"
    assert "limit 4.0 KiB" in found.message


def test_member_that_states_less_than_it_holds(tmp_path: Path) -> None:
    content = bytearray(archive(("x.npy", npy())))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = (40).to_bytes(4, "little")
    assert refused(tmp_path, "a.npz", bytes(content)).code in {"GN310", "GN312"}


def test_member_that_states_more_than_it_holds(tmp_path: Path) -> None:
    content = bytearray(archive(("x.npy", npy(shape=(4,)))))
    place = content.index(b"PK\x01\x02") + 24
    stated = int.from_bytes(content[place : place + 4], "little") + 4
    content[place : place + 4] = stated.to_bytes(4, "little")
    found = refused(tmp_path, "a.npz", bytes(content))
    assert found.code == "GN312"
    assert "it claims 16 bytes, 12 are there" in found.notes


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_flipped_bit_is_found_or_harmless(tmp_path: Path, compression: int) -> None:
    values = np.array([1.5, -2.0, 3.25], "<f4")
    whole = archive(("x.npy", npy(data=values.tobytes())), compression=compression)
    path, codes = tmp_path / "a.npz", set()
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            table = read_source(Source(path="a.npz"), tmp_path)
        except DataError as error:
            codes.add(error.code)
            continue
        # What is left unfound is outside the content: dates, permissions, who wrote the archive.
        assert {name: table.array(name).tolist() for name in table.names} == {"x": values.tolist()}
    assert "GN310" in codes


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_truncation_is_found(tmp_path: Path, compression: int) -> None:
    whole = archive(("x.npy", npy()), compression=compression)
    for length in range(1, len(whole)):
        assert refused(tmp_path, "a.npz", whole[:length]).code in {"GN304", "GN310"}


# E13, E14, E16, E17


def test_lengths_differ(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3), kind=np.zeros(4, int))
    with pytest.raises(DataError, match="'x' has 3 rows, 'kind' has 4") as caught:
        load_samples(Source(path="a.npz"), tmp_path, [X], [KIND])
    assert caught.value.code == "GN320"


def test_features_differ_from_the_spec() -> None:
    wanted = Declaration("x", (3,), "float32")
    with pytest.raises(DataError) as caught:
        samples_from_arrays({"x": np.zeros((5, 4))}, [wanted], [])
    assert caught.value.code == "GN319"
    three = Declaration("x", (1, 4), "float32")
    assert samples_from_arrays({"x": np.zeros((5, 4))}, [three], []).inputs["x"].shape == (5, 1, 4)


def test_shapes_are_told_on_both_sides(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", pixels=np.zeros((5, 4)))
    source = Source(path="a.npz", inputs={"x": "pixels"})
    wanted = r"array 'pixels' holds samples of \[4\], 'x' is declared \[3\]"
    with pytest.raises(DataError, match=wanted) as caught:
        load_samples(source, tmp_path, [Declaration("x", (3,), "float32")], [])
    assert caught.value.code == "GN319"
    assert "declare 'x' as {shape: [4]}" in caught.value.help


def test_an_array_of_the_very_name_has_another_shape(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", image=np.zeros((5, 1, 8, 8)), digit=np.zeros(5))
    wanted = [Declaration("image", (3, 8, 8), "float32")]
    with pytest.raises(DataError) as caught:
        load_samples(Source(path="a.npz"), tmp_path, wanted, [Declaration("digit", (), "int64")])
    assert (caught.value.code, caught.value.message) == (
        "GN319",
        "array 'image' holds samples of [1, 8, 8], 'image' is declared [3, 8, 8]",
    )
    assert "declare 'image' as {shape: [1, 8, 8]}" in caught.value.help


@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ((3, 8, 9), "give image[None]: the first dimension counts samples"),
        ((8, 9, 3), "give image.transpose(2, 0, 1)[None]: the first dimension counts samples"),
        ((5, 8, 9, 3), "give image.transpose(0, 3, 1, 2)"),
        ((5, 8, 9), "declare 'image' as {shape: [8, 9]}, or name another array for it"),
    ],
)
def test_the_cure_of_an_array_turned_or_without_a_batch(given: tuple[int, ...], cure: str) -> None:
    values = np.zeros(given)
    with pytest.raises(DataError) as caught:
        samples_from_arrays({"image": values}, [Declaration("image", (3, 8, 9), "float32")], [])
    assert caught.value.help == cure
    if cure.startswith("give"):
        axes = [int(found) for found in re.findall(r"\d", cure)] or range(values.ndim)
        turned = values.transpose(*axes)
        assert turned.shape[-3:] == (3, 8, 9)


def test_the_cure_of_an_image_without_batch_and_channel() -> None:
    with pytest.raises(DataError) as caught:
        samples_from_arrays(
            {"image": np.zeros((8, 9))}, [Declaration("image", (1, 8, 9), "float32")], []
        )
    assert caught.value.help == "give image[None]: the first dimension counts samples"


def test_the_cure_counts_what_transforms_made_of_columns(tmp_path: Path) -> None:
    table = SampleTable(
        "t.csv",
        {"a": np.zeros(2), "b": np.zeros((2, 5)), "c": np.zeros(2)},
        spread=frozenset({"b"}),
    )
    wanted = [Declaration("x", (3,), "float32")]
    with pytest.raises(DataError) as caught:
        assemble(table, {"x": ("a", "b", "c")}, Prepared(), wanted, [])
    assert "declare it as {shape: [7]}" in caught.value.help
    assert "found 3 columns, 7 numbers" in caught.value.notes
    assert "transforms make of one column each: b 5" in caught.value.notes


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros(())])
def test_no_rows(values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(DataError, match="'x' of '<arrays>' has no rows") as caught:
        samples_from_arrays({"x": values}, [X], [])
    assert caught.value.code == "GN303"


def test_file_replaced_after_loading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n2\n")
    first = load_samples(Source(path="a.csv"), tmp_path, [X], [])
    path.write_text("x\n1\n3\n")
    assert first.inputs["x"].tolist() == [1, 2]
    # A resumed run compares digests.
    assert load_samples(Source(path="a.csv"), tmp_path, [X], []).sha256() != first.sha256()


@pytest.mark.parametrize(
    ("limit", "name"),
    [("csv_source.TEXT_LIMIT", "a.csv"), ("labelled_points.PICKLE_LIMIT", "a.pkl")],
)
def test_files_beyond_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, name: str
) -> None:
    content = b"x\n1\n" if name == "a.csv" else pickle.dumps([[(1.0, 2.0), 0]])
    monkeypatch.setattr(f"graphnet.data.{limit}", len(content))
    (tmp_path / name).write_bytes(content)
    assert read_source(Source(path=name), tmp_path).array("x").tolist() == [1.0]
    monkeypatch.setattr(f"graphnet.data.{limit}", len(content) - 1)
    found = refused(tmp_path, name, content)
    assert found.code == "GN305"
    assert f"needs {len(content)} bytes, limit {len(content) - 1} bytes" in found.message


# Pickles


class Hostile:
    """What a pickle could run."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_run_nothing(tmp_path: Path, protocol: int) -> None:
    victim = tmp_path / "victim"
    hostile = Hostile(os.mkdir, (str(victim),))
    found = refused(tmp_path, "a.pkl", pickle.dumps([[(1.0, hostile), 0]], protocol))
    assert found.code == "GN315"
    assert "nothing of it was loaded or run" in found.notes
    assert not victim.exists()


@pytest.mark.parametrize("content", [b"cos\nmkdir\n.", b"Pfoo\n.", b"\x80\x04K\x01Q."])
def test_the_second_fence_holds_without_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(labelled_points, "_check_opcodes", lambda file, content: None)
    found = refused(tmp_path, "a.pkl", content)
    assert found.code == "GN304"
    assert "asks for" in str(found)


@pytest.mark.parametrize(
    "value", [None, True, "text", b"bytes", {"a": 1}, {1}, 1j, np.float64(1.0), [[("a", 1.0), 0]]]
)
@pytest.mark.parametrize("protocol", [0, 4])
def test_pickles_of_other_things(tmp_path: Path, value: object, protocol: int) -> None:
    found = refused(tmp_path, "a.pkl", pickle.dumps(value, protocol))
    assert found.code in {"GN315", "GN316"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02]r\xff\xff\xff\xff.",
        b"(lp4294967295\n.",
        b"\x80\x02]r\xff\xff\xff\x0f.",
    ],
)
def test_pickle_whose_memo_would_fill_the_memory(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, "a.pkl", content).code == "GN315"


@pytest.mark.parametrize(
    "content",
    [
        b"Pfoo\n.",
        b"\x80\x04\x8c\x05idea1Q.",
        b"\x80\x04\x97.",
        b"\x82\x01.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x8b\x00\x00\x00\x01" + b"\x01" * 100 + b".",
    ],
    ids=["persistent", "binary persistent", "buffer", "extension", "global", "long integer"],
)
def test_opcodes_beyond_plain_data(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, "a.pkl", content).code in {"GN304", "GN315"}


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_every_truncation_and_tail_of_a_pickle(tmp_path: Path, protocol: int) -> None:
    whole = pickle.dumps([[(1.5, -2.0), 0], [(0.5, 3.0), 1]], protocol)
    for length in range(1, len(whole)):
        assert refused(tmp_path, "a.pkl", whole[:length]).code in {"GN304", "GN315"}
    assert refused(tmp_path, "a.pkl", whole + b".").code == "GN304"
    assert refused(tmp_path, "a.pkl", whole + whole).code == "GN304"


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_every_flipped_bit_of_a_pickle_ends_in_points_or_a_coded_error(
    tmp_path: Path, protocol: int
) -> None:
    whole = pickle.dumps([[(1.5, -2.0), 0], [(0.5, 3.0), 1]], protocol)
    codes = set()
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / "a.pkl").write_bytes(damaged)
        try:
            table = read_source(Source(path="a.pkl"), tmp_path)
        except GraphNetError as error:
            codes.add(error.code)
            continue
        # A number may have become another: a pickle has no checksum. It is still points.
        assert np.isfinite([table.array("x"), table.array("y")]).all()
        assert set(table.array("label").tolist()) <= {0, 1}
    assert codes <= {"GN303", "GN304", "GN315", "GN316"}
    assert {"GN304", "GN315", "GN316"} <= codes


# D01, D07, D08: values


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(tmp_path: Path, bad: float) -> None:
    values = np.zeros((5, 2), np.float32)
    values[2, 1] = values[4, 0] = bad
    np.savez(tmp_path / "a.npz", x=values)
    with pytest.raises(DataError) as caught:
        load_samples(Source(path="a.npz"), tmp_path, [Declaration("x", (2,), "float32")], [])
    assert caught.value.code == "GN321"
    assert caught.value.message == f"{bad} in row 3 of array 'x' is not finite"
    assert caught.value.notes == ("2 of 10 values are like this", "rows are counted from 1")
    assert caught.value.file == str(tmp_path / "a.npz")


def kinds(values: Any) -> Samples:
    return samples_from_arrays({"kind": np.asarray(values)}, [], [KIND])


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ([0, 1, -1], "GN323", "-1 in row 3 of array 'kind' is not in 0 to 2"),
        ([0, 3, 3], "GN323", "3 in row 2 of array 'kind' is not in 0 to 2"),
        ([0.0, 1.5, 2.0], "GN322", "1.5 in row 2 of array 'kind' is not a whole number"),
        ([0.0, np.nan], "GN321", "nan in row 2 of array 'kind' is not finite"),
        (["cat", "dog"], "GN313", "holds values that are not numbers"),
        ([None, 1], "GN313", "holds values that are not numbers"),
        ([1j], "GN313", "holds values that are not numbers"),
        ([0.0, 1e300], "GN324", "is too large for int64"),
        (np.array([0, 2**63], np.uint64), "GN324", "is too large for int64"),
        (np.array([np.inf], np.float16), "GN321", "inf in row 1"),
    ],
)
def test_labels_that_are_none(values: Any, code: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        kinds(values)
    assert caught.value.code == code
    assert words in caught.value.message


def test_labels_in_csv_are_told_with_their_line(tmp_path: Path) -> None:
    for cell, code in (("3", "GN323"), ("-1", "GN323"), ("1.5", "GN322"), ("cat", "GN309")):
        (tmp_path / "a.csv").write_text(f"x,kind\n1,0\n2,{cell}\n")
        with pytest.raises(DataError) as caught:
            load_samples(Source(path="a.csv"), tmp_path, [X], [KIND])
        assert (caught.value.code, caught.value.line, caught.value.column) == (code, 3, 3)
        assert repr(cell) in str(caught.value) or f"{cell} in line 3" in str(caught.value)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i8", "u8", "f2", "f4", "f8", "b1", ">i4", ">f2"])
def test_every_number_type_keeps_its_values(dtype: str) -> None:
    values = np.array([0, 1, 2, 1], dtype)
    assert kinds(values).targets["kind"].tolist() == values.tolist()
    floats = samples_from_arrays({"x": values}, [X], []).inputs["x"]
    assert (floats.dtype.name, floats.tolist()) == ("float32", values.tolist())


def test_extreme_values_do_not_wrap() -> None:
    wide = Declaration("x", (), "float64")
    big = np.array([255], np.uint8), np.array([-128], np.int8), np.array([65504], np.float16)
    assert [samples_from_arrays({"x": v}, [X], []).inputs["x"][0] for v in big] == [
        255,
        -128,
        65504,
    ]
    assert samples_from_arrays({"x": np.array([2**64 - 1], np.uint64)}, [wide], []).inputs["x"][
        0
    ] == pytest.approx(2.0**64)
    with pytest.raises(DataError, match=r"1e\+39 in row 1 of array 'x' is too large") as caught:
        samples_from_arrays({"x": np.array([1e39])}, [X], [])
    assert (caught.value.code, caught.value.exit_code) == ("GN324", 1)
    free = Declaration("kind", (), "int64")
    edge = np.array([-(2**63), 2**63 - 1])
    assert samples_from_arrays({"kind": edge}, [], [free]).targets["kind"].tolist() == edge.tolist()
