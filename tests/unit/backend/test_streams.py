"""Random streams: pure functions of seed, name and position."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from graphnet.backend import generator_for
from graphnet.backend.numpy.streams import Streams


def reference(seed: int, name: str, start: int, count: int, dtype: str) -> np.ndarray:
    """Return the numbers that the documentation promises, made step by step."""
    words = [
        int.from_bytes(hashlib.sha256(name.encode()).digest()[i : i + 4], "little")
        for i in range(0, 32, 4)
    ]
    bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))
    bits.advance(start)
    return np.random.Generator(bits).random(count, dtype=np.dtype(dtype).type)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, 7, 8, 20])
def test_pass_t_begins_at_draw_t_times_the_stride(dtype: str, size: int) -> None:
    streams = Streams(5, {"a": 20})
    out = np.empty(size, dtype)
    for turn in [0, 1, 2, 2, 7, 3, 0, 1000]:
        streams.clock[...] = turn
        streams["a"].fill(out)
        np.testing.assert_array_equal(out, reference(5, "a", turn * 20, size, dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_smaller_batch_draws_the_same_numbers_for_its_samples(dtype: str) -> None:
    whole, part = np.empty((6, 3), dtype), np.empty((4, 3), dtype)
    for turn in range(3):
        streams = Streams(1, {"a": 18})
        streams.clock[...] = turn
        streams["a"].fill(whole.reshape(-1))
        streams["a"].fill(part.reshape(-1))
        np.testing.assert_array_equal(part, whole[:4])


def test_streams_are_told_apart_by_seed_and_name() -> None:
    drawn = {
        (seed, name): tuple(generator_for(seed, name).random(4).tolist())
        for seed in (0, 1, 2**200)
        for name in ("a", "b", "init:linear1.weight", "Ωμέγα")
    }
    assert len(set(drawn.values())) == len(drawn)
    assert drawn[0, "a"] == tuple(reference(0, "a", 0, 4, "float64").tolist())


def test_two_streams_do_not_disturb_each_other() -> None:
    together, apart = Streams(0, {"a": 4, "b": 4}), Streams(0, {"a": 4})
    one, other, alone = np.empty(4), np.empty(4), np.empty(4)
    for turn in range(3):
        for streams in (together, apart):
            streams.clock[...] = turn
        together["b"].fill(other)
        together["a"].fill(one)
        apart["a"].fill(alone)
        np.testing.assert_array_equal(one, alone)
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1, 3, 4])
def test_two_arrays_of_a_pass_are_one_run_of_numbers(dtype: str, size: int) -> None:
    streams = Streams(5, {"a": 8})
    one, other = np.empty(size, dtype), np.empty(size, dtype)
    for turn in (0, 1, 5):
        streams.clock[...] = turn
        streams["a"].fill(one, other)
        wanted = reference(5, "a", turn * 8, 2 * size, dtype)
        np.testing.assert_array_equal(np.concatenate([one, other]), wanted)
