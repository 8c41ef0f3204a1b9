"""First values: named streams, and those of torch and NumPy to the last bit."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from examples import NETWORKS, Array, compiled, linear, network, started

from graphnet.backend import NumpyExecutable, generator_for, initialize
from graphnet.errors import UsageError


def dense(
    seed: int = 0, dtype: str = "float32", stream: str = "named", **rest: Any
) -> NumpyExecutable:
    plain = network(
        {"z": linear(5), "a": linear(7), "m": linear(2, bias=False)},
        seed=seed,
        dtype=dtype,
        **rest,
    )
    plain["training"] = {"initialization": {"stream": stream}}
    return started(compiled(plain), stream)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_named_streams_follow_their_formula(dtype: str) -> None:
    executable = dense(3, dtype)
    for name, array in executable.parameters.items():
        fan = {"z": 3, "a": 5, "m": 7}[name[0]]
        bound = 1.0 / np.sqrt(np.float64(fan))
        drawn = generator_for(3, f"init:{name}").random(array.shape) * (2 * bound) - bound
        np.testing.assert_allclose(array, drawn, rtol=2e-7 if dtype == "float32" else 1e-15)
        assert np.abs(array).max() <= bound


def test_another_layer_changes_no_other_layers_first_values() -> None:
    small = started(compiled(network({"a": linear(5), "b": linear(4)})))
    grown = started(
        compiled(network({"new": linear(3), "a": linear(5), "t": "Tanh", "b": linear(4)}))
    )
    for name, array in small.parameters.items():
        np.testing.assert_array_equal(grown.parameters[name], array)


def test_seeds_differ_and_repeat() -> None:
    first, again, other = dense(1), dense(1), dense(2)
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
        assert not np.array_equal(other.parameters[name], array)


def test_normal_draws_and_padding_rows() -> None:
    table = {
        "type": "Embedding",
        "num_embeddings": 400,
        "embedding_dim": 50,
        "padding_idx": 7,
        "init": {"weight": {"type": "normal", "mean": 3.0, "std": 0.5}},
    }
    plain = network({"e": table}, inputs={"w": {"shape": [2], "dtype": "int64"}}, dtype="float64")
    weight = started(compiled(plain)).parameters["e.weight"]
    drawn = generator_for(0, "init:e.weight").standard_normal((400, 50)) * 0.5 + 3.0
    drawn[7] = 0.0
    np.testing.assert_array_equal(weight, drawn)
    # 19,950 draws: the mean has a deviation of 0.0035, the deviation one of 0.0025.
    rest = np.delete(weight, 7, axis=0)
    assert abs(rest.mean() - 3.0) < 0.02
    assert abs(rest.std() - 0.5) < 0.015


def test_statistics_and_states_go_back_to_their_start() -> None:
    executable = started(compiled(NETWORKS["batch_norm"]))
    for group in (executable.statistics, executable.states, executable.parameters):
        for array in group.values():
            array[...] = 9
    initialize(executable, "named")
    held = {name.rpartition(".")[2]: array for name, array in executable.statistics.items()}
    assert held["running_mean"].tolist() == [0.0] * 4
    assert held["running_var"].tolist() == [1.0] * 4
    assert held["num_batches_tracked"] == 0
    assert not any(state.any() for state in executable.states.values())
    assert executable.parameters["norm1.weight"].tolist() == [1.0] * 4


def test_the_padding_between_parameters_stays_zero() -> None:
    executable = dense()
    vector = executable.memory.view("predict", ":parameters", 1)
    held = {row.offset + i for row in executable.program.parameters for i in range(row.size)}
    rest = sorted(set(range(vector.size)) - held)
    assert rest
    assert not vector[rest].any()


def numpy_reference(seed: int, sizes: list[int]) -> list[Array]:
    """Return weights and biases as data/seed/README.md has them: (in, out) and (1, out) from one stream."""
    legacy = np.random.RandomState(seed)
    made: list[Array] = []
    for inner, outer in pairwise(sizes):
        bound = 1.0 / np.sqrt(inner)
        made.append((legacy.rand(inner, outer) - 0.5) * 2 * bound)
        made.append((legacy.rand(1, outer) - 0.5) * 2 * bound)
    return made


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_numpy_stream_is_that_of_the_tutorial(seed: int) -> None:
    sizes = [2, 5, 3, 1]
    plain = network(
        {f"linear{i}": linear(size) for i, size in enumerate(sizes[1:], 1)},
        inputs={"x": {"shape": [2]}},
        seed=seed,
        dtype="float64",
    )
    plain["training"] = {"initialization": {"stream": "numpy"}}
    executable = started(compiled(plain), "numpy")
    expected = numpy_reference(seed, sizes)
    for index in range(3):
        weight, bias = expected[2 * index : 2 * index + 2]
        np.testing.assert_array_equal(executable.parameters[f"linear{index + 1}.weight"], weight.T)
        np.testing.assert_array_equal(executable.parameters[f"linear{index + 1}.bias"], bias[0])


@pytest.mark.parametrize("stream", ["torch", "numpy"])
def test_compatibility_streams_draw_what_is_known_only(stream: str) -> None:
    plain = network({"a": linear(3, init={"weight": "trunc_normal"})})
    plain["training"] = {"initialization": {"stream": stream}}
    with pytest.raises(UsageError) as caught:
        started(compiled(plain), stream)
    assert caught.value.code == "GN712"
    assert "a.weight is truncated" in caught.value.message


@pytest.mark.parametrize("stream", ["torch", "numpy"])
def test_layers_are_drawn_in_the_order_of_the_file(stream: str) -> None:
    def first(layers: dict[str, Any]) -> dict[str, Array]:
        plain = network(layers, outputs=["a", "z"])
        plain["training"] = {"initialization": {"stream": stream}}
        return started(compiled(plain), stream).parameters

    a, z = {"a": linear(4, inputs="x")}, {"z": linear(4, inputs="x")}
    one, other = first({**a, **z}), first({**z, **a})
    np.testing.assert_array_equal(one["a.weight"], other["z.weight"])
    np.testing.assert_array_equal(one["z.bias"], other["a.bias"])


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
@pytest.mark.parametrize("sizes", [[2, 5, 3, 1], [1, 1], [784, 33, 10], [3, 6, 7, 11, 13, 17, 19]])
def test_torchs_first_weights(dtype: str, seed: int, sizes: list[int]) -> None:
    """To the last bit in float32; in float64 torch rounds once where NumPy rounds twice."""
    torch = pytest.importorskip("torch")
    plain = network(
        {f"l{i}": linear(size) for i, size in enumerate(sizes[1:])},
        inputs={"x": {"shape": [sizes[0]]}},
        seed=seed,
        dtype=dtype,
    )
    plain["training"] = {"initialization": {"stream": "torch"}}
    ours = started(compiled(plain), "torch").parameters
    torch.manual_seed(seed)
    for index, (inner, outer) in enumerate(pairwise(sizes)):
        theirs = torch.nn.Linear(inner, outer, dtype=getattr(torch, dtype))
        for name, tensor in theirs.named_parameters():
            allowed = 0.0 if dtype == "float32" else 2.0**-52
            np.testing.assert_allclose(
                ours[f"l{index}.{name}"], tensor.detach().numpy(), rtol=0.0, atol=allowed
            )
