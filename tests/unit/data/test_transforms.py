"""Transforms agree with scikit-learn's, learn from the training part only, and travel as plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import Declaration, Prepared, Sets, class_counts, load_sets
from graphnet.data.prepared import prepare
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import ArtifactError, DataError
from graphnet.recipe import TRANSFORMS, Data, Source

sk = pytest.importorskip("sklearn.preprocessing", reason="compares with scikit-learn")
impute = pytest.importorskip("sklearn.impute")

TRAIN = np.arange(30)


def numbers() -> Array:
    """Columns of different sizes, one constant, one with a large mean."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 5)) * [1, 10, 0.1, 0, 1e-3] + [0, 5, -3, 7, 1e6]
    return np.round(values, 6)


def applied(values: Array, *transforms: dict[str, Any]) -> Array:
    """Fit on the first 30 rows of one array, apply to all, through plain data and back."""
    table = SampleTable("made", {"a": values}, word="array")
    declared = [Declaration("x", values.shape[1:], "float64")]
    chosen = {"x": ("a",)}
    entries = Data.from_plain({"train": {"path": "a"}, "transforms": list(transforms)}).transforms
    fitted = prepare(entries, table, chosen, {"inputs": declared, "targets": []}, TRAIN)
    again = Prepared.from_plain(json.loads(json.dumps(fitted.plain())))
    assert again == fitted
    return again.apply(table, ["a"]).array("a")


def gaps() -> Array:
    values = numbers()[:, 0]
    values[[2, 5, 33]] = np.nan
    values[[7, 8]] = 0.25
    return values


X = numbers()
CASES: list[tuple[dict[str, Any], Array, Any]] = [
    ({"type": "standardize"}, X, sk.StandardScaler()),
    ({"type": "standardize", "with_mean": False}, X, sk.StandardScaler(with_mean=False)),
    ({"type": "standardize", "with_std": False}, X, sk.StandardScaler(with_std=False)),
    ({"type": "min_max"}, X[:, :4], sk.MinMaxScaler()),
    ({"type": "min_max", "low": -1, "high": 3}, X[:, :4], sk.MinMaxScaler((-1, 3))),
    ({"type": "min_max", "clip": True}, X[:, :4], sk.MinMaxScaler(clip=True)),
    ({"type": "robust"}, X, sk.RobustScaler()),
    (
        {"type": "robust", "lower": 5, "upper": 80, "with_centering": False},
        X,
        sk.RobustScaler(quantile_range=(5, 80), with_centering=False),
    ),
    ({"type": "robust", "with_scaling": False}, X, sk.RobustScaler(with_scaling=False)),
    ({"type": "one_hot", "columns": "a"}, np.arange(40) % 4, sk.OneHotEncoder(sparse_output=False)),
    ({"type": "ordinal", "columns": "a"}, (np.arange(40) % 4) * 2.5, sk.OrdinalEncoder()),
    *(
        ({"type": "impute", "strategy": way}, gaps(), impute.SimpleImputer(strategy=way))
        for way in ("mean", "median", "most_frequent", "constant")
    ),
    (
        {"type": "impute", "strategy": "constant", "value": -1.5},
        gaps(),
        impute.SimpleImputer(strategy="constant", fill_value=-1.5),
    ),
    ({"type": "scale", "factor": 3, "offset": -1}, X, lambda x: x * 3 - 1),
    ({"type": "log"}, np.exp(X[:, 0]), np.log),
    ({"type": "log", "offset": 1}, np.abs(X), np.log1p),
    ({"type": "clip", "low": -0.5}, X, lambda x: np.maximum(x, -0.5)),
    ({"type": "clip", "low": -0.5, "high": 4}, X, lambda x: np.clip(x, -0.5, 4)),
    (
        {"type": "bucket", "bins": 4},
        X[:, 0],
        sk.KBinsDiscretizer(4, encode="ordinal", quantile_method="linear", subsample=None),
    ),
    (
        {"type": "bucket", "bins": 3, "strategy": "uniform", "one_hot": True},
        X[:, 0],
        sk.KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform", subsample=None),
    ),
    ({"type": "bucket", "edges": [-1, 0, 0.5]}, X[:, 0], lambda x: np.digitize(x, [-1, 0, 0.5])),
]


