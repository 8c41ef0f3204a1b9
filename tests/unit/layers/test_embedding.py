"""Embedding: a table of rows, one of which may be padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from emitting import N, layer, refused
from examples import compiled, network, started

from graphnet.declare import KindError
from graphnet.layers import LAYERS

WORD = {"word": {"shape": [2], "dtype": "int64"}}


def test_shapes_and_first_values() -> None:
    made = layer("Embedding", (5,), dtype="int64", num_embeddings=9, embedding_dim=4)
    assert made.shapes == {"weight": "[9, 4]"}
    assert (made.shape, made.dtype) == ((N, 5, 4), "float32")
    assert made.ops == ["gather_rows"]
    weight = made.parameters["weight"]
    assert (weight.initial.type, weight.initial.settings) == ("normal", {"mean": 0.0, "std": 1.0})
    assert weight.zero_row == -1
    alone = layer("Embedding", (), dtype="int64", num_embeddings=9, embedding_dim=4)
    assert alone.shape == (N, 4)


@pytest.mark.parametrize(("given", "row"), [(0, 0), (8, 8), (-1, 8), (-9, 0)])
def test_the_padding_row_is_counted_as_torch_does(given: int, row: int) -> None:
    sizes: dict[str, Any] = {"num_embeddings": 9, "embedding_dim": 4, "padding_idx": given}
    assert layer("Embedding", (5,), dtype="int64", **sizes).parameters["weight"].zero_row == row


@pytest.mark.parametrize("given", [9, -10])
def test_a_padding_row_outside_is_refused(given: int) -> None:
    sizes: dict[str, Any] = {"num_embeddings": 9, "embedding_dim": 4, "padding_idx": given}
    error = refused("Embedding", (5,), dtype="int64", **sizes)
    assert error.message == f"padding_idx {given} is outside the 9 rows"


def test_numbers_that_are_not_whole_are_refused() -> None:
    error = refused("Embedding", (5,), num_embeddings=9, embedding_dim=4)
    assert error.message == "needs whole numbers, the input holds float32"
    assert error.help == "declare the input as {shape: [...], dtype: int64}"
    for settings in ({"num_embeddings": 0, "embedding_dim": 4}, {"num_embeddings": 9}):
        with pytest.raises(KindError):
            LAYERS["Embedding"].from_plain(settings)


def test_rows_are_looked_up_and_the_padding_row_starts_at_zero() -> None:
    embed = {"type": "Embedding", "num_embeddings": 9, "embedding_dim": 4, "padding_idx": 3}
    program = compiled(network({"embed": embed}, inputs=WORD))
    assert program.inputs[0].limit == 9
    executable = started(program)
    table = executable.parameters["embed.weight"]
    routine = executable.routine("predict", 2)
    routine.inputs["word"][...] = [[3, 0], [8, 3]]
    routine.forward()
    out = routine.outputs["embed"]
    np.testing.assert_array_equal(out[0, 0], np.zeros(4))
    np.testing.assert_array_equal(out[1, 1], np.zeros(4))
    np.testing.assert_array_equal(out[0, 1], table[0])
    np.testing.assert_array_equal(out[1, 0], table[8])
    assert np.count_nonzero(table) == 32


def test_repeated_rows_gather_all_gradients_and_padding_none() -> None:
    embed = {"type": "Embedding", "num_embeddings": 5, "embedding_dim": 2, "padding_idx": 1}
    plain = network(
        {"embed": embed},
        inputs={"word": {"shape": [4], "dtype": "int64"}},
        targets={"y": {"shape": [4, 2]}},
        loss={"type": "MSELoss", "reduction": "sum"},
        dtype="float64",
    )
    executable = started(compiled(plain))
    routine = executable.routine("train", 1)
    routine.inputs["word"][...] = [[2, 1, 2, 0]]
    routine.targets["y"][...] = 0.0
    routine.forward()
    routine.backward()
    weight = executable.parameters["embed.weight"]
    expected = np.zeros((5, 2))
    expected[2], expected[0] = 4.0 * weight[2], 2.0 * weight[0]
    np.testing.assert_allclose(executable.gradients["d:embed.weight"], expected, rtol=1e-15)
