"""From tables to samples: which column goes where, and explicit casts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import Declaration, Samples, load_samples, samples_from_arrays
from graphnet.errors import DataError
from graphnet.recipe import Source

POINTS = Declaration("points", (2,), "float32")
LABEL = Declaration("label", (1,), "float32")
CLASS = Declaration("label", (), "int64", 3)
CSV = "x,y,z,label\n1,2,3,0\n4,5,6,1\n7,8,9,2\n"


def load(
    folder: Path,
    reads: list[Declaration],
    wants: list[Declaration],
    content: str = CSV,
    **mappings: Any,
) -> Samples:
    (folder / "a.csv").write_text(content)
    return load_samples(Source(path="a.csv", **mappings), folder, reads, wants)


def test_explicit_mapping_picks_and_orders_columns(tmp_path: Path) -> None:
    samples = load(
        tmp_path, [POINTS], [CLASS], inputs={"points": ("z", "x")}, targets={"label": "label"}
    )
    assert samples.count == 3
    assert samples.inputs["points"].tolist() == [[3, 1], [6, 4], [9, 7]]
    assert samples.inputs["points"].dtype == np.float32
    assert samples.inputs["points"].flags.c_contiguous
    assert samples.targets["label"].tolist() == [0, 1, 2]
    assert samples.targets["label"].dtype == np.int64


def test_rest_of_the_columns_in_order_where_one_fit_exists(tmp_path: Path) -> None:
    place = Declaration("place", (3,), "float64")
    samples = load(tmp_path, [place], [LABEL])
    assert samples.inputs["place"].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert samples.targets["label"].tolist() == [[0], [1], [2]]
    only = load(tmp_path, [Declaration("pair", (2,), "float32")], [], "a,b\n1,2\n")
    assert only.inputs["pair"].tolist() == [[1, 2]]


def test_same_names_go_first(tmp_path: Path) -> None:
    singles = [Declaration(name, (), "float32") for name in "zyx"]
    samples = load(tmp_path, singles, [CLASS])
    assert {name: samples.inputs[name].tolist() for name in "xyz"} == {
        "x": [1, 4, 7],
        "y": [2, 5, 8],
        "z": [3, 6, 9],
    }
    # A column named like the input but of another size does not count as a fit.
    named = load(tmp_path, [Declaration("x", (3,), "float32")], [CLASS])
    assert named.inputs["x"][0].tolist() == [1, 2, 3]


def test_target_is_the_column_left_over(tmp_path: Path) -> None:
    kind = Declaration("kind", (), "int64")
    samples = load(tmp_path, [POINTS], [kind], "x,y,what\n1,2,7\n", inputs={"points": ("x", "y")})
    assert samples.targets["kind"].tolist() == [7]


def test_columns_fill_any_shape_row_by_row(tmp_path: Path) -> None:
    square = Declaration("square", (1, 2, 2), "float32")
    samples = load(tmp_path, [square], [], "a,b,c,d\n1,2,3,4\n")
    assert samples.inputs["square"].tolist() == [[[[1, 2], [3, 4]]]]


def test_arrays_may_leave_out_or_add_dimensions_of_one() -> None:
    images = Declaration("images", (1, 2, 2), "float32")
    given = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    samples = samples_from_arrays(
        {"images": given, "label": np.array([[1], [2]])}, [images], [CLASS]
    )
    assert samples.inputs["images"].shape == (2, 1, 2, 2)
    assert samples.inputs["images"].reshape(-1).tolist() == list(range(8))
    assert samples.targets["label"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("reads", "mappings", "code", "words"),
    [
        ([POINTS], {}, "GN318", "inputs: {points: [x, y]}"),
        ([POINTS], {"inputs": {"point": ("x", "y")}}, "GN318", "did you mean 'points'?"),
        ([POINTS, LABEL], {"inputs": {"points": ("x", "y")}}, "GN318", "nothing to input 'label'"),
        ([POINTS], {"inputs": {"points": ("x", "w")}}, "GN317", "columns: x, y, z, label"),
        ([POINTS], {"inputs": {"points": ("x", "y", "z")}}, "GN319", "found 3 columns"),
        ([POINTS], {"inputs": {"points": "x"}}, "GN319", "give it a list of 2 columns"),
    ],
)
def test_mappings_that_do_not_fit(
    tmp_path: Path, reads: list[Declaration], mappings: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, reads, [CLASS], **mappings)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_arrays_are_matched_by_name_only() -> None:
    arrays = {"a": np.zeros((2, 2)), "b": np.zeros(2)}
    with pytest.raises(DataError, match="there is no array 'c'"):
        samples_from_arrays(arrays, [Declaration("c", (3,), "float32")], [])


def test_matrix_in_a_list_of_arrays_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros((2, 2)), b=np.zeros(2))
    source = Source(path="a.npz", inputs={"points": ("a", "b")})
    with pytest.raises(DataError, match="cannot be one of several") as caught:
        load_samples(source, tmp_path, [POINTS], [])
    assert caught.value.code == "GN319"


def test_digest_depends_on_every_value_name_and_type() -> None:
    def digest(**changes: Any) -> str:
        arrays = {"points": np.array([[1.0, 2.0]]), "label": np.array([1.0])} | changes
        return samples_from_arrays(arrays, [POINTS], [LABEL]).sha256()

    assert digest() == digest(points=np.array([[1, 2]]))
    assert digest() != digest(points=np.array([[2.0, 1.0]]))
    assert digest() != digest(label=np.array([0.0]))
    double = samples_from_arrays(
        {"points": [[1.0, 2.0]], "label": [1.0]}, [Declaration("points", (2,), "float64")], [LABEL]
    )
    assert digest() != double.sha256()
    known = Samples({"x": np.array([1.0], ">f4")}, {}, 1)
    content = b"input 'x' float32 (1,)\n\x00\x00\x80\x3f"
    assert known.sha256() == hashlib.sha256(content).hexdigest()


def test_take_copies_rows_of_every_array() -> None:
    samples = samples_from_arrays(
        {"points": np.arange(6).reshape(3, 2), "label": [0, 1, 2]}, [POINTS], [CLASS]
    )
    part = samples.take(np.array([2, 0]))
    assert part.count == 2
    assert part.inputs["points"].tolist() == [[4, 5], [0, 1]]
    assert part.targets["label"].tolist() == [2, 0]
    part.inputs["points"][0] = 9
    assert samples.inputs["points"][2].tolist() == [4, 5]
