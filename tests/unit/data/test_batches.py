"""Batches: orders that depend on (seed, epoch) alone, exact copies, no allocation."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphnet.data import Batches, Samples
from graphnet.errors import DataError


def numbered(count: int) -> Samples:
    rows = np.arange(count)
    return Samples(
        {"pair": np.stack([rows, -rows], axis=1).astype(np.float32)},
        {"label": rows.astype(np.int64)},
        count,
    )


def buffers(size: int) -> dict[str, Any]:
    return {"pair": np.full((size, 2), np.nan, np.float32), "label": np.full(size, -1, np.int64)}


@given(
    count=st.integers(1, 40),
    size=st.integers(1, 50),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    epoch=st.integers(0, 10**6),
)
def test_an_epoch_gives_every_sample_once(
    count: int, size: int, shuffle: bool, drop_last: bool, epoch: int
) -> None:
    if drop_last and size > count:
        with pytest.raises(DataError, match="do not fill a batch") as caught:
            Batches(numbered(count), size, shuffle, drop_last)
        assert caught.value.code == "GN327"
        return
    batches = Batches(numbered(count), size, shuffle, drop_last, seed=3)
    order = batches.order(epoch)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(count))
    seen: list[int] = []
    for index in range(len(batches)):
        into = buffers(size)
        true_size = batches.load(order, index, into)
        labels = into["label"].tolist()
        assert labels[true_size:] == [-1] * (size - true_size)
        assert np.array_equal(into["pair"][:true_size, 0], labels[:true_size])
        assert np.array_equal(into["pair"][:true_size, 1], np.negative(labels[:true_size]))
        assert true_size == size or index == len(batches) - 1
        seen += labels[:true_size]
    kept = count - count % size if drop_last else count
    assert seen == order.tolist()[:kept]


def test_order_is_a_function_of_seed_and_epoch() -> None:
    shuffled = Batches(numbered(100), 10, shuffle=True, seed=7)
    later = shuffled.order(5)
    assert not np.array_equal(later, shuffled.order(6))
    assert np.array_equal(later, Batches(numbered(100), 33, shuffle=True, seed=7).order(5))
    assert not np.array_equal(later, Batches(numbered(100), 10, shuffle=True, seed=8).order(5))
    assert Batches(numbered(4), 2, seed=7).order(5).tolist() == [0, 1, 2, 3]


def test_order_never_changes_between_versions() -> None:
    # A resumed run draws what the uninterrupted one drew, also after an update of graphnet.
    order = Batches(numbered(10), 5, shuffle=True, seed=0).order(1)
    assert order.tolist() == [8, 5, 3, 6, 9, 0, 4, 1, 7, 2]


@pytest.mark.parametrize("shuffle", [False, True])
def test_loading_allocates_no_data(shuffle: bool) -> None:
    samples = Samples({"x": np.zeros((256, 4096), np.float32)}, {}, 256)
    batches = Batches(samples, 128, shuffle)
    order, into = batches.order(0), {"x": np.zeros((128, 4096), np.float32)}
    batches.load(order, 0, into)
    tracemalloc.start()
    try:
        batches.load(order, 1, into)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4096


def test_storage_is_contiguous_whatever_came_in() -> None:
    values = np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3))
    into = {"x": np.zeros((3, 3), np.float32)}
    batches = Batches(Samples({"x": values}, {}, 4), 3)
    assert batches.load(batches.order(0), 1, into) == 1
    assert into["x"][0].tolist() == [9, 10, 11]


def test_targets_nobody_reads_are_not_copied() -> None:
    into = {"pair": np.zeros((2, 2), np.float32)}
    assert Batches(numbered(2), 2).load(np.arange(2), 0, into) == 2
    assert into["pair"].tolist() == [[0, 0], [1, -1]]
