"""Sets: parts cut from one source, weights of samples and classes, samplers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphnet.data import Batches, Declaration, Sets, load_sets
from graphnet.errors import DataError
from graphnet.recipe import Data

X = Declaration("x", (), "float64")
KIND = Declaration("kind", (), "int64", 3)
WEIGHT = Declaration("sample_weight", (), "float64")


def load(folder: Path, *targets: Declaration, **data: Any) -> Sets:
    kinds = [0] * 12 + [1] * 6 + [2] * 2
    rows = [f"{i},{kind},{i // 4},{1 + i % 3},{20 - i}" for i, kind in enumerate(kinds)]
    (folder / "a.csv").write_text("\n".join(["x,kind,group,w,day", *rows]))
    source = {"path": "a.csv", "inputs": {"x": "x"}, "targets": {"kind": "kind"}}
    train = source | data.pop("train", {})
    return load_sets(Data.from_plain({"train": train, **data}), folder, [X], targets or [KIND])


def test_three_parts_of_one_source(tmp_path: Path) -> None:
    sets = load(
        tmp_path, test={"fraction": 0.2, "order": "day"}, validation={"folds": 4, "fold": 1}
    )
    assert sets.validation is not None
    assert sets.test is not None
    assert sets.test.inputs["x"].tolist() == [0, 1, 2, 3]  # the latest days
    assert (sets.train.count, sets.validation.count) == (12, 4)
    every = [*sets.train.inputs["x"], *sets.validation.inputs["x"], *sets.test.inputs["x"]]
    assert sorted(every) == list(range(20))


def test_groups_by_a_column_that_nothing_reads(tmp_path: Path) -> None:
    sets = load(tmp_path, validation={"fraction": 0.4, "group": "group"})
    assert sets.validation is not None
    groups = [{int(x) // 4 for x in part.inputs["x"]} for part in (sets.train, sets.validation)]
    assert not groups[0] & groups[1]
    assert sets.validation.count == 8


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ({"stratify": "group"}, "cannot stratify by 'group': no such target"),
        ({"group": "grp"}, "did you mean 'group'?"),
    ],
)
def test_splits_by_what_is_not_there(tmp_path: Path, cut: dict[str, str], words: str) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, validation={"fraction": 0.5, **cut})
    assert caught.value.code == "GN326"
    assert words in str(caught.value)


def test_weights_come_from_a_column_or_are_one(tmp_path: Path) -> None:
    sets = load(tmp_path, KIND, WEIGHT, train={"weights": "w"}, validation={"fraction": 0.25})
    assert sets.validation is not None
    for part in (sets.train, sets.validation):
        assert part.targets["sample_weight"].tolist() == (1 + part.inputs["x"] % 3).tolist()
    plain = load(tmp_path, KIND, WEIGHT)
    assert plain.train.targets["sample_weight"].tolist() == [1.0] * 20


def test_weights_of_classes_are_those_of_scikit_learn(tmp_path: Path) -> None:
    weights = pytest.importorskip("sklearn.utils.class_weight")
    sets = load(
        tmp_path,
        KIND,
        WEIGHT,
        class_weight="balanced",
        validation={"fraction": 0.25, "stratify": "kind"},
    )
    expected = weights.compute_sample_weight("balanced", sets.train.targets["kind"])
    np.testing.assert_allclose(sets.train.targets["sample_weight"], expected)
    assert sets.validation is not None
    assert sets.validation.targets["sample_weight"].tolist() == [1.0] * 5
    given = {"0": 2.0, "2": 5.0}
    listed = load(tmp_path, KIND, WEIGHT, class_weight=[2.0, 1.0, 5.0], train={"weights": "w"})
    sets = load(tmp_path, KIND, WEIGHT, class_weight=given, train={"weights": "w"})
    assert listed.train.sha256() == sets.train.sha256()
    expected = weights.compute_sample_weight({0: 2.0, 1: 1.0, 2: 5.0}, sets.train.targets["kind"])
    np.testing.assert_allclose(
        sets.train.targets["sample_weight"], expected * (1 + np.arange(20) % 3)
    )


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ({"train": {"weights": "w"}}, "GN334", "weights says how much samples count"),
        ({"class_weight": "balanced"}, "GN334", "class_weight says how much samples count"),
        ({"sampler": {"type": "balanced", "target": "kin"}}, "GN336", "did you mean 'kind'?"),
        ({"sampler": {"type": "weighted", "weights": "v"}}, "GN317", "no column 'v'"),
    ],
)
def test_weights_that_nothing_takes(
    tmp_path: Path, data: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, **data)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_class_that_is_not_there_has_no_weight(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a class '3' that 'kind' does not have"):
        load(tmp_path, KIND, WEIGHT, class_weight={"3": 2.0})


def drawn(sets: Sets, epochs: int = 300) -> np.ndarray[Any, np.dtype[np.int64]]:
    batches = Batches(sets.train, 4, shuffle=True, seed=5, training=True)
    again = Batches(sets.train, 4, shuffle=True, seed=5, training=True)
    orders = [batches.order(epoch) for epoch in range(epochs)]
    assert np.array_equal(again.order(7), orders[7])
    assert not np.array_equal(orders[0], orders[1])
    assert {len(order) for order in orders} == {sets.train.count}
    return np.bincount(np.concatenate(orders), minlength=sets.train.count)


def test_a_balanced_sampler_draws_classes_alike(tmp_path: Path) -> None:
    sets = load(tmp_path, sampler="balanced")
    counts = drawn(sets)
    shares = [counts[sets.train.targets["kind"] == kind].sum() / counts.sum() for kind in range(3)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.03)
    # Judging sees every sample once, in its order.
    assert Batches(sets.train, 4).order(0).tolist() == list(range(20))


def test_a_weighted_sampler_follows_its_column(tmp_path: Path) -> None:
    sets = load(
        tmp_path, sampler={"type": "weighted", "weights": "w"}, validation={"fraction": 0.25}
    )
    counts, weights = drawn(sets), 1 + sets.train.inputs["x"] % 3
    assert counts / counts.sum() == pytest.approx(weights / weights.sum(), abs=0.02)