def test_every_transform_is_compared() -> None:
    assert {case[0]["type"] for case in CASES} == set(TRANSFORMS)


@pytest.mark.parametrize(
    ("transform", "values", "oracle"),
    CASES,
    ids=[f"{i}-{c[0]['type']}" for i, c in enumerate(CASES)],
)
def test_equal_to_scikit_learn(transform: dict[str, Any], values: Array, oracle: Any) -> None:
    if callable(oracle):
        expected = oracle(values)
    else:
        columns = values.reshape(40, -1)
        oracle.fit(columns[TRAIN])
        # What other rows have beyond the training part must not change what is learned.
        expected = oracle.transform(columns)
    found = applied(values, transform)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-12, atol=1e-13)


def test_whole_arrays_have_one_scale() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (40, 2, 3)).astype(np.uint8)
    part = pictures[TRAIN].astype(float)
    for kind, center, width in (
        ("standardize", part.mean(), part.std()),
        ("min_max", part.min(), part.max() - part.min()),
        ("robust", np.median(part), np.subtract(*np.percentile(part, (75, 25)))),
    ):
        found = applied(pictures, {"type": kind, "per": "array"})
        assert found.shape == pictures.shape
        np.testing.assert_allclose(found, (pictures - center) / width, rtol=1e-12)


def test_one_after_the_other() -> None:
    found = applied(
        gaps(), {"type": "impute"}, {"type": "clip", "low": -1}, {"type": "standardize"}
    )
    filled = np.clip(
        impute.SimpleImputer().fit(gaps()[TRAIN, None]).transform(gaps()[:, None]), -1, None
    )
    expected = sk.StandardScaler().fit(filled[TRAIN]).transform(filled)
    np.testing.assert_allclose(found, expected[:, 0], rtol=1e-12)


CSV = """\
age,city,smoker,income,grade
31,Rome,yes,1000,good
25,Oslo,no,NA,bad
,Rome,no,1500,good
47,Bonn,yes,2000,fair
38,Oslo,no,2500,bad
29,Rome,yes,1200,fair
"""
ROW = Declaration("row", (6,), "float64")
GRADE = Declaration("grade", (), "int64", 3)


def load(folder: Path, csv: str = CSV, grade: Declaration = GRADE, **data: Any) -> Sets:
    (folder / "people.csv").write_text(csv)
    source = {
        "path": "people.csv",
        "inputs": {"row": ["age", "city", "smoker", "income"]},
        "targets": {grade.name: "grade"},
    }
    section = {"train": source, **data}
    return load_sets(Data.from_plain(section), folder, [ROW], [grade])


FILL = {"type": "impute", "strategy": "median"}


def test_a_table_of_words_and_gaps(tmp_path: Path) -> None:
    steps = [FILL | {"columns": ["age", "income"]}, {"type": "one_hot", "columns": "city"},
             {"type": "ordinal", "columns": "smoker"}, {"type": "scale", "columns": "income",
              "factor": 0.001}]  # fmt: skip
    sets = load(tmp_path, transforms=steps)
    assert sets.train.inputs["row"].tolist() == [
        [31, 0, 0, 1, 1, 1.0],
        [25, 0, 1, 0, 0, 1.5],
        [31, 0, 0, 1, 0, 1.5],
        [47, 1, 0, 0, 1, 2.0],
        [38, 0, 1, 0, 0, 2.5],
        [29, 0, 0, 1, 1, 1.2],
    ]
    assert sets.train.targets["grade"].tolist() == [2, 0, 2, 1, 0, 1]
    assert sets.train.classes == {"grade": ("bad", "fair", "good")}
    assert class_counts(sets.train) == {"grade": {"bad": 2, "fair": 2, "good": 2}}


