"""Splits: nothing lost, nothing doubled, proportions kept, always the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnet.data import Samples, split
from graphnet.errors import DataError


def numbered(labels: list[int]) -> Samples:
    count = len(labels)
    return Samples(
        {"row": np.arange(count, dtype=np.float32)},
        {"label": np.array(labels, np.float32).reshape(count, 1)},
        count,
    )


@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=60),
    fraction=st.floats(0.001, 0.999),
    stratify=st.sampled_from([None, "label"]),
    seed=st.integers(0, 2**70),
)
def test_every_sample_is_in_exactly_one_part(
    labels: list[int], fraction: float, stratify: str | None, seed: int
) -> None:
    samples = numbered(labels)
    train, validation = split(samples, fraction, stratify, seed)
    assert validation.count == min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    rows = np.concatenate([train.inputs["row"], validation.inputs["row"]])
    assert sorted(rows.tolist()) == list(range(len(labels)))
    for part in (train, validation):
        assert part.count == len(part.inputs["row"]) > 0
        assert (np.diff(part.inputs["row"]) > 0).all()
        assert part.targets["label"][:, 0].tolist() == [
            labels[int(row)] for row in part.inputs["row"]
        ]
    if stratify:
        for kind in set(labels):
            expected = validation.count * labels.count(kind) / len(labels)
            assert abs(int((validation.targets["label"] == kind).sum()) - expected) < 1


def test_same_seed_same_parts_other_seed_others() -> None:
    samples = numbered([0, 1] * 50)
    first, again, other = (split(samples, 0.2, None, seed)[1] for seed in (1, 1, 2))
    assert first.sha256() == again.sha256() != other.sha256()


def test_proportions_are_exact_where_they_can_be() -> None:
    _, validation = split(numbered([0] * 70 + [1] * 20 + [2] * 10), 0.2, "label", 0)
    assert np.bincount(validation.targets["label"][:, 0].astype(int)).tolist() == [14, 4, 2]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("lable", "GN326", "did you mean 'label'?"),
        ("place", "GN326", "its values are not classes"),
        ("pair", "GN326", "its values are not classes"),
    ],
)
def test_targets_that_are_no_classes(name: str, code: str, words: str) -> None:
    samples = numbered([0, 1, 1])
    samples.targets["place"] = np.array([0.5, 1.0, 2.0])
    samples.targets["pair"] = np.zeros((3, 2))
    with pytest.raises(DataError) as caught:
        split(samples, 0.5, name)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_one_sample_cannot_be_split() -> None:
    with pytest.raises(DataError, match="one sample") as caught:
        split(numbered([1]), 0.5)
    assert caught.value.code == "GN325"
