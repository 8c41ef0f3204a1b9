"""Splits: nothing lost, nothing doubled, proportions and groups kept, always the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphnet.data import split_rows
from graphnet.data.sample_table import Array
from graphnet.errors import DataError
from graphnet.recipe import Split

labels_ = st.lists(st.integers(0, 3), min_size=2, max_size=60)
seeds = st.integers(0, 2**70)


def column(**columns: Any) -> Callable[[str], Array]:
    return lambda name: np.asarray(columns[name])


def is_whole(parts: tuple[Array, Array], count: int) -> None:
    """Check that every sample is in exactly one part, in the order of the samples."""
    left, cut = parts
    assert len(left) > 0
    assert len(cut) > 0
    assert sorted(np.concatenate(parts).tolist()) == list(range(count))
    for part in parts:
        assert (np.diff(part) > 0).all()


@given(
    labels=labels_,
    fraction=st.floats(0.001, 0.999),
    stratify=st.sampled_from([None, "label"]),
    seed=seeds,
)
def test_a_fraction(labels: list[int], fraction: float, stratify: str | None, seed: int) -> None:
    cut = Split(fraction=fraction, stratify=stratify, seed=seed)
    parts = split_rows(len(labels), cut, column(label=labels))
    is_whole(parts, len(labels))
    assert len(parts[1]) == min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    if stratify:
        for kind in set(labels):
            found = [labels[row] for row in parts[1]].count(kind)
            assert abs(found - len(parts[1]) * labels.count(kind) / len(labels)) < 1


@given(labels=labels_, folds=st.integers(2, 7), stratify=st.sampled_from([None, "label"]))
def test_folds(labels: list[int], folds: int, stratify: str | None) -> None:
    count = len(labels)
    if count < folds:
        with pytest.raises(DataError, match=f"cannot be split into {folds} folds"):
            split_rows(count, Split(folds=folds), column())
        return
    tested: list[int] = []
    for fold in range(folds):
        cut = Split(folds=folds, fold=fold, stratify=stratify, seed=3)
        parts = split_rows(count, cut, column(label=labels))
        is_whole(parts, count)
        assert abs(len(parts[1]) - count / folds) < 1
        for kind in set(labels) if stratify else ():
            found = [labels[row] for row in parts[1]].count(kind)
            assert abs(found - labels.count(kind) / folds) < 1
        tested += parts[1].tolist()
    assert sorted(tested) == list(range(count))


@given(groups=st.lists(st.sampled_from("abcdefg"), min_size=4, max_size=60), seed=seeds)
def test_groups_stay_together(groups: list[str], seed: int) -> None:
    names = np.array(groups, dtype=object)
    different = len(set(groups))
    if different < 2:
        with pytest.raises(DataError, match="1 groups cannot be split"):
            split_rows(len(groups), Split(fraction=0.3, group="who"), column(who=names))
        return
    parts = split_rows(len(groups), Split(fraction=0.3, group="who", seed=seed), column(who=names))
    is_whole(parts, len(groups))
    assert not set(names[parts[0]]) & set(names[parts[1]])
    tested: list[int] = []
    for fold in range(different):
        cut = Split(folds=different, fold=fold, group="who", seed=seed)
        parts = split_rows(len(groups), cut, column(who=names))
        assert not set(names[parts[0]]) & set(names[parts[1]])
        tested += parts[1].tolist()
    assert sorted(tested) == list(range(len(groups)))


def test_a_fraction_of_groups_comes_near() -> None:
    groups = np.repeat(np.arange(50), 4)
    left, cut = split_rows(200, Split(fraction=0.25, group="g"), column(g=groups))
    assert abs(len(cut) - 50) <= 4
    assert len(left) + len(cut) == 200


@given(count=st.integers(2, 50), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 2**32 - 1))
def test_by_order_the_last_are_cut(count: int, fraction: float, seed: int) -> None:
    time = np.random.default_rng(seed).permutation(count).astype(float)
    parts = split_rows(count, Split(fraction=fraction, order="time"), column(time=time))
    is_whole(parts, count)
    assert time[parts[0]].max() < time[parts[1]].min()


@settings(deadline=None)
@given(count=st.integers(3, 60), folds=st.integers(2, 5))
def test_folds_by_order_are_those_of_scikit_learn(count: int, folds: int) -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    if count <= folds:
        return
    expected = list(selection.TimeSeriesSplit(folds).split(np.zeros(count)))
    for fold, (left, cut) in enumerate(expected):
        found = split_rows(
            count, Split(folds=folds, fold=fold, order="t"), column(t=np.arange(count))
        )
        assert [part.tolist() for part in found] == [left.tolist(), cut.tolist()]


def test_dates_as_text_are_an_order() -> None:
    days = np.array(["2024-02-01", "2023-12-31", "2024-01-05"], dtype=object)
    left, cut = split_rows(3, Split(fraction=0.3, order="day"), column(day=days))
    assert (left.tolist(), cut.tolist()) == ([1, 2], [0])


def test_same_seed_same_parts_other_seed_others() -> None:
    first, again, other = (
        split_rows(100, Split(fraction=0.2, seed=seed), column())[1].tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_proportions_are_exact_where_they_can_be() -> None:
    labels = np.array([0] * 70 + [1] * 20 + [2] * 10)
    _, cut = split_rows(100, Split(fraction=0.2, stratify="label"), column(label=labels))
    assert np.bincount(labels[cut]).tolist() == [14, 4, 2]


@pytest.mark.parametrize(
    ("count", "cut", "code", "words"),
    [
        (1, Split(fraction=0.5), "GN325", "one sample cannot be split"),
        (2, Split(folds=3), "GN325", "2 samples cannot be split into 3 folds"),
        (3, Split(folds=3, order="t"), "GN325", "cannot be split into 3 folds"),
        (4, Split(fraction=0.5, stratify="half"), "GN326", "its values are not classes"),
        (4, Split(fraction=0.5, group="pair"), "GN326", "several values a sample"),
    ],
)
def test_what_cannot_be_split(count: int, cut: Split, code: str, words: str) -> None:
    values = column(half=[0.5, 1, 2, 3], pair=np.zeros((4, 2)), t=np.arange(count))
    with pytest.raises(DataError, match=words) as caught:
        split_rows(count, cut, values)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({}, "either 'fraction' or 'folds'"),
        ({"fraction": 0.2, "folds": 3}, "either 'fraction' or 'folds'"),
        ({"folds": 3, "fold": 3}, "the last of 3 is 2"),
        ({"fraction": 0.2, "stratify": "a", "order": "b"}, "by 'stratify' or by 'order'"),
    ],
)
def test_splits_that_contradict_themselves(given_: dict[str, Any], words: str) -> None:
    assert words in Split(**given_).conflict()