def test_words_are_yes_and_no_only_where_there_are_two(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,sure,grade\n1,yes,good\n2,no,bad\n3,no,fair\n")
    x = Declaration("x", (), "float32")
    for column, found in (("sure", [[1], [0], [0]]), ("grade", None)):
        source = {"path": "a.csv", "inputs": {"x": "x"}, "targets": {"y": column}}
        data, y = Data.from_plain({"train": source}), Declaration("y", (1,), "float32")
        if found is not None:
            sets = load_sets(data, tmp_path, [x], [y])
            assert sets.train.targets["y"].tolist() == found
            assert sets.train.classes == {"y": ("no", "yes")}
            continue
        with pytest.raises(DataError, match="'good' in column 'grade' is not a number"):
            load_sets(data, tmp_path, [x], [y])


def test_transforms_without_names_find_their_columns(tmp_path: Path) -> None:
    steps = [{"type": "impute"}, "one_hot", "standardize"]
    wide = Declaration("row", (7,), "float64")
    (tmp_path / "a.csv").write_text(CSV.replace(",NA,", ",1100,").replace("\n,", "\n30,"))
    source = {
        "path": "a.csv",
        "inputs": {"row": ["age", "city", "smoker", "income"]},
        "targets": {"grade": "grade"},
    }
    steps[0] = {"type": "impute", "strategy": "most_frequent"}
    sets = load_sets(
        Data.from_plain({"train": source, "transforms": steps}), tmp_path, [wide], [GRADE]
    )
    row = sets.train.inputs["row"]
    assert set(np.unique(row[:, 1:6])) == {0.0, 1.0}
    np.testing.assert_allclose(row[:, [0, 6]].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(row[:, [0, 6]].std(axis=0), 1)


def test_only_the_training_part_teaches(tmp_path: Path) -> None:
    rows = "".join(f"{value},a,no,{value},good\n" for value in range(10))
    text = "age,city,smoker,income,grade\n" + rows
    sets = load(
        tmp_path,
        text.replace(",a,", ",1,").replace(",no,", ",2,"),
        Declaration("grade", (), "int64", 3),
        validation={"fraction": 0.3, "order": "age"},
        transforms=[{"type": "standardize", "columns": "age"}],
        train={"path": "people.csv", "inputs": {"row": ["age"] * 6}, "targets": {"grade": "grade"}},
    )
    expected = (np.arange(10) - 3.0) / 2.0  # of 0 to 6: mean 3, deviation 2
    assert sets.validation is not None
    np.testing.assert_allclose(sets.train.inputs["row"][:, 0], expected[:7])
    np.testing.assert_allclose(sets.validation.inputs["row"][:, 0], expected[7:])


def test_other_files_go_through_what_was_learned(tmp_path: Path) -> None:
    (tmp_path / "later.csv").write_text("age,city,smoker,income,grade\n40,Bonn,no,5,good\n")
    steps = [FILL | {"columns": ["age", "income"]}, {"type": "one_hot", "columns": "city"},
             {"type": "ordinal", "columns": "smoker"}]  # fmt: skip
    source = {
        "path": "later.csv",
        "inputs": {"row": ["age", "city", "smoker", "income"]},
        "targets": {"grade": "grade"},
    }
    sets = load(tmp_path, transforms=steps, test=source)
    assert sets.test is not None
    assert sets.test.inputs["row"].tolist() == [[40, 1, 0, 0, 0, 5]]
    assert sets.test.targets["grade"].tolist() == [2]


@pytest.mark.parametrize(
    ("change", "steps", "code", "words"),
    [
        ({}, [], "GN309", "an empty cell in column 'age'"),
        ({"\n,": "\n1,"}, [], "GN309", "'Rome' in column 'city' is not a number"),
        ({}, ["one_hot"], "GN309", "an empty cell in column 'age'"),
        ({}, [FILL], "GN331", "'city' holds words, which have no median"),
        ({"Rome": "NA"}, ["one_hot"], "GN331", "3 values of 'city' are missing"),
        ({}, [{"type": "scale", "columns": "ag"}], "GN335", "did you mean 'age'?"),
        ({}, [{"type": "scale", "inputs": "rows"}], "GN335", "inputs in use: row"),
        (
            {},
            [{"type": "ordinal", "columns": "grade", "categories": ["bad", "good"]}],
            "GN330",
            "line 5",
        ),
        (
            {"47": "-1"},
            [FILL | {"columns": "age"}, {"type": "log", "columns": "age"}],
            "GN333",
            "line 5",
        ),
        ({"47": "4x"}, [FILL | {"columns": "age"}], "GN331", "'age' holds words"),
        (
            {"bad": "1"},
            [FILL | {"columns": ["age", "income"]}, "one_hot"],
            "GN309",
            "'good' in column 'grade'",
        ),
    ],
)
def test_what_cannot_be_transformed(
    tmp_path: Path, change: dict[str, str], steps: list[Any], code: str, words: str
) -> None:
    text = CSV
    for old, new in change.items():
        text = text.replace(old, new)
    with pytest.raises(DataError) as caught:
        load(tmp_path, text, transforms=steps)
    assert caught.value.code == code, str(caught.value)
    assert words in str(caught.value)
    assert caught.value.exit_code == 1


def test_an_unknown_category_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("city,grade\nOslo,1\nRomme,0\n")
    (tmp_path / "a.csv").write_text("city,grade\nOslo,1\nRome,0\n")
    city, grade = Declaration("city", (2,), "float32"), Declaration("grade", (), "int64")
    for unknown in ("error", "ignore"):
        data = Data.from_plain(
            {
                "train": {"path": "a.csv", "inputs": {"city": "city"}},
                "test": {"path": "b.csv", "inputs": {"city": "city"}},
                "transforms": [{"type": "one_hot", "unknown": unknown}],
            }
        )
        if unknown == "ignore":
            sets = load_sets(data, tmp_path, [city], [grade])
            assert sets.test is not None
            assert sets.test.inputs["city"].tolist() == [[1, 0], [0, 0]]
            continue
        with pytest.raises(DataError, match="'Romme' in line 3 of column 'city'") as caught:
            load_sets(data, tmp_path, [city], [grade])
        assert (caught.value.code, caught.value.line) == ("GN330", 3)
        assert caught.value.file == str(tmp_path / "b.csv")
        assert caught.value.help == "did you mean 'Rome'?"


def test_samples_of_another_width_than_those_learned_from(tmp_path: Path) -> None:
    for name, width in (("a", 4), ("b", 5)):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(0).normal(size=(8, width)))
    for kind in ("standardize", "min_max", "robust"):
        data = Data.from_plain(
            {"train": {"path": "a.npy"}, "test": {"path": "b.npy"}, "transforms": [kind]}
        )
        with pytest.raises(DataError) as caught:
            load_sets(data, tmp_path, [Declaration("x", (4,), "float64")], [])
        assert caught.value.code in {"GN318", "GN319"}
    table = SampleTable("b", {"a": np.ones((2, 5))}, word="array")
    state = {"mean": [0.0] * 4, "scale": [1.0] * 4}
    plain = [{"transform": {"type": "standardize"}, "columns": {"a": state}}]
    with pytest.raises(
        DataError, match="'a' has 5 numbers a sample, the training set had 4"
    ) as late:
        Prepared.from_plain(plain).apply(table, ["a"])
    assert late.value.code == "GN319"


def test_too_much_to_learn() -> None:
    wide = np.zeros((40, 400, 400), np.uint8)
    with pytest.raises(DataError, match="would learn 320,000 numbers") as caught:
        applied(wide, {"type": "min_max"})
    assert caught.value.code == "GN332"
    assert applied(wide, {"type": "min_max", "per": "array"}).shape == wide.shape


@pytest.mark.parametrize(
    "plain",
    [
        *(
            [{"transform": {"type": kind}, "columns": {"a": state}}]
            for kind, state in (
                ("standardize", {"mean": [0.0]}),
                ("standardize", {"mean": [0.0], "scale": ["x"]}),
                ("standardize", {"mean": [0.0, 1.0], "scale": [1.0]}),
                ("standardize", {"mean": 0.0, "scale": 1.0}),
                ("one_hot", {"categories": [None]}),
                ("impute", {"fill": [1]}),
                ("bucket", {"edges": [True]}),
                ("scale", {"factor": 2}),
                ("clip", 3),
            )
        ),
        5,
        [5],
        [{}],
        [{"transform": {"type": "x"}, "columns": {}}],
        [{"transform": {"type": "scale"}, "columns": 3}],
    ],
)
def test_states_that_cannot_be_read(plain: Any) -> None:
    with pytest.raises(ArtifactError) as caught:
        Prepared.from_plain(plain)
    assert caught.value.code == "GN460"


def test_sources_alone_have_no_transforms() -> None:
    assert Prepared().apply(SampleTable("a", {"x": np.ones(2)}), ["x"]).array("x").tolist() == [
        1,
        1,
    ]
    assert Source(path="a").conflict() == ""
